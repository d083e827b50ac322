#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Every script of rmm-script(5) is one, and so is the one in the source that it
# names; every statement that the language has is in the manual.
# shellcheck source=tests/daemon/lib.sh
. "${srcdir:-.}/tests/daemon/lib.sh"
srcdir=$(cd "${srcdir:-.}" && pwd)
manual=$srcdir/man/rmm-script.5.in

# One file for each block between "begin script" and "end script".
awk -v to="$tmp/example." '
	/^\.\\" begin script$/ { n++; file = to n; next }
	/^\.\\" end script$/ { close(file); file = ""; next }
	file != "" && !/^\./ { print >file }' "$manual"

number=0
for script in "$tmp"/example.*; do
	number=$((number + 1))
	expect 0 "$rmmd" --no-config --realm "script $script" --run true
done
[ "$number" -ge 14 ] || die "the manual has $number examples, not 14 or more"
# A block of each kind was found, and none was left open.
marks=$(grep -c '^\.\\" \(begin\|end\) script$' "$manual")
[ "$marks" = $((2 * number)) ] || die "$marks marks for $number examples"

expect 0 "$rmmd" --no-config \
	--realm "script $srcdir/tests/realm/every-exit.rmm-script" --run true

# The verbs of the parser's table, each of which begins an item or a block.
sed -n '/^} verbs\[\]/,/^};/s/^	{ "\([a-z-]*\)".*/\1/p' \
	"$srcdir/src/rmmd/realm/script-verbs.c" >"$tmp/verbs"
[ -s "$tmp/verbs" ] || die 'no verbs in script-verbs.c'
while read -r verb; do
	grep -qE "^\\.It Cm $verb( |\$)" "$manual" ||
		die "$verb is not in the manual"
done <"$tmp/verbs"
