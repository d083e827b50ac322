#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The inputs that are kept for the wire fuzzer, and some mutations of each, the
# same every time.
exec "${builddir:-.}/tests/fuzz/fuzz-wire" -r 5000 -s 1 \
	"${srcdir:-.}/tests/fuzz/corpus-wire"
