#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The parser of rmmctl's shell, fed what is kept and 20,000 mutations of it.
exec "${builddir:-.}/tests/fuzz/fuzz-shell" -r 20000 \
	"${srcdir:-.}/tests/fuzz/corpus-shell"
