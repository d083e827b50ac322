#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# What is installed is enough: a program outside the tree, in C and in C++,
# compiles and links with what pkg-config says, and finds nothing but the
# public functions.

set -eu

command -v pkg-config >/dev/null || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM

${MAKE:-make} -s -C "${builddir:?}" install-libLTLIBRARIES \
	install-pkgincludeHEADERS install-nodist_pkgincludeHEADERS \
	install-pkgconfigDATA DESTDIR="$dir" >"$dir/log" 2>&1 || {
	cat "$dir/log"
	exit 1
}
pc=$(find "$dir" -name rmmclient.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$dir
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
# A library that is built with a sanitizer wants a program that is.
setting()
{
	sed -n "s/^$1 = *//p" "${builddir:?}/Makefile"
}
sanitizers=$(setting SANITIZERS)

cat >"$dir/guest.c" <<'END'
#include <rmmguest.h>
#include <rsi.h>
#include <sysregs.h>
#include <stdio.h>

int
main(void)
{
	struct rmmguest *guest = rmmguest_connect("/nonexistent", "outside");
	uint64_t value;

	if (guest != NULL)
		return rsi_features(guest, 0, &value) +
		    psci_cpu_off(guest, NULL);
	puts(rmmguest_error(NULL));
	return RSI_FID_FEATURES == 0xC4000191u ? 0 : 1;
}
END
cat >"$dir/outside.c" <<'END'
#include <rmmclient.h>
#include <rmi.h>
#include <stdio.h>

int
main(void)
{
	struct rmmclient *client = rmmclient_connect("/nonexistent", "outside");
	uint64_t value;

	if (client != NULL)
		return rmi_features(client, 0, &value);
	puts(rmmclient_error(NULL));
	return RMI_FID_FEATURES == 0xC4000165u ? 0 : 1;
}
END
cp "$dir/outside.c" "$dir/outside.cc"
cp "$dir/guest.c" "$dir/guest.cc"

# $1: compiler, $2: source, the rest: its options
try()
{
	compiler=$1
	source=$2
	shift 2
	# shellcheck disable=SC2086 # words
	$compiler "$@" -Wall -Wextra -Werror -o "$dir/outside" "$dir/$source" \
		$flags ${sanitizers:+-fsanitize=$sanitizers}
	lib=$(dirname "$(find "$dir" -name librmmclient.so)")
	LD_LIBRARY_PATH=$lib "$dir/outside" >"$dir/out"
	grep -q "/nonexistent" "$dir/out"
}

for library in rmmclient:outside rmmguest:guest; do
	flags=$(pkg-config --cflags --libs "${library%:*}")
	try "$(setting CC)" "${library#*:}.c" -std=c11
	if [ -z "$sanitizers" ] && command -v "${CXX:-c++}" >/dev/null; then
		try "${CXX:-c++}" "${library#*:}.cc" -std=c++11
	fi
done

# exports LIBRARY PREFIXES ATLEAST: its functions begin with one of these.
exports()
{
	nm -D --defined-only "$(find "$dir" -name "$1.so")" |
		awk -v own="^($2)_" -v atleast="$3" '
		$2 == "T" && $3 !~ own && $3 !~ /^(_init|_fini)$/ {
			print "exported: " $3
			bad = 1
		}
		$2 == "T" { n++ }
		END { exit bad || n < atleast }'
}

if command -v nm >/dev/null; then
	exports librmmclient 'rmmclient|rmi' 30
	exports librmmguest 'rmmguest|rsi|psci|realm' 40
fi
