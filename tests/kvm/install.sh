#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The example of librmmkvm(3), outside the tree: it compiles and links with what
# is installed, and does what it says.
set -eu

command -v pkg-config >/dev/null || exit 77
builddir=$(cd "${builddir:-.}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

${MAKE:-make} -s -C "$builddir" install-libLTLIBRARIES \
	install-pkgincludeHEADERS install-nodist_pkgincludeHEADERS \
	install-pkgconfigDATA DESTDIR="$dir" >"$dir/log" 2>&1 || {
	cat "$dir/log"
	exit 1
}
PKG_CONFIG_PATH=$(dirname "$(find "$dir" -name rmmkvm.pc)")
PKG_CONFIG_SYSROOT_DIR=$dir
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
lib=$(dirname "$(find "$dir" -name librmmkvm.so)")
compiler=$(sed -n 's/^CC = *//p' "$builddir/Makefile")
sanitizers=$(sed -n 's/^SANITIZERS = *//p' "$builddir/Makefile")

# The first example is a program.
sed -n '/^\.Bd/,/^\.Ed/{/^\.Ed/q; /^\./d; p}' "${srcdir:-.}/man/librmmkvm.3.in" >"$dir/one.c"
grep -q '^main' "$dir/one.c"
# shellcheck disable=SC2046,SC2086 # words
$compiler -std=c11 -Wall -Wextra -Werror -o "$dir/one" "$dir/one.c" \
	$(pkg-config --cflags --libs rmmkvm) -Wl,-rpath-link,"$lib" \
	${sanitizers:+-fsanitize=$sanitizers}
[ "$(LD_LIBRARY_PATH=$lib "$builddir/rmmd" --run "$dir/one")" = populated ]

# C++ takes the header.
if command -v c++ >/dev/null; then
	printf '#include <rmmkvm.h>\nint main() { return 0; }\n' >"$dir/two.cc"
	# shellcheck disable=SC2046
	c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only "$dir/two.cc" \
		$(pkg-config --cflags rmmkvm)
fi

# Nothing but the public names is exported, and what gcov brings with it.
if nm -D --defined-only "$lib/librmmkvm.so" | awk '{ print $3 }' |
	grep -v '^rmmkvm_\|^__\|^_\|^mangle_path$'; then
	echo "install.sh: names that are not public"
	exit 1
fi
