#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The example of rmm-cpu(7), outside the tree: it compiles and links with what is
# installed, in C and in C++, and finds nothing but the public functions.
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
PKG_CONFIG_PATH=$(dirname "$(find "$dir" -name rmmcpu.pc)")
PKG_CONFIG_SYSROOT_DIR=$dir
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
lib=$(dirname "$(find "$dir" -name librmmcpu.so)")
compiler=$(sed -n 's/^CC = *//p' "$builddir/Makefile")
sanitizers=$(sed -n 's/^SANITIZERS = *//p' "$builddir/Makefile")

{
	# The first example; nothing is executed without a daemon.
	sed -n '/^\.Bd/,/^\.Ed/{/^\.Ed/q; /^\./d; s/\\e/\\/g; p}' \
		"${srcdir:-.}/man/rmm-cpu.7"
	cat <<'END'

bool
execute(struct rmmcpu *cpu, struct rmmcpu_entry *e, const void *code,
    struct rmmcpu_event *event)
{
	return cpu != NULL && e != NULL && code != NULL && event != NULL;
}
END
} >"$dir/one.c"
grep -q '^main' "$dir/one.c"
cp "$dir/one.c" "$dir/one.cc"
# shellcheck disable=SC2046,SC2086 # words
$compiler -std=c11 -Wall -Wextra -Werror -o "$dir/one" "$dir/one.c" \
	$(pkg-config --cflags --libs rmmcpu) -Wl,-rpath-link,"$lib" \
	${sanitizers:+-fsanitize=$sanitizers}
! RMMD_CONTROL=/nonexistent/socket LD_LIBRARY_PATH=$lib "$dir/one" \
	2>"$dir/err" || exit 1
grep -q /nonexistent/socket "$dir/err"

# C++ takes the header, and what an emulator does with it.
if command -v c++ >/dev/null; then
	sed -i 's/{ .kind = RMMCPU_ATTENTION }/{}/' "$dir/one.cc"
	# shellcheck disable=SC2046
	c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only "$dir/one.cc" \
		$(pkg-config --cflags rmmcpu)
fi

# Nothing but the public names is exported, and what gcov brings with it.
if nm -D --defined-only "$lib/librmmcpu.so" | awk '{ print $3 }' |
	grep -v '^rmmcpu_\|^__\|^_\|^mangle_path$'; then
	echo "install.sh: names that are not public"
	exit 1
fi
