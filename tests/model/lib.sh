# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Errors that are to be found: each is shrunk to a script that rmmctl
# understands, and that the daemon named in it follows to its end.
set -u
builddir=$(cd "${builddir:-.}" && pwd)
model=$builddir/tests/model/model
PATH=$builddir:$PATH
failures=0
workdir=$(mktemp -d) || exit 99
trap 'rm -rf "$workdir"' EXIT
cd "$workdir" || exit 99

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
	sed 's/^/    /' script err
}

# found NAME CALLS OPTION...: the model check, so called, finds an error; its
# script has CALLS calls at most.
found() {
	local name=$1 most=$2 calls command
	shift 2
	: >script
	"$model" -o script "$@" >out 2>err
	if [ $? != 1 ]; then
		fail "$name: not found"
		return
	fi
	calls=$(grep -cE '^(RMI_|smc )' script)
	[ "$calls" -le "$most" ] ||
		fail "$name: $calls calls are left, $most would do"
	rmmctl shell --check script >out 2>err ||
		fail "$name: the script is not understood"
	# A realm in the daemon asks for nothing that a script could tell it to.
	if grep -q '^# here the realm ' script; then
		echo "$name: $calls calls, and what the realm asks for"
		return
	fi
	command=$(sed -n 's/^# \(rmmd --no-config .*\) FILE$/\1/p' script)
	# Words are split on purpose: they are options without blanks.
	# shellcheck disable=SC2086
	$command script >out 2>>err ||
		fail "$name: the script does not replay"
	echo "$name: $(sed -n '1s/^# \([a-z ]*\):.*/\1/p' script), $calls calls"
}
