#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Tokens of each form and of other claims, verified by rmmctl and by a program
# of another language with other libraries (verify-token.py).
. "${srcdir:-.}/tests/rmmctl/lib.sh"
if ! command -v jq >/dev/null; then
	echo 'jq is not here' && exit 77
fi
for python in python3 /usr/bin/python3 ''; do
	! "$python" -c 'import cbor2, cryptography' 2>/dev/null || break
done
if [ -z "$python" ]; then
	echo 'no Python with cbor2 and cryptography is here' && exit 77
fi
# One key as openssl ecparam writes it, and one as PKCS #8.
openssl ecparam -name secp384r1 -genkey -noout -out cpak
openssl ecparam -name secp384r1 -genkey -noout |
	openssl pkcs8 -topk8 -nocrypt -out rak
[ -s cpak ] || fail 'openssl makes no key'
[ -s rak ] || fail 'openssl makes no PKCS #8 key'

# A realm, entered once.
cat >realm.rmm <<-'END'
	let next = g16
	repeat 24
		RMI_GRANULE_DELEGATE $next
		let next = $next+4K
	end
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 rpv=6162 hash_algo=@HASH@ rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g0
	expect RMI_SUCCESS
	rec-params g0 flags=1 pc=0x1000 num_aux=16 aux=g20:16
	RMI_REC_CREATE g16 g18 g0
	expect RMI_SUCCESS
	RMI_REALM_ACTIVATE g16
	expect RMI_SUCCESS
	rec-run g2 flags=4
	RMI_REC_ENTER g18 g2
	expect RMI_SUCCESS
END
# What a realm does that extends its measurements, and the same for the verifier:
# index, size and bytes.
cat >script <<-'END'
	RSI_MEASUREMENT_EXTEND 1 8 0x0807060504030201 0 0 0 0 0 0 0
	expect RSI_SUCCESS
	RSI_MEASUREMENT_EXTEND 1 3 0x0807060504030201 0 0 0 0 0 0 0
	RSI_MEASUREMENT_EXTEND 2 0 0x1 0 0 0 0 0 0 0
	RSI_MEASUREMENT_EXTEND 4 64 1 2 3 4 5 6 7 0x0102030405060708
	expect RSI_SUCCESS
	wfi
END
cat >extends <<-'END'
	1 8 0102030405060708
	1 3 010203
	2 0
	4 64 01000000000000000200000000000000030000000000000004000000000000000500000000000000060000000000000007000000000000000807060504030201
END
# Runs inside a machine: what a relying party needs, into the directory $1.
cat >collect <<-'END'
	set -e
	sed "s/@HASH@/$2/" realm.rmm >"$1/realm.rmm"
	"$rmmctl" shell "$1/realm.rmm" >/dev/null
	echo 00112233 >"$1/challenge"
	"$rmmctl" --json realm >"$1/realm.json"
	"$rmmctl" token --challenge 00112233 --out "$1/token" >"$1/text"
	"$rmmctl" token --public-key pem >"$1/cpak.pem"
	"$rmmctl" token --public-key jwk >"$1/cpak.jwk"
END
export rmmctl

# collect DIRECTORY HASH FORM OPTION...
collect() {
	local directory=$1 hash=$2 form=$3
	shift 3
	mkdir "$directory"
	echo "$form" >"$directory/form"
	run "$builddir/rmmd" --no-config --log-level error "$@" \
		--run bash collect "$directory" "$hash"
	expect_status 0 "$directory"
}

for wrapper in 399 907; do
	for realm in legacy 2023 2024; do
		for platform in legacy 2023 2024; do
			collect "$wrapper-$realm-$platform" sha-256 \
				"$wrapper $realm $platform" \
				--token-wrapper $wrapper \
				--token-profile $realm \
				--token-platform-profile $platform
		done
	done
done
# The defaults, and other claims, one by one and together.
h32=$(printf '%064d' 7)
h48=$(printf '%096d' 8)
component="type=A,measurement=$h48,signer=$h32"
collect defaults sha-512 '399 2023 2023'
collect default-legacy sha-256 '399 legacy legacy' --token-profile legacy
collect default-2024 sha-256 '907 2024 2023' --token-profile 2024
collect keys sha-256 '399 2023 2023' --cpak cpak --rak rak
collect claims sha-512 '907 2024 2024' --token-profile 2024 \
	--token-platform-profile 2024 --token-rak-hash sha-512 \
	--token-implementation-id "$h32" --token-instance-id "01$h32" \
	--token-lifecycle 0x4001 --token-config none \
	--token-sw-component "$component" \
	--token-sw-component "measurement=$h32,signer=$h48,version=2,hash=x" \
	--token-verification-service https://example.org/ \
	--token-hash sha-384 --token-manufacturing-config 0102 \
	--token-sw-component "$component,lfa=yes,countersigner=$h48" \
	--token-tbb-rotpk "name=CM,array=1,index=2,hash=$h32" \
	--token-peer-signers 0304 --token-mec private --token-lfa 2
collect rak-384 sha-256 '399 2023 2023' --token-rak-hash sha-384
# A realm that extends its measurements.
for hash in sha-256 sha-512; do
	collect rems-$hash $hash '399 2023 2023' \
		--realm "script $workdir/script"
	cp extends rems-$hash
done
"$python" "$srcdir/tests/rmmctl/verify-token.py" ./*/ >log 2>&1 ||
	fail "$(cat log)"
[ "$(grep -c verified log)" = 26 ] || fail "not 26 tokens: $(cat log)"

# What the claims were set to.
out=$(cat claims/text)
expect_out "^  implementation-id +$h32$" 'implementation id'
expect_out "^  instance-id +01$h32$" 'instance id'
expect_out '^  lifecycle +0x4001$' 'lifecycle'
expect_out '^  config +\(no bytes\)$' 'config'
expect_out '^  software component 2$' 'components'
expect_out '^    version +2$' 'components'
[ "$(grep -c 'software component' claims/text)" = 3 ] || fail 'components'
expect_out '^  verification-service +https://example.org/$' 'URL'
expect_out '^  manufacturing-config +0102$' 'manufacturing config'
expect_out '^    lfa +true$' 'LFA of a component'
expect_out '^    countersigners +CBOR 815830[0-9]{95}8$' 'countersigner'
expect_out '^  tbb-rotpk +CBOR 81a40162434d02010302045820[0-9]+7$' 'TBB ROTPK'
expect_out '^  peer-signers +0304$' 'peer signers'
expect_out '^  client-id +1$' 'client id'
expect_out '^  mec-policy +1$' 'MEC'
expect_out '^  lfa-policy +2$' 'LFA'
openssl ec -in cpak -pubout 2>/dev/null | cmp -s - keys/cpak.pem ||
	fail 'the CPAK is not the one in the file'
cmp -s defaults/cpak.pem 399-2023-2023/cpak.pem ||
	fail 'the same seed has other keys'

# What must be refused: a bit here and there, another challenge, another key.
mkdir refuse
for at in 3 30 150 390 410 440 600 800 1000 1070; do
	cp -r 399-2023-2023 "refuse/bit-$at"
	byte=$(od -An -tu1 -j$at -N1 399-2023-2023/token)
	printf '%b' "\\0$(printf '%o' $((byte ^ 1)))" |
		dd of="refuse/bit-$at/token" bs=1 seek=$at conv=notrunc \
			status=none
done
cp -r 907-2024-2023 refuse/challenge
echo 00112234 >refuse/challenge/challenge
cp -r 399-legacy-2023 refuse/key
cp keys/cpak.* refuse/key
cp -r 399-2023-2023 refuse/jwk
cp keys/cpak.jwk refuse/jwk
cp -r defaults refuse/realm
cp 399-2023-2023/realm.json refuse/realm
cp -r rems-sha-256 refuse/rems
sed -i 's/^1 3/1 4/' refuse/rems/extends
"$python" "$srcdir/tests/rmmctl/verify-token.py" --refuse refuse/* \
	>log 2>&1 || fail "$(cat log)"
[ "$(grep -c 'refused: ' log)" = 15 ] || fail "not 15 refused: $(cat log)"
finish
