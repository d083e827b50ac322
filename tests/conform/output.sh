#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The kit's reports are well-formed and agree; selection, and what goes wrong.
. "${srcdir:-.}/tests/conform/lib.sh"

# TAP: a plan, numbers in order, as many as planned.
expect 0 on '' "$conform" --junit "$tmp/j.xml" --html "$tmp/m.html" \
	'DATA_*' 'PSCI_*'
awk '
	NR == 1 && $0 != "TAP version 13" { exit 1 }
	NR == 2 { sub("1\\.\\.", ""); plan = $0 }
	/^(not )?ok / {
		sub(/^not /, "")
		if ($2 != ++n || $3 != "-") { print; exit 1 }
	}
	NR > 2 && !/^(ok|not ok|#) / { print; exit 1 }
	END { if (n == 0 || n != plan) { print n, plan; exit 1 } }
' "$tmp/out" || die 'the TAP is not well-formed'
n=$(grep -c '^ok' "$tmp/out")
grep -c '# SKIP' "$tmp/out" >"$tmp/skips" || :

# JUnit: the same cases, the same skips.
[ "$(grep -c '<testcase ' "$tmp/j.xml")" = "$n" ] || die 'JUnit: cases'
[ "$(grep -c '<skipped ' "$tmp/j.xml")" = "$(cat "$tmp/skips")" ] ||
	die 'JUnit: skips'
grep -q "tests=\"$n\" failures=\"0\"" "$tmp/j.xml" || die 'JUnit: sums'
if command -v xmllint >/dev/null; then
	xmllint --noout "$tmp/j.xml" || die 'JUnit: not XML'
elif command -v python3 >/dev/null; then
	python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' \
		"$tmp/j.xml" || die 'JUnit: not XML'
fi

# HTML: a row for each command, closed.
[ "$(grep -c '^<tr><th>' "$tmp/m.html")" = 41 ] || die 'HTML: rows'
grep -q 'DATA_CREATE src_align: [0-9]* passed, 0 failed' "$tmp/m.html" ||
	die 'HTML: cells'
[ "$(tail -n 1 "$tmp/m.html")" = '</body></html>' ] || die 'HTML: end'

# The matrix.
expect 0 on '' "$conform" --matrix 'RTT_FOLD'
said out '^RTT_FOLD .* rd_align=ok'
said out '^DATA_CREATE .* src_align=-'
! grep -q '^ok ' "$tmp/out" || die 'TAP beside the matrix'

# Selection, and the list; no machine is needed for it.
expect 0 "$conform" --list 'RSI_*_CONTINUE/unknown'
said out '^RSI_ATTESTATION_TOKEN_CONTINUE/unknown	condition'
expect 0 "$conform" --list 'REC_ENTER/rec_*'
! grep -v '^REC_ENTER/rec_' "$tmp/out" || die 'the pattern lets others in'
expect 0 "$conform" --list
[ -z "$(cut -f1 "$tmp/out" | sort | uniq -d)" ] || die 'a name comes twice'
expect 0 "$conform" --spec
said out '^pair	DATA_CREATE	ipa_bound<rtt_walk	B4.3.1$'
expect 0 on '' "$conform" -q REC_AUX_COUNT
[ "$(wc -l <"$tmp/out")" = 1 ] || die 'quiet is not'

# Usage.
expect 0 "$conform" --help
said out '^Usage'
expect 0 "$conform" --version
expect 2 "$conform" --nonsense
expect 2 "$conform" --list 'NO_SUCH_*'
said err 'no case is named "NO_SUCH_\*"'
expect 2 "$conform" --socket "$tmp/none"
said err 'rmmd --run rmm-conform'
expect 2 on '' "$conform" --control "$tmp/none" VERSION
expect 2 on '' "$conform" --junit "$tmp/no/such/dir" VERSION
said err 'No such file'

# Every option of --help has its place in the manual.
for option in $("$conform" --help | grep -oE '^ .*--[a-z]+' |
	grep -oE -- '--[a-z]+$' | sort -u); do
	[ "$option" = --run ] ||
		grep -q "Fl .*-${option#--}" "$srcdir/man/rmm-conform.1" ||
		die "the manual lacks $option"
done

# The completion knows options, commands and cases.
bash -c '
	. "$1"; _rmm_conform "$2" --ju ""; echo "${COMPREPLY[@]}"
	_rmm_conform "$2" RTT_F ""; echo "${COMPREPLY[@]}"
	_rmm_conform "$2" VERSION/+1 ""; echo "${COMPREPLY[@]}"
' - "$srcdir/completion/rmm-conform" "$conform" >"$tmp/out"
[ "$(paste -sd ' ' "$tmp/out")" = '--junit RTT_FOLD VERSION/+1.0' ] ||
	die "completion: $(cat "$tmp/out")"
