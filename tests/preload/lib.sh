# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the scripts of rmm-kvm share.

builddir=$(cd "${builddir:-.}" && pwd)
srcdir=$(cd "${srcdir:-.}" && pwd)
rmm_kvm=$builddir/rmm-kvm
# shellcheck disable=SC2034 # for the scripts
vmm=$builddir/tests/preload/vmm
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset RMMD_SOCKET RMMD_CONTROL RMM_KVM_PROFILE RMM_KVM_POPULATE_LIMIT \
	RMM_KVM_POPULATE_FAULT RMM_KVM_BUGS RMM_KVM_RIM RMM_KVM_EXPLAIN RMM_KVM_STATISTICS LD_PRELOAD
# No daemon of the user's is met by accident.
export XDG_RUNTIME_DIR=$tmp

die() {
	echo "${0##*/}: $*" >&2
	tail -n 20 "$tmp/out" "$tmp/err" >&2 2>/dev/null || :
	exit 1
}

# A sanitizer's run time wants to be the first library of a process.
if nm -D --undefined-only "$builddir/.libs/librmm-kvm-preload.so" |
	grep -qE '__(asan|tsan|ubsan)_'; then
	echo "SKIP: built with sanitizers, the shim can not be preloaded"
	exit 77
fi

# run STATUS ARGUMENT...: rmm-kvm, on a daemon of its own if none is named.
run() {
	local want=$1 got=0
	shift
	"$rmm_kvm" "$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$want" ] || die "rmm-kvm $*: status $got, not $want"
}

# said FILE PATTERN
said() {
	grep -qE -e "$2" "$tmp/$1" || die "no \"$2\" in $1"
}

# The names of the profiles, as --help lists them.
profiles() {
	"$rmm_kvm" --help | sed -n '/--profile/{n;s/[ ,]\+/ /gp}'
}
