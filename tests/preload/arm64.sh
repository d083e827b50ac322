#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The VMM's side, built for arm64, and a VMM for arm64 that runs on another
# processor: under an emulator of user programs, against a daemon that is not.
set -eu
# shellcheck source=tests/preload/lib.sh
. "${srcdir:-.}/tests/preload/lib.sh"

skip() {
	echo "SKIP: $*"
	exit 77
}
host=aarch64-linux-gnu
command -v $host-gcc >/dev/null || skip "no $host-gcc"
command -v qemu-aarch64 >/dev/null || skip "no qemu-aarch64"
[ -e "$srcdir/config.status" ] &&
	skip "the source is configured where it is: build it elsewhere"
root=${RMM_ARM64_SYSROOT-}
[ -e "$root/usr/lib/$host/libprotobuf-c.a" ] ||
	skip "no libprotobuf-c for arm64: see RMM_ARM64_SYSROOT in CONTRIBUTING.md"
libc=$(dirname "$($host-gcc -print-file-name=libc.so.6)")
libc=$(cd "$libc/.." && pwd)

mkdir "$tmp/build"
(
	cd "$tmp/build"
	unset CC CFLAGS MAKEFLAGS MFLAGS MAKELEVEL
	"$srcdir/configure" --silent --host=$host --disable-daemon \
		PROTOBUF_C_CFLAGS="-I$root/usr/include" \
		PROTOBUF_C_LIBS="-L$root/usr/lib/$host -lprotobuf-c" &&
		make -s -j2
) >"$tmp/out" 2>"$tmp/err" || die "it does not build"
shim=$tmp/build/.libs/librmm-kvm-preload.so
$host-gcc -std=c11 -O1 -I"$srcdir/include" -pthread -o "$tmp/vmm" \
	"$srcdir/tests/preload/vmm.c" || die "the VMM does not build"

emulated() {
	local profile=$1
	shift
	run 0 --profile "$profile" --preload "$shim" \
		--emulator "qemu-aarch64 -L $libc" "$@" "$tmp/vmm" "$profile"
	said out '^[0-9]+ realm\(s\) went off$'
}
for profile in $(profiles); do
	emulated "$profile"
done
# What the emulator does otherwise: memory that is not there, and signals.
for words in "v12 gap" "v13 gap" "v13 rain" "v13 cycles=5 vcpus=4"; do
	# shellcheck disable=SC2086
	run 0 --profile "${words%% *}" --preload "$shim" \
		--emulator "qemu-aarch64 -L $libc" "$tmp/vmm" $words
done
emulated v13 --report --populate-limit 16p
said err '^it asked for capability 248, .* the profile fits$'
said err '^populate: 32 call'
