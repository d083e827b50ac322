#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every error of the shell's syntax is told with its line and column, before
# anything runs.  No daemon is needed for that, and none is there.
# shellcheck disable=SC2016 # the shell of rmmctl has variables too
. "${srcdir:-.}/tests/rmmctl/lib.sh"
export RMMD_SOCKET=$workdir/none RMMD_CONTROL=$workdir/none

# bad LINE PLACE SENTENCE: as the second line of a script.
bad() {
	shell_fails 2 "2:$2: $3" "$1" <<<"# a comment
$1"
}

bad 'frobnicate g1' 1 '"frobnicate": neither a statement .* nor an RMI'
bad '   frobnicate' 4 '"frobnicate": '
bad 'RMI_GRANULE_DELEGATE' 21 'RMI_GRANULE_DELEGATE needs addr here'
bad 'GRANULE_DELEGATE  ' 17 'GRANULE_DELEGATE needs addr here'
bad 'RMI_DATA_CREATE g16 g40 0x80200000 g5' 38 '.* needs flags here'
bad 'RMI_GRANULE_DELEGATE g1 g2' 25 '"g2": .* takes no more arguments'
bad 'RMI_GRANULE_DELEGATE g1x' 22 '"g1x": not a granule'
bad 'RMI_GRANULE_DELEGATE 12q' 22 '"12q": not a number'
bad 'RMI_GRANULE_DELEGATE 0x' 22 '"0x": not a number'
bad 'RMI_GRANULE_DELEGATE g1+0x1000+zz' 32 '"zz": not a number'
bad 'RMI_GRANULE_DELEGATE g1+' 22 '"g1\+": a sum is written without blanks'
bad 'RMI_GRANULE_DELEGATE g1 + g2' 25 '"\+": a sum is written without blanks'
bad 'let x = g5 + 1' 12 '"\+": a sum is written without blanks'
bad 'RMI_GRANULE_DELEGATE 1+1+1+1+1+1+1+1+1' 22 '.*: a sum has at most 8 terms'
bad 'RMI_GRANULE_DELEGATE 0x10000000000000000' 22 '.*: more than 64 bits'
bad 'RMI_GRANULE_DELEGATE 99999999999999999999' 22 '.*: more than 64 bits'
bad 'RMI_GRANULE_DELEGATE 16777216T' 22 '.*: more than 64 bits'
bad 'RMI_GRANULE_DELEGATE "g1"' 22 '"g1": a number is wanted here, without'
bad 'RMI_GRANULE_DELEGATE "g1' 22 'the quote is not closed'
bad 'echo "a"b' 9 'a blank must follow the closing quote'
bad 'RMI_GRANULE_DELEGATE $' 22 '"\$": not a variable'
bad 'RMI_GRANULE_DELEGATE $1' 22 '"\$1": not a variable'
bad "RMI_GRANULE_DELEGATE \$$(printf '%032d' 0 | tr 0 a)" 22 '.*: not a variable'
bad 'smc' 4 'smc needs a function id here'
bad 'smc 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19' 50 '"19": .* 18 reg'
bad '0xC400015x 1' 1 '"0xC400015x": not a number'
bad 'expect' 7 'expect needs a status here'
bad 'expect RMI_ERROR_FOO' 8 '"RMI_ERROR_FOO": not a status'
bad 'expect RMI_ERROR_RTT 256' 22 '"256": an index is a number up to 255'
bad 'expect RMI_ERROR_INPUT data-state' 24 '"data-state": not the name of a cond'
bad 'expect RMI_ERROR_RTT 2 rtte_state 5' 35 '"5": .* takes no more arguments'
bad 'expect 0 0' 10 '"0": .* takes no more arguments'
bad 'expect-value 1' 15 'expect-value needs =='
bad 'expect-value 1 = 1' 16 '"=": not one of =='
bad 'expect-granule g1' 18 'expect-granule needs a state here'
bad 'expect-mem g1' 14 'expect-mem needs a value here'
bad 'expect-rim abc' 12 '"abc": a measurement is 64 or 128'
bad "expect-rim $(printf '%064d' 0 | tr 0 g)" 12 '.*: a measurement is 64'
bad 'mem' 4 'mem needs read, write, fill or load here'
bad 'mem copy g1 g2' 5 '"copy": mem can read, write, fill and load'
bad 'mem read' 9 'mem needs an address here'
bad 'mem write g1' 13 'mem needs a value here'
bad 'mem write g1 1:3' 14 '"1:3": a width is 1, 2, 4 or 8 bytes'
bad 'mem write g1 1:' 14 '"1:": a width is'
bad 'mem fill g1 1' 14 'mem needs a byte here'
bad 'mem load g1' 12 'mem needs a file here'
bad 'mem load g1 "a file' 13 'the quote is not closed'
bad 'realm-params' 13 'realm-params needs an address here'
bad 'realm-params g1 s2sz' 17 '"s2sz": FIELD=VALUE is wanted here'
bad 'realm-params g1 size=1' 17 '"size": no such field of realm-params'
bad 'realm-params g1 s2sz=' 22 '"": a sum is written without blanks'
bad 'realm-params g1 s2sz[0]=1' 17 '"s2sz\[0\]": s2sz is no array'
bad 'realm-params g1 rpv=0x' 21 '"0x": rpv is given as hexadecimal bytes'
bad 'realm-params g1 rpv=abc' 21 '"abc": rpv is up to 64 bytes'
bad "realm-params g1 rpv=$(printf '%0130d' 0)" 21 '.*: rpv is up to 64 bytes'
bad 'rec-params g1 gprs[8]=1' 15 '"gprs\[8\]": gprs has 8 elements'
bad 'rec-params g1 gprs[1=1' 15 '"gprs\[1": no closing \]'
bad 'rec-params g1 aux=g1:17' 22 '"17": aux has room for 1 to 16 elements'
bad 'rec-params g1 aux=g1:0' 22 '"0": aux has room for'
bad 'rec-exit' 9 'rec-exit needs an address here'
bad 'let' 4 'let needs a name here'
bad 'let 1a = 1' 5 '"1a": not a name'
bad 'let x1 = 1' 5 '"x1": this name is the last result'
bad 'let status = 1' 5 '"status": this name is the last result'
bad 'let a' 6 'let needs = here'
bad 'let a=1' 5 '"a=1": not a name'
bad 'let a is 1' 7 '"is": let NAME = VALUE, with blanks'
bad 'let a = ' 8 'let needs a value here'
bad 'pe' 3 'pe needs a number here'
bad 'repeat' 7 'repeat needs a count here'
bad 'repeat $n' 8 '"\$n": a count is a plain number'
bad 'repeat 1000001' 8 '"1000001": a count is a plain number of at most'
bad 'repeat 2' 1 'this repeat has no end'
bad 'end' 1 '"end": there is no repeat to end'
bad 'quit now' 6 '"now": quit takes no more arguments'
bad "$(printf 'echo \001')" 6 'byte 0x01 is no text'
bad "$(printf 'fo\303\266')" 1 '"fo\\xc3\\xb6": neither'
bad "echo$(printf ' a%.0s' {1..64})" 132 '"a": a statement has at most 64 words'
bad "# $(printf '%04095d' 0)" 4097 'the line is longer than 4096 bytes'

# Nine loops in each other are one too many.
shell_fails 2 '9:1: "repeat": at most 8 of them' 'nine loops' \
	< <(printf 'repeat 1\n%.0s' {1..9})

# Bytes that are no text, a line without an end and a NUL: refused, not obeyed.
shell_fails 2 '1:4097: the line is longer' 'zeros' \
	< <(head -c 100000 /dev/zero)
shell_fails 2 '1:6: byte 0x00 is no text' 'a NUL' < <(printf 'echo \0\n')

# Nothing runs before the whole file is right.
shell_fails 2 '2:1: "oops"' 'the file first' <<-'END'
	echo this should not be seen
	oops
END
[ -z "$out" ] || fail 'a line ran before the syntax was checked'

# All errors are shown at once, up to a bound.
shell_fails 2 '3:1: "oops"' 'two errors' <<-'END'
	oops
	echo fine
	oops
END
expect_err '^script.rmm:1:1:' 'two errors'
printf 'oops\n%.0s' {1..30} >script.rmm
run "$rmmctl" shell script.rmm
expect_status 2 'thirty errors'
expect_err '^script.rmm: 10 errors more$' 'thirty errors'

# What must be accepted, and run without a daemon.
shell_ok 'no daemon is needed' <<-'END'
	# a comment

	  let a = 0x10+4K-1	# another
	echo $a "b  c" d#e $ 4K
	let a = $a+1
	expect-value $a == 4112
	expect-value $a != 4111
	expect-value 1 < 2
	expect-value 2 <= 2
	expect-value -1 > 1M
	expect-value -1 >= 0xffffffffffffffff
	expect-value 1G == 1024M
	expect-value 1T == 0x10000000000
	let n = 0
	repeat 3
		repeat 2
			let n = $n+1
		end
	end
	repeat 0
		expect-value 0 == 1
	end
	expect-value $n == 6
	pe 3
	echo
	quit
	expect-value 0 == 1
END
expect_out '^0x100f b  c d#e \$ 4K$' 'echo'

# --check runs nothing and knows good from bad.
printf 'expect-value 0 == 1\n' >script.rmm
run "$rmmctl" shell --check script.rmm
expect_status 0 '--check'
run "$rmmctl" shell --check -
expect_status 0 '--check of standard input'

# Failures while running: status 1, and the script ends.
shell_fails 1 '1:1: "expect-value": not met: .* 0x1 and 0x2' 'a failure' <<-'END'
	expect-value 1 == 2
	echo not reached
END
[ -z "$out" ] || fail 'the script went on after a failure'
shell_fails 1 '1:12: "nobody": no such variable' 'no variable' <<-'END'
	let a = 1+$nobody
END
shell_fails 1 '1:7: "top": no such variable' 'no call yet' <<-'END'
	echo $top
END
shell_fails 1 '1:1: "expect": there was no call yet' 'no call yet' <<-'END'
	expect RMI_SUCCESS
END
shell_fails 1 '1:4: .*32 bits' 'pe' <<-'END'
	pe 4G
END
printf 'expect-value 1 == 2\necho reached\n' >script.rmm
run "$rmmctl" shell --keep-going script.rmm
expect_status 1 '--keep-going'
expect_out '^reached$' '--keep-going'
run "$rmmctl" shell --trace script.rmm
expect_out '^> expect-value 1 == 2$' '--trace'

# Too many variables, too large a script.
for ((i = 0; i < 257; i++)); do
	echo "let v$i = $i"
done >script.rmm
run "$rmmctl" shell script.rmm
expect_status 1 'variables'
expect_err '^script.rmm:257:5: "v256": there are 256 variables' 'variables'
yes 'echo' | head -n 260000 >script.rmm
run "$rmmctl" shell script.rmm
expect_status 2 'a large script'
expect_err ':1: the script is larger than 16 MiB' 'a large script'

# Standard input runs line by line and ends at the first wrong line.
# feed TEXT: to the shell's standard input.
feed() {
	printf '%b' "$1" | "$rmmctl" shell >.out 2>.err
	status=$?
	out=$(cat .out)
	err=$(cat .err)
}
feed 'echo one\noops\necho two\n'
expect_status 2 'standard input'
[ "$out" = one ] || fail 'standard input: one line should have run'
expect_err '^stdin:2:1: "oops"' 'standard input'
feed 'repeat 2\necho x\nend\n'
expect_status 0 'standard input: repeat'
[ "$out" = $'x\nx' ] || fail 'standard input: repeat'
feed 'repeat 2\necho x\n'
expect_status 2 'repeat without end'
expect_err '^stdin:1:1: this repeat has no end' 'repeat without end'
feed 'echo no newline'
expect_out '^no newline$' 'a last line without a newline'

# No daemon: the place, and the reason.
shell_fails 1 '1:1: ' 'no daemon' <<-'END'
	RMI_VERSION 0x10000
END
shell_fails 1 '1:1: ' 'no daemon for gN' <<-'END'
	let a = g1
END
finish
