#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# rmm-kvm itself: what it runs, where it finds things, what it tells, and that
# the shim shows nothing of itself.
set -eu
# shellcheck source=tests/preload/lib.sh
. "${srcdir:-.}/tests/preload/lib.sh"

# The command's status is its own.
run 0 true
run 7 sh -c 'exit 7'
run 143 --report sh -c 'kill $$'
run 127 "$tmp/none"
run 126 "$tmp"
run 127 --report "$tmp/none"
run 125
run 125 --no-such-option
run 125 --profile v99 true
said err 'there are .*v12 v13'
run 125 --populate-limit 5x true
run 125 --show "$tmp/none"
run 125 --rmmd "$tmp/none" "$vmm" v13
said err 'no rmmd is to be found'
run 125 --preload "$tmp/none" true

# Words after the command are the command's.
run 0 echo --report -x
[ "$(cat "$tmp/out")" = "--report -x" ] || die "the command's options"

# A daemon that is named, or is found where clients look by default.
mkdir "$tmp/rmmd"
"$builddir/rmmd" --no-config --foreground --socket "$tmp/rmmd/rmmd.sock" \
	--log-level debug 2>"$tmp/log" &
daemon=$!
until grep -q serves "$tmp/log"; do
	kill -0 "$daemon" || die "no daemon: $(cat "$tmp/log")"
	sleep 0.05
done
clients() {
	grep -c '(vmm): connected' "$tmp/log" || :
}
run 0 "$vmm" v13
[ "$(clients)" = 1 ] || die "the daemon that runs was not taken"
run 0 --captive "$vmm" v13
[ "$(clients)" = 1 ] || die "--captive took what runs"
run 0 --rim --socket "$tmp/rmmd/rmmd.sock" "$vmm" v13
[ "$(clients)" = 2 ] || die "--socket"
said err 'RIM sha-256'
run 0 --rim --socket "$tmp/rmmd/rmmd.sock" --control "$tmp/none" "$vmm" v13
said err 'RIM not known: control socket not reachable'
kill "$daemon"
wait "$daemon" || die "the daemon ended with $?"
run 1 --socket "$tmp/none" "$vmm" v13
said err '^rmm-kvm: /dev/kvm: .*no rmmd listens'

# What did the client ask?
run 0 --report --populate-limit 64p "$vmm" v13 vcpus=2
said err '^profile v13$'
said err '^it asked for capability 248, KVM_CAP_ARM_RMI in v13: the profile fits$'
said err '^ +234 GUEST_MEMFD +VM: 1$'
said err '^ +0x00000128 +1 time\(s\)$'
said err '^ +VM +_IO\(0xAE, 0x41\) KVM_CREATE_VCPU +2$'
said err '^populate: 8 call\(s\), 2097152 bytes; 6 partial, 0 without progress'
said err 'base 0x80000000 size 0x100000 flags 0x1: 262144 bytes done$'
said err 'base 0x801c0000 size 0x40000 flags 0x0: 262144 bytes done$'
said err '^ +24 SYSTEM_EVENT +1$'
run 1 --report --profile v13 "$vmm" v12
said err '^it asked for capability 247: that is v12; you run v13$'
run 1 --report="$tmp/report" --profile v12 "$vmm" v13
grep -q '^it asked for capability 248: that is v13; you run v12$' \
	"$tmp/report" || die "the report in a file"
run 0 --report true
said err '^nothing: no process opened /dev/kvm$'

# RIMs: the same however populate went, on standard error and in the report.
run 0 --rim --report "$vmm" v13
rim=$(sed -nE 's/^rmm-kvm: realm 0x80000000: RIM sha-256 ([0-9a-f]{64})$/\1/p' \
	"$tmp/err")
[ "${#rim}" = 64 ] || die "--rim"
said err "^  RD 0x80000000  RIM sha-256 $rim\$"
run 0 --rim --populate-limit 3p --populate-fault 2=EINTR,5/4=EINTR "$vmm" v13
said err "RIM sha-256 $rim\$"
run 0 --report --populate-fault 2=EINTR "$vmm" v13
said err '^populate: 3 call.* 1 interrupted, 0 failed$'
run 1 --report --populate-fault 2=stall "$vmm" v13
said err '^populate: 2 call.* 1 without progress, 0 interrupted'
run 0 --rim "$vmm" v13 mib=8
said err 'RIM sha-256 [0-9a-f]{64}$'
grep -q "$rim" "$tmp/err" && die "the same RIM of another realm"
run 1 --populate-fault nonsense "$vmm" v13
said err 'RMM_KVM_POPULATE_FAULT'
run 1 --bugs nonsense "$vmm" v13
said err 'RMM_KVM_BUGS'
# Operations of the older interface.
run 0 --rim --report --profile rfc "$vmm" rfc
said err '^rmm-kvm: realm 0x80000000: RIM sha-256'
said err '^populate: 1 call\(s\), 2097152 bytes; 0 partial'

# While it runs, and whichever way it ends.
cat >"$tmp/live" <<'END'
"$1" v13 || exit
"$2" --show "$3" >"$4"
kill -KILL $$
END
run 137 --statistics "$tmp/numbers" bash "$tmp/live" "$vmm" "$rmm_kvm" \
	"$tmp/numbers" "$tmp/shown"
"$rmm_kvm" --show "$tmp/numbers" >"$tmp/later"
cmp "$tmp/shown" "$tmp/later" || die "--show"
grep -q 'KVM_ARM_RMI_POPULATE' "$tmp/later" || die "--show: nothing"
head -c 100 "$tmp/numbers" >"$tmp/short"
run 125 --show "$tmp/short"
run 125 --show "$vmm"

# Failures, with reasons; all calls.
run 1 --explain "$vmm" v12
run 0 --explain "$vmm" v13
[ ! -s "$tmp/err" ] || die "--explain without a failure"
run 0 --verbose "$vmm" v13
said err '^rmm-kvm: ioctl _IOWR\(0xAE, 0xD7, 32\) KVM_ARM_RMI_POPULATE on a VM'

# Nothing can be seen of the shim but names that libc has.
shim=$("$rmm_kvm" --print-preload)
[ "$shim" = "$builddir/.libs/librmm-kvm-preload.so" ] || die "it is $shim"
libc=$(ldd "$shim" | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')
names() {
	nm -D --defined-only "$1" | sed -n 's/.* [TWVi] \([^@]*\).*/\1/p' |
		sort -u
}
names "$shim" >"$tmp/ours"
names "$libc" >"$tmp/libcs"
[ -z "$(comm -23 "$tmp/ours" "$tmp/libcs")" ] ||
	die "not libc's: $(comm -23 "$tmp/ours" "$tmp/libcs")"
for name in open open64 openat openat64 __open_2 __openat64_2 ioctl close \
	close_range dup dup2 dup3 fcntl fcntl64 mmap mmap64 sendmsg; do
	grep -qx $name "$tmp/ours" || die "$name is not there"
done
# No library of the house comes with it, either.
ldd "$shim" | grep rmm && die "it needs a library of ours"

# --help names every option that the manual does, and the manual every one.
"$rmm_kvm" --help >"$tmp/out"
said out '^usage: rmm-kvm'
"$rmm_kvm" --version | grep -q '^rmm-kvm [0-9]' || die "--version"
grep -oE -e '--[a-z][a-z-]+' "$tmp/out" | sort -u | while read -r option; do
	grep -qF -e "Fl -${option#--}" "$srcdir/man/rmm-kvm.1" ||
		die "$option is not in the manual"
done
