#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Scripts of realms: what is kept, and 4,000 mutations of it.
exec "${builddir:-.}/tests/fuzz/fuzz-script" -r 4000 \
	"${srcdir:-.}/tests/fuzz/corpus-script"
