#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Bash completion, asked as bash would ask it.
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0"
mkdir bin
for program in rmmctl rmmd rmm-launch; do
	[ ! -x "$builddir/$program" ] || ln -s "$builddir/$program" bin/
	# shellcheck disable=SC1090 # all of them are linted
	. "$srcdir/completion/$program"
done
PATH=$workdir/bin:$PATH

# complete_line WORD...: what the last word becomes, in out.
complete_line() {
	local function
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	function=$(complete -p "$1" | sed 's/.*-F \([^ ]*\).*/\1/')
	COMPREPLY=()
	"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" \
		"${COMP_WORDS[COMP_CWORD - 1]}"
	out=$(printf '%s\n' "${COMPREPLY[@]}")
}

# becomes EXPECTED WORD...: the words it may become, in order.
becomes() {
	local expected=$1
	shift
	complete_line "$@"
	[ "$(xargs <<<"$out")" = "$expected" ] || fail "$* should be $expected"
}

becomes 'realms realm' rmmctl real
becomes 'status' rmmctl --json sta
becomes 'status' rmmctl --socket status sta
becomes '--socket' rmmctl --so
becomes '--state' rmmctl granules --st
becomes '--steps' rmmctl rim --ste
becomes 'rak-pem rak-jwk' rmmctl token --public-key rak
becomes '--challenge' rmmctl token --ch
becomes 'REC REC_AUX' rmmctl granules --state REC
becomes 'off' rmmctl play o
becomes '--rec --realm' rmmctl play --re
becomes 'fiq' rmmctl interrupt f
becomes 'RMI_RTT_FOLD' rmmctl commands RMI_RTT_F
becomes '--keep-going' rmmctl shell --k
touch script.rmm
becomes 'script.rmm' rmmctl shell scr
becomes 'script.rmm' rmmctl play script scr
becomes 'script.rmm' rmmctl --socket scr
becomes 'script.rmm' rmmctl token --in scr
becomes '' rmmctl realm 0x
shell_ok 'a realm' <<-'END'
	RMI_GRANULE_DELEGATE g16
	RMI_GRANULE_DELEGATE g17
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g0
	expect RMI_SUCCESS
END
becomes '0x80010000' rmmctl realm 0x
becomes '0x80010000' rmmctl rtt ''
becomes '0x80010000' rmmctl token ''
complete_line rmmctl ''
expect_out '^shell$' 'all commands'
becomes '--foreground' rmmd --fore
becomes 'script.rmm' rmmd --config scr
complete_line rmmd --run rmmc
expect_out '^rmmctl$' 'a command to run'
if [ -x bin/rmm-launch ]; then
	becomes '--populate-limit' rmm-launch --populate-l
fi
finish
