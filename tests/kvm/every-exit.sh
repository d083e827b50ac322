#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The script that walks through every exit, against rmm-launch, under every
# posting; and what rmm-launch says and does about single ones.
set -eu

srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset RMMD_SOCKET RMMD_CONTROL
echo kernel >"$tmp/kernel"

die() {
	echo "every-exit.sh: $*" >&2
	tail -n 20 "$tmp/out" "$tmp/err" >&2
	exit 1
}

# launch SCRIPT ARGUMENT...
launch() {
	script=$1
	shift
	"$builddir/rmmd" --no-config --realm "script $script" \
		--run "$builddir/rmm-launch" --image "$tmp/kernel@0x80000000" \
		"$@" >"$tmp/out" 2>"$tmp/err" || die "$*: status $?"
}

# said FILE PATTERN
said() {
	grep -qE -e "$2" "$tmp/$1" || die "no \"$2\" in $1"
}

# What KVM_RUN fails for: an access that can not be emulated, and, before the
# newest tree, an instruction abort.
# shellcheck disable=SC2016 # the dollar is the script's
sed '/^mem read \$nowhere 8/,/^expect/d' \
	"$srcdir/tests/realm/every-exit.rmm-script" >"$tmp/latest"
sed '/^fetch /d' "$tmp/latest" >"$tmp/older"
cmp -s "$tmp/latest" "$srcdir/tests/realm/every-exit.rmm-script" &&
	die "the script has changed"
cmp -s "$tmp/latest" "$tmp/older" && die "the script has changed"

for profile in rfc v10 v12 v13 v14 v15 latest; do
	script=$tmp/older
	[ "$profile" = latest ] && script=$tmp/latest
	launch "$script" --vcpus 2 --profile "$profile"
	said out '^exit +power off$'
	said out '^exits +mmio 5, memory fault [3-9], system event 1$'
	# 0x55 to the UART.
	said out '^U'
	said err 'a read of 4 bytes at 0xff000000, where nothing is'
done

# Characters, and a host call that is the VMM's to answer.
cat >"$tmp/script" <<'END'
write 0x8009000000:1 0x68
write 0x8009000000:1 0x69
write 0x8009000000:1 0x0a
read 0x8009000018:4 x1
expect x1 == 0x90
host-call 0x80001000 imm=0 gprs[0]=0xC3000007 gprs[1]=0x77
expect $gpr0 == 0
host-call 0x80001000 imm=0 gprs[0]=0xC4000150
expect $gpr0 == 0xffffffffffffffff
END
launch "$tmp/script"
said out '^hi$'
said out '^exits +mmio 4, hypercall 1, system event 1$'
said err 'host call 0xc3000007 \(0x77, '
launch "$tmp/script" --json
said err '^hi$'
said out '^\{.*"exits": \{"mmio": 4, .*"hypercall": 1, '

# The VMM itself says who is in its realm.
echo 'write 0x8009000000:1 0x40' >"$tmp/at"
: >"$tmp/nothing"
launch "$tmp/nothing" --realm-script "$tmp/at"
said out '^@'
launch "$tmp/at" --realm off
said out '^exits +system event 1$'
"$builddir/rmmd" --no-config --run "$builddir/rmm-launch" --realm wfi \
	>"$tmp/out" 2>"$tmp/err" && die "--realm without a realm"
said err 'there is no realm yet'

# A reset is told apart.
echo 'smc PSCI_SYSTEM_RESET' >"$tmp/script"
launch "$tmp/script" --vcpus 4
said out '^exit +reset$'
