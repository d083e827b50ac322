#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The reader of attestation tokens, fed what is kept and 5,000 mutations of it.
exec "${builddir:-.}/tests/fuzz/fuzz-token" -r 5000 \
	"${srcdir:-.}/tests/fuzz/corpus-token"
