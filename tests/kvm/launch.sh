#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# rmm-launch from end to end: a file of 8 MiB and more becomes a realm, the
# same RIM comes out however populate went, and bad input is told apart.
set -eu

builddir=$(cd "${builddir:-.}" && pwd)
rmmd=$builddir/rmmd
launch=$builddir/rmm-launch
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset RMMD_SOCKET RMMD_CONTROL

die() {
	echo "launch.sh: $*" >&2
	tail -n 20 "$tmp/out" "$tmp/err" >&2 2>/dev/null || :
	exit 1
}

# run STATUS ARGUMENT...: rmm-launch on a daemon of its own.
run() {
	local want=$1 got=0
	shift
	"$rmmd" --run "$launch" "$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$want" ] || die "rmm-launch $*: status $got, not $want"
}

# said FILE PATTERN
said() {
	grep -qE -e "$2" "$tmp/$1" || die "no \"$2\" in $1"
}

rim() {
	run 0 --quiet "$@"
	grep -xE '[0-9a-f]{64}' "$tmp/out" || die "no RIM"
	[ "$(wc -l <"$tmp/out")" = 1 ] || die "more than the RIM"
}

# field NAME: a member of the JSON object, if it is a number or a word
field() {
	sed -nE "s/.*\"$1\": \"?([^\",}]*)[\",}].*/\\1/p" "$tmp/out"
}

# What is wrong is named, and nothing else is said.
# bad STATUS PATTERN ARGUMENT...
bad() {
	local status=$1 pattern=$2
	shift 2
	run "$status" "$@"
	said err "^rmm-launch: $pattern"
	[ ! -s "$tmp/out" ] || die "output besides the error"
}

# 8 MiB and a bit: the last page is not whole.
seq 1 1300000 >"$tmp/kernel"
[ "$(stat -c %s "$tmp/kernel")" -ge 8388608 ] || die "the file is too small"
echo config >"$tmp/config"
image=$tmp/kernel@0x80200000

# The whole of it, for people.
run 0 --image "$image" --dtb --populate-limit 5M --verbose-partial
said out '^measured +0x80200000 .*kernel$'
said out '^plain +0x8ffff000 .*device tree$'
said out '^populate +3 call.* 1 partial'
said out '^exit +power off$'
said out '^RIM +sha-256 [0-9a-f]{64}$'
said err 'populate stopped at 0x80700000'

# The same, for programs.
run 0 --image "$image" --unmeasured "$tmp/config@0x80000000" --json \
	--populate-limit 100p --profile v12
pages=$((($(stat -c %s "$tmp/kernel") + 4095) / 4096))
[ "$(field calls)" = $(((pages + 99) / 100 + 1)) ] || die "calls"
[ "$(field partial)" = $(((pages + 99) / 100 - 1)) ] || die "partial"
said out "\"populate\": \{\"calls\": [0-9]+, \"bytes\": $(((pages + 1) * 4096)), "
said out '"exit": "power off"'
said out '"rim": \{"algorithm": "sha-256", "final": true, "value": "[0-9a-f]{64}"\}'
said out '"name": "[^"]*config", "generated": false, "measured": false'

# The RIM: the same whatever stopped populate, in every profile of the ioctl.
first=$(rim --image "$image" --dtb)
for arguments in "--populate-limit 1M" "--populate-limit 777p" \
	"--populate-limit 4097 --profile v12" "--profile v12" "--profile v13" \
	"--profile v14" "--profile v15" "--profile latest" \
	"--profile x-splice --populate-limit 777p" \
	"--profile x-region-measure"; do
	# shellcheck disable=SC2086
	[ "$(rim --image "$image" --dtb $arguments)" = "$first" ] ||
		die "another RIM with $arguments"
done

# To v11 RAM was RAM before populate, and RECs came after: another RIM, one and
# the same in the two of them.
multiplexed=$(rim --image "$image" --dtb --profile rfc)
[ "$multiplexed" != "$first" ] || die "the RIM of v13 with rfc"
[ "$(rim --image "$image" --dtb --profile v10)" = "$multiplexed" ] ||
	die "another RIM with v10"
run 0 --image "$image" --profile v10 --verbose --vcpus 2
said err '^ioctl KVM_ENABLE_CAP \{cap=244, POPULATE_REALM\} = 0$'
[ "$(grep -c '^ioctl KVM_ARM_VCPU_FINALIZE 9 = 0$' "$tmp/err")" = 2 ] ||
	die "RECs"

# The environment chooses for who does not.
RMM_KVM_PROFILE=latest run 0 --image "$image"
said out '^realm .* profile latest,'
RMM_KVM_PROFILE=v0 run 1 --image "$image"
said err '^rmm-launch: there is no profile "v0"$'

# Every profile in a table.
run 0 --image "$image" --dtb --compare-uapi
[ "$(grep -c "$first$" "$tmp/out")" = 7 ] || die "RIMs of --compare-uapi"
[ "$(grep -c "$multiplexed$" "$tmp/out")" = 2 ] || die "RIMs of operations"
said out '^v12 .* returned 262144 of [0-9]+ '
said out '^v13 .* returned 0, size now 0x'
said out '^x-splice .* returned 262144 of [0-9]+ '
said out '^v10 +2 .* none: all or an error'
bad 2 "--compare-uapi" --compare-uapi --json

# What disturbs populate is got over, or told.
[ "$(rim --image "$image" --dtb --populate-limit 1M \
	--populate-fault 1=EINTR,3=EAGAIN,5=64K,@0x80600000=EINTR)" = "$first" ] ||
	die "another RIM with faults"
run 0 --image "$image" --populate-fault 1=EINTR,2=EAGAIN
said out '^populate +3 call.* 2 interrupted$'
run 1 --image "$image" --populate-fault 1=EBUSY
said err 'populate at 0x80200000: Device or resource busy: a rule'
run 1 --image "$image" --populate-fault @0x80300000+=stall
said err 'populate at 0x80300000: success, but no progress'
run 1 --image "$image" --populate-fault what
said err 'RMM_KVM_POPULATE_FAULT is rules'
RMM_KVM_POPULATE_LIMIT=1M RMM_KVM_POPULATE_FAULT=2=EINTR \
	run 0 --image "$image"
said out '^populate +10 call.* 8 partial, 1 interrupted$'

# Another one for another order, address, flag, byte, entry, size of RAM.
cp "$tmp/kernel" "$tmp/other"
printf x | dd of="$tmp/other" bs=1 seek=5000000 conv=notrunc status=none
config=$tmp/config@0x80100000
base=$(rim --image "$image" --image "$config")
different() {
	[ "$(rim "$@")" != "$base" ] || die "the same RIM with $*"
}
different --image "$config" --image "$image" --entry 0x80200000
different --image "$tmp/kernel@0x80201000" --image "$config" \
	--entry 0x80200000
different --image "$image" --unmeasured "$config"
different --image "$tmp/other@0x80200000" --image "$config"
different --image "$image" --image "$config" --entry 0x80200004
different --image "$image" --image "$config" --memory 512M
different --image "$image" --image "$config" --ipa-bits 41
different --image "$image" --image "$config" --no-run

# --verbose has each ioctl on a line.
run 0 --image "$image" --verbose --vcpus 3
said err '^ioctl KVM_CREATE_VM 0x128 = [0-9]+$'
[ "$(grep -c '^ioctl KVM_CREATE_VCPU' "$tmp/err")" = 3 ] || die "vCPUs"
said err '^ioctl KVM_ARM_RMI_POPULATE \{base=0x80200000, .*\} = 0$'
said err '^ioctl KVM_RUN = 0$'

# What is wrong.
: >"$tmp/empty"
bad 2 "an image is given as FILE@GPA" --image "$tmp/kernel"
bad 2 "the GPA after '@' is no number" --image "$tmp/kernel@here"
bad 2 "--profile wants one of" --profile v99
bad 2 "--populate-limit" --populate-limit 0
bad 2 "--populate-limit" --populate-limit 5x
bad 2 "--append" --append quiet
bad 2 "an image is given with --image" stray
bad 1 ".*no/such: No such file" --image "$tmp/no/such@0x80000000"
bad 1 ".*is a directory" --image "$tmp@0x80000000"
bad 1 ".*is empty" --image "$tmp/empty@0x80000000"
bad 1 ".*not a multiple of 4096" --image "$tmp/kernel@0x80000001"
bad 1 ".*not within RAM" --image "$tmp/kernel@0x8fffe000"
bad 1 ".*not within RAM" --image "$tmp/kernel@0x7ffff000"
bad 1 ".*overlap" --image "$image" --unmeasured "$tmp/config@0x80a00000" \
	--dtb=0x80201000
bad 1 ".*overlap" --image "$image" --unmeasured "$tmp/config@0x80200000"
bad 1 "--memory" --memory 4095
bad 1 ".*IPAs of 60|RAM ends" --ipa-bits 32
bad 1 ".*from 32 to" --ipa-bits 52
[ "$(id -u)" = 0 ] || {
	chmod 0 "$tmp/empty"
	bad 1 ".*Permission denied" --image "$tmp/empty@0x80000000"
}

# No daemon; no control socket.
got=0
RMMD_SOCKET=$tmp/none "$launch" >"$tmp/out" 2>"$tmp/err" || got=$?
[ "$got" = 1 ] || die "status $got without a daemon"
said err 'no rmmd listens'
run 0 --image "$tmp/config@0x80000000" --control "$tmp/none"
said out '^RIM +not known: control socket not reachable'
bad 1 'RIM not known' --quiet --image "$tmp/config@0x80000000" \
	--control "$tmp/none"

# --hold keeps the realm until a signal, and then it goes.
cat >"$tmp/hold" <<'END'
"$1" --hold --quiet --image "$2/config@0x80000000" >"$2/rim" &
until [ -s "$2/rim" ]; do
	kill -0 "$!" || exit
	sleep 0.05
done
"$3" --json rim >"$2/held"
kill "$!"
wait "$!" || exit
"$3" realms
END
"$rmmd" --run bash "$tmp/hold" "$launch" "$tmp" "$builddir/rmmctl" \
	>"$tmp/out" 2>"$tmp/err" || die "--hold: status $?"
said held "\"rim\": *\"$(cat "$tmp/rim")\""
said out '^no realms$'

# until_said PID PATTERN FILE: wait for it as long as the process lives.
until_said() {
	until grep -q "$2" "$3"; do
		kill -0 "$1" 2>/dev/null || die "it ended without \"$2\": $(cat "$3")"
		sleep 0.05
	done
}

# A realm that is held goes with its daemon.
mkdir "$tmp/sockets"
"$rmmd" --foreground --socket "$tmp/sockets/s" 2>"$tmp/log" &
daemon=$!
until_said "$daemon" serves "$tmp/log"
RMMD_SOCKET=$tmp/sockets/s "$launch" --hold \
	--image "$tmp/config@0x80000000" >"$tmp/rim" 2>"$tmp/gone" &
held=$!
until_said "$held" 'realm stays' "$tmp/gone"
# Who names the host's socket alone means the control socket beside it.
want=$(sed -n 's/^RIM *sha-256 //p' "$tmp/rim")
[ "${#want}" = 64 ] || die "no RIM by RMMD_SOCKET alone"
RMMD_SOCKET=$tmp/sockets/s "$builddir/rmmctl" rim >"$tmp/out"
said out "^rim +$want$"
RMMD_SOCKET=$tmp/none RMMD_CONTROL=$tmp/none \
	"$builddir/rmmctl" --socket "$tmp/sockets/s" rim >"$tmp/out"
said out "^rim +$want$"
kill "$daemon"
wait "$daemon" || die "the daemon ended with $?"
got=0
wait "$held" || got=$?
[ "$got" = 1 ] || die "status $got after the daemon's end"
said gone 'the daemon has gone'

# The control socket of another daemon, which has a realm there, too.
config=$tmp/config@0x80000000
# shellcheck disable=SC2016
got=$("$rmmd" --run sh -c '
	socket=$RMMD_SOCKET control=$RMMD_CONTROL
	unset RMMD_SOCKET RMMD_CONTROL
	"$1" --run sh -c '\''
		unset RMMD_CONTROL
		ln -s "$2" "${RMMD_SOCKET%/*}/other"
		mv "${RMMD_SOCKET%/*}/control.sock" "${RMMD_SOCKET%/*}/aside"
		ln -s "$2" "${RMMD_SOCKET%/*}/control.sock"
		"$1" --image "$3" --socket "$RMMD_SOCKET"
		mv "${RMMD_SOCKET%/*}/aside" "${RMMD_SOCKET%/*}/control.sock"
	'\'' sh "$2" "$control" "$3"
' sh "$rmmd" "$launch" "$config" | sed -n 's/^RIM *//p')
[ "$got" = "not known: the control socket is another daemon's: name the right one \
with --control" ] || die "the RIM of another daemon: $got"

# A limit on file sizes is told apart from a bad source.
got=0
# shellcheck disable=SC2016
"$rmmd" --run sh -c 'ulimit -f 1024; exec "$@"' sh "$launch" \
	--image "$config" >"$tmp/out" 2>"$tmp/err" || got=$?
[ "$got" = 1 ] || die "status $got under ulimit -f"
said err 'ulimit -f'

# --help names every option that the manual does, and the manual every one.
"$launch" --help >"$tmp/out"
said out '^usage: rmm-launch'
"$launch" --version | grep -q '^rmm-launch [0-9]' || die "--version"
grep -oE -e '--[a-z][a-z-]+' "$tmp/out" | sort -u | while read -r option; do
	grep -qF -e "Fl -${option#--}" "${srcdir:-.}/man/rmm-launch.1" ||
		die "$option is not in the manual"
done
