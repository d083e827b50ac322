# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the tests of rmmctl share.  Each runs by itself, in a directory of its
# own, and ends with finish.  A test that needs a daemon runs itself again
# under "rmmd --run".
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
rmmctl=$builddir/rmmctl
failures=0
# shellcheck disable=SC2034 # for the tests
out='' err='' status=0

workdir=$(mktemp -d) || exit 99
trap 'rm -rf "$workdir"' EXIT
cd "$workdir" || exit 99

# under_daemon "$0" [OPTION...]: run this script under a captive daemon.
under_daemon() {
	local script
	[ -z "${RMMCTL_TEST_INSIDE-}" ] || return 0
	case $1 in
	/*) script=$1 ;;
	*) script=$OLDPWD/$1 ;;
	esac
	shift
	RMMCTL_TEST_INSIDE=1 "$builddir/rmmd" --no-config --log-level error \
		"$@" --run bash "$script"
	exit
}

# run COMMAND...: leaves its output in out, its errors in err, its status.
run() {
	"$@" >"$workdir/.out" 2>"$workdir/.err" </dev/null
	status=$?
	out=$(cat "$workdir/.out")
	err=$(cat "$workdir/.err")
}

fail() {
	failures=$((failures + 1))
	printf 'FAIL: %s\n' "$1"
	printf '  status %s\n  out: %s\n  err: %s\n' "$status" "$out" "$err"
}

# expect_status N WHAT
expect_status() {
	[ "$status" -eq "$1" ] || fail "$2: exit status $status, not $1"
}

# expect_out REGEX WHAT: some line of the output matches.
expect_out() {
	grep -qE -- "$1" <<<"$out" || fail "$2: no line like $1"
}

expect_err() {
	grep -qE -- "$1" <<<"$err" || fail "$2: no error like $1"
}

# expect_json FILTER WHAT: the output is JSON for which FILTER is true.
expect_json() {
	if command -v jq >/dev/null; then
		jq -e "$1" <<<"$out" >"$workdir/.jq" 2>&1 ||
			fail "$2: JSON is not $1"
	else
		grep -q '^{' <<<"$out" || fail "$2: no JSON"
	fi
}

# shell_ok NAME <SCRIPT: the script succeeds.
shell_ok() {
	cat >"$workdir/script.rmm"
	run "$rmmctl" shell "$workdir/script.rmm"
	[ "$status" -eq 0 ] || fail "$1: the script should succeed"
}

# shell_fails STATUS ERROR NAME <SCRIPT: it ends so, with this on standard
# error ("LINE:COLUMN: sentence", a regular expression).
shell_fails() {
	cat >"$workdir/script.rmm"
	run "$rmmctl" shell script.rmm
	expect_status "$1" "$3"
	expect_err "^script\.rmm:$2" "$3"
}

finish() {
	[ "$failures" -eq 0 ]
	exit
}
