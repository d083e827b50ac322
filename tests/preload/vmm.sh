#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A VMM that was written against the kernel's interface only runs under rmm-kvm,
# in every profile, from open to exit.
set -eu
# shellcheck source=tests/preload/lib.sh
. "${srcdir:-.}/tests/preload/lib.sh"

tried=0
for profile in $(profiles); do
	run 0 --profile "$profile" "$vmm" "$profile" cycles=3 vcpus=4
	said out '^3 realm\(s\) went off$'
	[ ! -s "$tmp/err" ] || die "$profile: something is said"
	tried=$((tried + 1))
	# Other profiles' clients are told apart by their capability.
	for other in $(profiles); do
		[ "$other" = "$profile" ] && continue
		# Experiments are told apart by nothing that is asked for.
		case $profile,$other in
		latest,x-* | x-*,latest | x-*,x-* | *,x-*) continue ;;
		esac
		run 1 --report --profile "$profile" "$vmm" "$other"
		said err "that is $other; you run $profile\$"
	done
done
[ "$tried" -ge 9 ] || die "only $tried profiles"

# However far a populate call comes.
for profile in v12 v13 latest; do
	run 0 --profile $profile --populate-limit 1p "$vmm" $profile mib=1
	run 0 --profile $profile --populate-limit 5000 "$vmm" $profile mib=1 rain
	run 0 --profile $profile "$vmm" $profile gap
	run 0 --profile $profile "$vmm" $profile mib=32 rain
done

# Two at once on one daemon, which is left with nothing.
cat >"$tmp/two" <<'END'
set -eu
"$1" "$2" v13 cycles=20 vcpus=4 mib=1 &
"$1" --profile v12 "$2" v12 cycles=20 vcpus=4 mib=1
wait $!
"$3" realms
"$3" --json status
END
"$builddir/rmmd" --no-config --run bash "$tmp/two" "$rmm_kvm" "$vmm" \
	"$builddir/rmmctl" >"$tmp/out" 2>"$tmp/err" || die "two VMMs: status $?"
[ "$(grep -c '^20 realm(s) went off$' "$tmp/out")" = 2 ] || die "two VMMs"
said out '^no realms$'
said out '"DELEGATED": 0,'
