#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# rmmctl token: fetched, shown, saved and verified; and what is not refused
# although it should be.
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0" --seed 5

# flip FILE BYTE: a copy in broken, with one bit of this byte changed.
flip() {
	local byte
	byte=$(od -An -tu1 -j"$2" -N1 "$1")
	cp "$1" broken
	printf '%b' "\\0$(printf '%o' $((byte ^ 4)))" |
		dd of=broken bs=1 seek="$2" conv=notrunc status=none
}

# refused WHY COMMAND...
refused() {
	local why=$1
	shift
	run "$@"
	expect_status 1 "$*"
	expect_err "^rmmctl: the token is refused: $why" "$*"
}

shell_ok 'two realms' <<-'END'
	let next = g16
	repeat 4
		RMI_GRANULE_DELEGATE $next
		let next = $next+4K
	end
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 rpv=6162 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g0
	expect RMI_SUCCESS
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 vmid=8 hash_algo=sha-512 rtt_base=g19 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g18 g0
	expect RMI_SUCCESS
END
checks='binding challenge hash-algorithm platform-claims platform-signature'
checks+=' realm-claims realm-signature rems rim rpv'

# As text and as JSON, against what rmmctl realm says.
run "$rmmctl" token r0 --challenge 0A0b --out token
expect_status 0 'token'
expect_out '^wrapper +399$' 'token'
expect_out "^size +$(stat -c %s token) bytes$" 'token'
expect_out '^  challenge +0a0b0{124}$' 'token'
expect_out '^  rpv +61620{124}$' 'token'
expect_out '^  profile +tag:arm.com,2023:realm#1.0.0$' 'token'
expect_out '^  lifecycle +0x3000$' 'token'
expect_out '^    type +RMM$' 'token'
for check in $checks; do
	expect_out "^  $check +good$" 'token'
done
rim=$("$rmmctl" realm r0 | awk '$1 == "rim" { print $2 }')
expect_out "^  rim +$rim$" 'the RIM'
run "$rmmctl" --json token r0 --challenge 0a0b
expect_json '.verified and .wrapper == 399 and .realm.rim == "'"$rim"'" and
	(.realm.rems | length == 4 and all(. == "0" * 64)) and
	.platform.lifecycle == 12288 and .platform.config == "00000000" and
	(.platform.sw_components | map(.type) == ["BL", "RMM"]) and
	(.checks | keys | join(" ") == "'"${checks//-/_}"'") and
	(.checks | all(.good))' 'token as JSON'
run "$rmmctl" token '#1' --out other
expect_status 0 'a realm with SHA-512'
expect_out '^  hash-algorithm +sha-512$' 'a realm with SHA-512'
expect_out '^  rim +[0-9a-f]{128}$' 'a realm with SHA-512'

# The same challenge gives the same bytes; without one, it is another one.
"$rmmctl" token r0 --challenge 0a0b --out again >/dev/null
cmp -s token again || fail 'the same challenge gives another token'
"$rmmctl" token r0 --out again >/dev/null
! cmp -s token again || fail 'the challenges are not drawn'

# A file: with what is known of it, with a realm, with a key.
run "$rmmctl" token --in token
expect_status 0 'a file'
run "$rmmctl" token --in token --challenge 0a0b r0
expect_status 0 'a file, its challenge and realm'
for form in pem jwk rak-pem rak-jwk; do
	"$rmmctl" token --public-key $form >key.$form || fail "--public-key $form"
done
head -1 key.pem | grep -q '^-----BEGIN PUBLIC KEY-----$' || fail 'the PEM'
for form in pem jwk; do
	run "$rmmctl" --control nothing token --in token --key key.$form
	expect_status 0 "a file without a daemon, by $form"
	expect_out '^  platform-signature +good$' "a file by $form"
done

# What is wrong is refused, and shown all the same.
for form in pem jwk; do
	refused 'platform-signature: it was not made by the key' \
		"$rmmctl" token r0 --key key.rak-$form
	expect_out '^  platform-signature +BAD: it was not made' 'a wrong key'
	expect_out '^  realm-signature +good$' 'a wrong key'
done
refused 'challenge: it is another one' \
	"$rmmctl" token --in token --challenge 0a0c
run "$rmmctl" --json token --in token --challenge 0a0c
expect_status 1 'another challenge, as JSON'
expect_json '.verified == false and .checks.challenge.good == false and
	(.checks.challenge.why | test("another"))' 'another challenge'
refused "(rpv|hash-algorithm): it is not the realm's" \
	"$rmmctl" token --in token r1
# Somewhere in the head, the claims, and the signatures.
size=$(stat -c %s token)
for at in 0 2 5 9 12 20 60 100 400 "$((size / 3))" 500 700 900 \
	"$((size - 100))" "$((size - 90))" "$((size - 1))"; do
	flip token "$at"
	run "$rmmctl" token --in broken
	expect_status 1 "a bit of byte $at"
	[ -n "$err" ] || fail "a bit of byte $at: no reason"
done
flip token 100
refused 'platform-signature' "$rmmctl" token --in broken
flip token $((size - 1))
refused 'realm-signature' "$rmmctl" token --in broken
head -c 500 token >broken
run "$rmmctl" token --in broken
expect_status 1 'half a token'
expect_err 'not a CCA attestation token: .* at byte [0-9]+' 'half a token'
cat token token >broken
run "$rmmctl" token --in broken
expect_status 1 'two tokens'
expect_err 'something follows' 'two tokens'

# A platform token with the realm token of another RAK.
RMMCTL_TEST_INSIDE=1 "$builddir/rmmd" --no-config --log-level error --seed 6 \
	--run "$rmmctl" token --public-key pem >key.six
refused 'platform-signature' "$rmmctl" token r0 --key key.six

# Files that are none.
head -c 1048577 /dev/zero >large
for file in nothing . large key.pem /dev/null; do
	run "$rmmctl" token --in $file
	expect_status 1 "--in $file"
	run "$rmmctl" token r0 --key "${file/key.pem/token}"
	expect_status 1 "--key $file"
done
echo '{"kty":"EC","crv":"P-256"}' >key
run "$rmmctl" token r0 --key key
expect_err 'key: not a key of the curve P-384' 'another curve'
sed 's/"x":"./"x":"/' key.jwk >key
run "$rmmctl" token r0 --key key
expect_err 'key: x and y of a JWK are 48 bytes' 'a short x'
sed 's/"x":"....../"x":"AAAAAA/' key.jwk >key
run "$rmmctl" token r0 --key key
expect_err 'key: no point of the curve' 'not on the curve'
run "$rmmctl" token r0 --out nowhere/token
expect_status 1 '--out nowhere'
expect_err 'cannot write nowhere/token: No such file' '--out nowhere'

# The command line.
for hex in '' 0 0x00 xy "$(printf '%0130d' 0)"; do
	run "$rmmctl" token r0 --challenge "$hex"
	expect_status 2 "--challenge '$hex'"
done
run "$rmmctl" token r0 --challenge "$(printf '%0128d' 7)"
expect_status 0 'a challenge of 64 bytes'
run "$rmmctl" token --in token --out other
expect_status 2 '--in and --out'
run "$rmmctl" token --public-key der
expect_status 2 '--public-key der'
expect_err 'none of pem, jwk, rak-pem, rak-jwk' '--public-key der'
run "$rmmctl" token 0x1000
expect_status 1 'no such realm'
finish
