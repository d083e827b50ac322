#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Who plays a realm, what a REC waits for, and interrupts from outside.
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0"

both() {
	run "$rmmctl" "$@"
	expect_status 0 "$*"
}

shell_ok 'a realm with a REC' <<-'END'
	let next = g16
	repeat 24
		RMI_GRANULE_DELEGATE $next
		let next = $next+4K
	end
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g0
	rec-params g0 flags=1 aux=g19:16
	RMI_REC_CREATE g16 g18 g0
	RMI_REALM_ACTIVATE g16
	expect RMI_SUCCESS
END

both realm
expect_out '^  who +off$' 'off is the default'
both play wfi
both realm
expect_out '^  who +wfi$' 'play wfi'
both play attach --realm r0
both --json realm
expect_json '.recs[0].who == "attach"' 'play attach --realm'
both play cpu --realm r0
both --json realm
expect_json '.recs[0].who == "cpu"' 'play cpu --realm'
both --json play off --rec g18
expect_json '.who == "off"' 'play off --rec'
both realm
expect_out '^  who +off$' 'a REC comes before its realm'

# It powers off; the REC waits for nobody then.
shell_ok 'a realm that powers off' <<-'END'
	rec-run g1
	RMI_REC_ENTER g18 g1
	expect RMI_SUCCESS
	rec-exit g1
	expect-value $exit_reason == 3
END
both realm
expect_out '^state +SYSTEM_OFF$' 'after power off'

# Another one waits for a process that never comes, until it is interrupted.
shell_ok 'another realm' <<-'END'
	let next = g48
	repeat 24
		RMI_GRANULE_DELEGATE $next
		let next = $next+4K
	end
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 vmid=1 rtt_base=g49 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g48 g0
	rec-params g0 flags=1 aux=g51:16
	RMI_REC_CREATE g48 g50 g0
	RMI_REALM_ACTIVATE g48
	expect RMI_SUCCESS
END
both play attach --realm g48
run "$rmmctl" interrupt g50
expect_status 1 'interrupt of a REC that does not run'
expect_err 'REC 0x80032000 does not run' 'interrupt of a REC that does not run'
run "$rmmctl" --json interrupt g50
expect_status 1 'interrupt --json'
expect_json '.exited == false' 'interrupt --json'

# enter_and INTERRUPT...: enter in the background, interrupt, show the exit.
enter_and() {
	"$rmmctl" shell >entered <<-'END' &
		rec-run g1
		RMI_REC_ENTER g50 g1
		expect RMI_SUCCESS
		rec-exit g1
	END
	until "$rmmctl" realm g48 | grep -q 'state  *running'; do :; done
	both "$@"
	wait $! || fail "$*: the host"
	out=$(cat entered)
}
enter_and interrupt g50
expect_out '^RMI_EXIT_IRQ exit_reason=0x1$' 'interrupt'
enter_and interrupt 0x80032000 FIQ
expect_out '^RMI_EXIT_FIQ exit_reason=0x2$' 'interrupt fiq'
enter_and interrupt g50 serror --syndrome 0x11
expect_out '^RMI_EXIT_SERROR exit_reason=0x6 esr=0xbc000011$' 'interrupt serror'

# A realm can not make an end of time: nothing but the interrupt ends the wait.
# shellcheck disable=SC2016 # the script's, not the shell's
printf '%s\n' 'wfit 0-2' 'expect $now < 0x1000000000000' >far
both play script far --rec g50
"$rmmctl" shell >entered <<-'END' &
	rec-run g1
	RMI_REC_ENTER g50 g1
	rec-exit g1
END
until "$rmmctl" realm g48 | grep -Eq 'state  *(running|SYSTEM_OFF)'; do :; done
"$rmmctl" interrupt g50 >interrupted
wait $! || fail 'a wait for the end of time: the host'
out=$(cat entered)
expect_out '^RMI_EXIT_IRQ ' 'a wait for the end of time'
both play off --rec g50

# What it does not take.
run "$rmmctl" interrupt g50 nmi
expect_status 2 'interrupt nmi'
expect_err '"nmi" is no interrupt: irq, fiq or serror' 'interrupt nmi'
run "$rmmctl" interrupt nowhere
expect_status 2 'interrupt nowhere'
run "$rmmctl" interrupt g50 irq --syndrome 1
expect_status 2 'an IRQ with a syndrome'
run "$rmmctl" play somebody
expect_status 1 'play somebody'
expect_err 'a realm is off, wfi' 'play somebody'
run "$rmmctl" play off --rec g50 --realm g48
expect_status 2 'play both'
run "$rmmctl" play off --rec g51
expect_status 1 'play of no REC'
expect_err 'there is no REC at 0x80033000' 'play of no REC'
run "$rmmctl" play script
expect_status 2 'play script without one'
run "$rmmctl" play wfi script
expect_status 2 'play wfi with one'
run "$rmmctl" play script /nonexistent/script
expect_status 1 'play of no script'
expect_err '/nonexistent/script: No such file' 'play of no script'
head -c 1000000 /dev/zero >long
run "$rmmctl" play script long
expect_status 1 'play of a long script'
expect_err 'long is longer than' 'play of a long script'
finish
