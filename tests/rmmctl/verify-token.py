#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Verify attestation tokens with code that shares nothing with rmmd's.

    verify-token.py DIR...           each of them must verify
    verify-token.py --refuse DIR...  none of them may

A directory holds what a relying party has: token, cpak.pem, cpak.jwk,
challenge (hexadecimal digits), realm.json (rmmctl --json realm), and form: the
wrapper's tag, the realm's profile and the platform's.  If there is a file
extends, the realm has extended its measurements so.
"""
import base64
import hashlib
import json
import pathlib
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

REALM_PROFILES = {
    "legacy": None,
    "2023": "tag:arm.com,2023:realm#1.0.0",
    "2024": "tag:arm.com,2024:realm#2.0.0",
}
PLATFORM_PROFILES = {
    "legacy": "http://arm.com/CCA-SSD/1.0.0",
    "2023": "tag:arm.com,2023:cca_platform#1.0.0",
    "2024": "tag:arm.com,2024:cca_platform#2.0.0",
}
HASHES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}


class Refused(Exception):
    pass


def require(truth, why):
    if not truth:
        raise Refused(why)


def number(encoded):
    return int.from_bytes(encoded, "big")


def is_bytes(value, *sizes):
    return type(value) is bytes and (not sizes or len(value) in sizes)


def is_hash(value):
    return is_bytes(value, *HASHES.values())


def is_text(value):
    return type(value) is str


def is_int(value, low, high):
    return type(value) is int and low <= value <= high


def is_rems(value):
    return type(value) is list and len(value) == 4 and all(map(is_hash, value))


def is_list(value, is_item):
    return type(value) is list and value and all(map(is_item, value))


def is_map(value, types, needed):
    return (type(value) is dict and needed <= set(value) <= set(types)
            and all(types[key](value[key]) for key in value))


COMPONENT = {1: is_text, 2: is_hash, 4: is_text, 5: is_hash, 6: is_text}
COMPONENT_2024 = {
    **COMPONENT,
    7: lambda v: type(v) is bool,
    8: lambda v: is_list(v, is_hash),
}
ROTPK = {
    1: lambda v: v in ("CM", "DM"),
    2: lambda v: is_int(v, -2**31, 2**31 - 1),
    3: lambda v: is_int(v, -2**31, 2**31 - 1),
    4: is_hash,
}


# Label: what the value is, and whether it must be there.
REALM = {
    10: (lambda v: is_bytes(v, 64), True),
    265: (is_text, False),
    44235: (lambda v: is_bytes(v, 64), True),
    44236: (lambda v: v in HASHES, True),
    44237: (is_bytes, True),
    44238: (is_hash, True),
    44239: (is_rems, True),
    44240: (lambda v: v in HASHES, True),
}
REALM_2024 = {
    256: (lambda v: is_bytes(v, 33) and v[0] == 1, True),
    44243: (lambda v: is_int(v, 0, 1), True),
    44244: (lambda v: is_int(v, 0, 2**31 - 1), False),
}
PLATFORM = {
    10: (is_hash, True),
    256: (lambda v: is_bytes(v, 33) and v[0] == 1, True),
    265: (is_text, True),
    2395: (lambda v: is_int(v, 0, 0x60ff) and v >> 8 & 0xf == 0, True),
    2396: (lambda v: is_bytes(v, 32), True),
    2399: (lambda v: is_list(v, lambda c: is_map(c, COMPONENT, {2, 5})), True),
    2400: (is_text, False),
    2401: (is_bytes, True),
    2402: (is_text, True),
}
PLATFORM_2024 = {
    2394: (lambda v: is_int(v, 1, 1), True),
    2399: (lambda v: is_list(v, lambda c: is_map(c, COMPONENT_2024, {2, 5})),
           True),
    2403: (is_bytes, False),
    2405: (lambda v: is_list(v, lambda k: is_map(k, ROTPK, set(ROTPK))),
           False),
    2406: (is_bytes, False),
}


def decode(encoded, what):
    """One item, nothing after it, and no other way to write it."""
    try:
        item = cbor2.loads(encoded)
    except Exception as error:
        raise Refused(f"{what}: {error}") from error
    require(cbor2.dumps(item) == encoded, f"{what}: not in its shortest form")
    return item


def check_map(claims, rows, what):
    require(type(claims) is dict, f"{what}: no map")
    for label, (good, needed) in rows.items():
        require(label in claims or not needed, f"{what}: {label} is missing")
        require(label not in claims or good(claims[label]),
                f"{what}: {label} is malformed")
    require(set(claims) <= set(rows), f"{what}: has more than it should")


def open_sign1(encoded, what):
    message = decode(encoded, what)
    require(isinstance(message, cbor2.CBORTag) and message.tag == 18,
            f"{what}: no tag 18")
    require(type(message.value) is list and len(message.value) == 4,
            f"{what}: no array of four")
    protected, unprotected, payload, signature = message.value
    require(decode(protected, what) == {1: -35}, f"{what}: not ES384")
    require(unprotected == {}, f"{what}: has an unprotected header")
    require(is_bytes(payload) and is_bytes(signature, 96),
            f"{what}: payload or signature")
    return protected, payload, signature


def verify(key, parts, what):
    protected, payload, signature = parts
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    der = utils.encode_dss_signature(
        number(signature[:48]), number(signature[48:]))
    try:
        key.verify(der, message, ec.ECDSA(hashes.SHA384()))
    except InvalidSignature as error:
        raise Refused(f"{what}: wrong signature") from error


def realm_key(claim, legacy):
    if legacy:
        require(is_bytes(claim, 97), "44237 is no point")
        return ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP384R1(), claim)
    key = decode(claim, "44237")
    require(set(key) == {1, -1, -2, -3} and key[1] == 2 and key[-1] == 2
            and is_bytes(key[-2], 48) and is_bytes(key[-3], 48),
            "44237 is no COSE_Key of P-384")
    return ec.EllipticCurvePublicNumbers(
        number(key[-2]), number(key[-3]), ec.SECP384R1()).public_key()


def platform_key(directory):
    """The key in both of its forms."""
    pem = serialization.load_pem_public_key(
        (directory / "cpak.pem").read_bytes())
    jwk = json.loads((directory / "cpak.jwk").read_text())
    require((jwk["kty"], jwk["crv"], jwk["alg"]) == ("EC", "P-384", "ES384"),
            "the JWK is of another kind")
    for name, mine in (("x", pem.public_numbers().x),
                       ("y", pem.public_numbers().y)):
        text = jwk[name]
        padded = text + "=" * (-len(text) % 4)
        require(number(base64.urlsafe_b64decode(padded)) == mine,
                "the JWK is another key than the PEM")
    return pem


def members(encoded, wrapper):
    token = decode(encoded, "token")
    require(isinstance(token, cbor2.CBORTag) and token.tag == wrapper,
            f"no tag {wrapper}")
    require(type(token.value) is dict and set(token.value) == {44234, 44241},
            "the collection has other members")
    values = [token.value[44234], token.value[44241]]
    if wrapper == 907:
        require(all(type(v) is list and len(v) == 2 and v[0] == 263
                    for v in values), "no [263, bytes]")
        values = [v[1] for v in values]
    return values


def check_realm(claims, realm, challenge):
    size = HASHES[claims[44236]]
    require(claims[10] == challenge, "another challenge")
    require(claims[44235].hex() == realm["rpv"], "another rpv")
    require(claims[44236] == realm["hash_algo"], "another algorithm")
    require(claims[44238].hex() == realm["rim"], "another RIM")
    require([rem.hex() for rem in claims[44239]] == realm["rems"],
            "other REMs")
    require(all(len(m) == size for m in [claims[44238]] + claims[44239]),
            "measurements of another length")


def check_extends(claims, extends):
    """TF-RMM's rule: the old digest and the bytes that were given."""
    name, size = claims[44236], HASHES[claims[44236]]
    rems = [bytes(size)] * 4
    for line in extends.splitlines():
        index, length, *value = line.split()
        value = bytes.fromhex("".join(value)).ljust(64, b"\0")
        index = int(index) - 1
        rems[index] = hashlib.new(
            name.replace("-", ""), rems[index] + value[:int(length)]).digest()
    require(rems == claims[44239], "the REMs are not what was extended")
    require(rems[2] == bytes(size) and len(set(rems)) == 4, "REMs are alike")


def check(directory):
    wrapper, realm_profile, platform_profile = (
        directory / "form").read_text().split()
    challenge = bytes.fromhex((directory / "challenge").read_text())
    realm = json.loads((directory / "realm.json").read_text())
    encoded = (directory / "token").read_bytes()
    platform_token, realm_token = members(encoded, int(wrapper))

    parts = open_sign1(platform_token, "platform token")
    verify(platform_key(directory), parts, "platform token")
    platform = decode(parts[1], "platform claims")
    check_map(platform, {**PLATFORM, **(
        PLATFORM_2024 if platform_profile == "2024" else {})}, "platform")
    require(platform[265] == PLATFORM_PROFILES[platform_profile],
            "another platform profile")

    parts = open_sign1(realm_token, "realm token")
    claims = decode(parts[1], "realm claims")
    check_map(claims, {**REALM, **(
        REALM_2024 if realm_profile == "2024" else {})}, "realm")
    require(claims.get(265) == REALM_PROFILES[realm_profile],
            "another realm profile")
    verify(realm_key(claims[44237], realm_profile == "legacy"), parts,
           "realm token")
    digest = hashlib.new(claims[44240].replace("-", ""), claims[44237])
    require(platform[10] == digest.digest(), "not bound to the realm's key")
    check_realm(claims, realm, challenge.ljust(64, b"\0"))
    extends = directory / "extends"
    if extends.exists():
        check_extends(claims, extends.read_text())


def main():
    refuse = sys.argv[1:2] == ["--refuse"]
    directories = sys.argv[1 + refuse:]
    failed = not directories
    for directory in map(pathlib.Path, directories):
        try:
            check(directory)
            print(f"{directory}: verified")
            failed |= refuse
        except Refused as why:
            print(f"{directory}: refused: {why}")
            failed |= not refuse
    sys.exit(failed)


main()
