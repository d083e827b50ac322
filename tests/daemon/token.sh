#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Options about attestation tokens: what is refused, and with what reason.  What
# they do is seen in the tokens: tests/rmmctl/token.sh.
# shellcheck source=tests/daemon/lib.sh
. "${srcdir:-.}/tests/daemon/lib.sh"

# wrong PATTERN LINE: a file of this line is refused with this message.
wrong() {
	printf '%s\n' "$2" >"$tmp/conf"
	expect 2 "$rmmd" --config "$tmp/conf" --run true
	said err "$1"
}

# good LINE...: a machine of these lines starts.
good() {
	printf '%s\n' "$@" >"$tmp/conf"
	expect 0 "$rmmd" --config "$tmp/conf" --run true
}

# repeat N TEXT
repeat() {
	i=0
	while [ $i -lt "$1" ]; do
		printf '%s' "$2"
		i=$((i + 1))
	done
}

h32=$(repeat 32 5a)
h33=01$h32
h48=$(repeat 48 a5)
h64=$(repeat 64 00)
component="measurement=$h32,signer=$h48"

good 'token-profile = legacy' 'token-platform-profile = 2024' \
	'token-wrapper = 907' 'token-rak-hash = sha-512' \
	"token-implementation-id = $h32" "token-instance-id = $h33" \
	'token-lifecycle = 0x30ff' 'token-config = none' \
	"token-sw-component = $component,type=BL,version=1 # two" \
	"token-sw-component = measurement=$h64,signer=$h64,hash=sha-512" \
	"token-sw-component = $component,lfa=no,countersigner=$h64" \
	"token-tbb-rotpk = name=CM,array=0,index=2147483647,hash=$h32" \
	"token-tbb-rotpk = name=DM,hash=$h64" "token-peer-signers = $h33" \
	'token-verification-service = https://example.org/a#b' \
	'token-hash = sha-512' 'token-client-id = 2147483647' \
	"token-manufacturing-config = $(repeat 256 0A)" \
	'token-mec = private' 'token-lfa = 3'
good 'token-verification-service = none' 'token-lfa = none'

wrong ':1: token-profile: "2025" is none of default|legacy|2023|2024' \
	'token-profile = 2025'
wrong ':1: token-profile: "20" is none of' 'token-profile = 20'
wrong ':1: token-platform-profile: "x" is none of' \
	'token-platform-profile = x'
wrong ':1: token-wrapper: "400" is none of default|399|907' \
	'token-wrapper = 400'
wrong ':1: token-rak-hash: "sha-1" is none of sha-256|sha-384|sha-512' \
	'token-rak-hash = sha-1'
wrong ':1: token-implementation-id: 31 bytes, must be 32' \
	"token-implementation-id = $(repeat 31 00)"
wrong ':1: token-implementation-id: "xyz" are no bytes' \
	'token-implementation-id = xyz'
wrong ':1: token-implementation-id: "000" are no bytes' \
	'token-implementation-id = 000'
wrong ':1: token-instance-id: the first byte must be 01' \
	"token-instance-id = 02$h32"
wrong ':1: token-lifecycle: 65536 is out of range (0 to 65535)' \
	'token-lifecycle = 65536'
wrong ':1: token-config: 257 bytes, must be 0 to 256' \
	"token-config = $(repeat 257 00)"
wrong ':1: token-sw-component: "BL" has no .=. in it' \
	'token-sw-component = BL'
wrong ':1: token-sw-component: "size" is none of type, measurement' \
	'token-sw-component = size=1'
wrong ':1: token-sw-component: signer: 33 bytes are none of 32, 48, 64' \
	"token-sw-component = measurement=$h32,signer=$h33"
wrong ':1: token-sw-component: a component needs measurement=HEX and signer' \
	"token-sw-component = measurement=$h32"
wrong ':1: token-sw-component: version: "1111.*" has more than 63 bytes' \
	"token-sw-component = $component,version=$(repeat 64 1)"
wrong ':1: token-sw-component: ".*" is too long' \
	"token-sw-component = $component,type=$(repeat 1000 1)"
wrong ':1: token-sw-component: lfa: "on" is none of yes, no' \
	"token-sw-component = $component,lfa=on"
wrong ':1: token-sw-component: countersigner: more than 4 of them' \
	"token-sw-component = $component$(repeat 5 ",countersigner=$h32")"
wrong ':1: token-tbb-rotpk: "key" is none of name, array, index, hash' \
	'token-tbb-rotpk = key=1'
wrong ':1: token-tbb-rotpk: a key needs name=CM or DM, hash=HEX' \
	"token-tbb-rotpk = hash=$h32"
wrong ':1: token-tbb-rotpk: index: "x" is not a number' \
	"token-tbb-rotpk = index=x"
wrong ':1: token-peer-signers: 257 bytes, must be 0 to 256' \
	"token-peer-signers = $(repeat 257 00)"
wrong ':1: token-verification-service: ".*" has more than 255 bytes' \
	"token-verification-service = $(repeat 256 x)"
wrong ':1: token-client-id: "one" is not a number' 'token-client-id = one'
wrong ':1: token-client-id: "none" is not a number' 'token-client-id = none'
wrong ':1: token-mec: "on" is none of shared|private' 'token-mec = on'
wrong ':1: token-lfa: 2147483648 is out of range' 'token-lfa = 2147483648'

# Seventeen are too many; those of the command line replace the file's.
repeat 17 "token-sw-component = $component
" >"$tmp/conf"
expect 2 "$rmmd" --config "$tmp/conf" --run true
said err ':17: token-sw-component: more than 16 software components'
sed -i 1d "$tmp/conf"
expect 0 "$rmmd" --config "$tmp/conf" --run true
expect 0 "$rmmd" --config "$tmp/conf" --token-sw-component "$component" \
	--run true

# A text that is no UTF-8 is found when the machine is made.
printf 'token-hash = \377\n' >"$tmp/conf"
expect 125 "$rmmd" --config "$tmp/conf" --run true
said err 'platform.s hash algorithm is not UTF-8'

# Keys: the file is named, and what is wrong with it.
wrong ":1: cpak: cannot read $tmp/no: No such file" "cpak = $tmp/no"
wrong ":1: rak: cannot read $tmp: Is a directory" "rak = $tmp"
echo 'no key' >"$tmp/key"
wrong ":1: rak: $tmp/key: no private key in PEM" "rak = $tmp/key"
head -c 65537 /dev/zero >"$tmp/key"
wrong ":1: rak: $tmp/key is too large for a key" "rak = $tmp/key"
cat >"$tmp/key" <<'END'
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghgtJn39Yqc7oakmE
Wc8Hwl0aHdaafkdnAlu0u3XKNXahRANCAATH5xKXG0HaFQb+Z9oosEuq0nx7ftrB
DcaMHDARtRKO9u5fRsJMq6ntlG2IcT5eZAtNwi/YJJX/A49TSduH4W8o
-----END PRIVATE KEY-----
END
wrong ":1: cpak: $tmp/key: not a key of the curve P-384" "cpak = $tmp/key"
cat >"$tmp/key" <<'END'
-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDCkomZHDHJO9uL6miTwTVB+dhhAe6a0PyhcuuNSFkmhiExnpEpYPt1O
lmzTtebXVAGgBwYFK4EEACKhZANiAARR3ykNpY7bh75DlsZAkuCEjl+J+vItA5nT
jmsmhHC+EIb58VDtGcWP5bbPR5d285sS7LTVKQMtFLYATnXCEyh4swqKFRogO91n
pINJ8kupPfKD72FO2pYi0Zyp62nvhMQ=
-----END EC PRIVATE KEY-----
END
good "cpak = $tmp/key" "rak = $tmp/key"
expect 0 "$rmmd" --rak "$tmp/key" --run true
# A pipe can be read once only.
# shellcheck disable=SC2016
expect 0 sh -c 'cat "$1" | "$0" --no-config --cpak /dev/stdin --run true' \
	"$rmmd" "$tmp/key"
