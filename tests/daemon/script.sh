#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Realms that scripts play: from a file and from the configuration, what is
# wrong with a script, and that one which fails can not be missed.
# shellcheck source=tests/daemon/lib.sh
. "${srcdir:-.}/tests/daemon/lib.sh"
rmmctl=$builddir/rmmctl

# A realm with one REC, entered so many times; and how its last exit was.
host() {
	cat <<'END'
let next = g16
repeat 24
    RMI_GRANULE_DELEGATE $next
    let next = $next+4K
end
realm-params g0 s2sz=33 num_bps=1 num_wps=1 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
RMI_REALM_CREATE g16 g0
expect RMI_SUCCESS
rec-params g0 flags=1 pc=0x1000 num_aux=16 aux=g20:16
RMI_REC_CREATE g16 g18 g0
expect RMI_SUCCESS
RMI_REALM_ACTIVATE g16
expect RMI_SUCCESS
END
	for flags in "$@"; do
		echo "rec-run g2 flags=$flags"
		echo "RMI_REC_ENTER g18 g2"
		echo "expect RMI_SUCCESS"
		echo "rec-exit g2"
	done
}

# The script in a file: three exits, and the end.
cat >"$tmp/realm" <<'END'
wfi
log "here is" $rec
interrupt fiq
END
host 4 0 0 >"$tmp/host"
expect 0 "$rmmd" --log-level info --realm "script $tmp/realm" \
	--run "$rmmctl" shell "$tmp/host"
said err "REC 0x80012000 (MPIDR 0): $tmp/realm:2: here is 0x0"
said out 'RMI_EXIT_SYNC esr=0x4000000'
said out 'RMI_EXIT_FIQ'
# PSCI_SYSTEM_OFF
said out 'RMI_EXIT_PSCI .*gpr0=0x84000008'

# The configuration file, and a path from where it is started.
echo "realm = script realm # for all" >"$tmp/conf"
(cd "$tmp" && expect 0 "$rmmd" --config conf --log-level info \
	--run "$rmmctl" shell "$tmp/host")
said err "realm:2: here is 0x0"

# Where it is can be followed.
expect 0 "$rmmd" --log-level trace --realm "script $tmp/realm" \
	--run "$rmmctl" shell "$tmp/host"
said err "debug REC 0x80012000 .*: $tmp/realm:1: exits"
said err "trace REC 0x80012000 .*: $tmp/realm:2: done"

# It can be changed for one REC, while all others power off.
# shellcheck disable=SC2016
expect 0 "$rmmd" --run sh -c '
	sed "/^rec-run/,\$d" "$1" | "$0" shell >/dev/null &&
		"$0" play script "$2" --rec 0x80012000 &&
		sed -n "/^rec-run/,\$p" "$1" | "$0" shell' \
	"$rmmctl" "$tmp/host" "$tmp/realm"
said out 'RMI_EXIT_FIQ'
echo 'mem copy' >"$tmp/wrong"
# shellcheck disable=SC2016
expect 1 "$rmmd" --run "$rmmctl" play script "$tmp/wrong"
said err "$tmp/wrong:1:5: \"copy\": read, write or fill"

# A script that fails: a line in the log, a status, a reset.
printf 'PSCI_VERSION\n\n  expect x0 == 7\n' >"$tmp/realm"
host 0 >"$tmp/host"
echo 'RMI_REC_ENTER g18 g2' >>"$tmp/host"
echo 'expect RMI_ERROR_REALM 1' >>"$tmp/host"
expect 124 "$rmmd" --realm "script $tmp/realm" \
	--run "$rmmctl" shell "$tmp/host"
said err "error REC 0x80012000 .*: the script failed: $tmp/realm:3:10: expected x0 == 7, but that is 0x10001 and 0x7"
said out 'RMI_EXIT_PSCI .*gpr0=0x84000009'
# shellcheck disable=SC2016
expect 124 "$rmmd" --realm "script $tmp/realm" --run sh -c \
	'"$0" shell "$1" >/dev/null && "$0" --json status && "$0" status' \
	"$rmmctl" "$tmp/host"
said out '"failed_scripts": 1'
said out '^scripts  *1 failed$'
# The command's own failure comes first.
echo 'expect RMI_SUCCESS' >>"$tmp/host"
expect 1 "$rmmd" --realm "script $tmp/realm" \
	--run "$rmmctl" shell "$tmp/host"

# A script without an end keeps nobody from the daemon: it can be left.
printf 'while 1 == 1\nend\n' >"$tmp/realm"
printf 'RMI_VERSION 0x10000\nexpect RMI_SUCCESS\n' >"$tmp/host.2"
host 0 >"$tmp/host"
# shellcheck disable=SC2016
expect 0 "$rmmd" --realm "script $tmp/realm" --run sh -c '
	"$0" shell "$1" >"$1.out" 2>&1 &
	until "$0" --json realm 2>/dev/null | grep -q "\"running\": true"; do
		sleep 0.05
	done
	"$0" shell "$2"
	kill $!' "$rmmctl" "$tmp/host" "$tmp/host.2"

# What is no script, and what is no file.
printf 'wfi\n  jump\n' >"$tmp/realm"
expect 2 "$rmmd" --realm "script $tmp/realm" --run true
said err "$tmp/realm:2:3: \"jump\": neither"
expect 2 "$rmmd" --realm "script $tmp/nothing" --run true
said err "cannot read the script $tmp/nothing: No such file"
expect 2 "$rmmd" --realm "script $tmp" --run true
said err "cannot read the script $tmp: Is a directory"
expect 2 "$rmmd" --realm script --run true
said err 'write: script FILE'
expect 2 "$rmmd" --realm 'script ' --run true
expect 2 "$rmmd" --realm scripts --run true
said err '"scripts" is none of off, wfi, script FILE, attach'
head -c 262145 /dev/zero | tr '\0' '\n' >"$tmp/realm"
expect 2 "$rmmd" --realm "script $tmp/realm" --run true
said err 'more than 262144 bytes'
