#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The monitor, given some 80,000 calls drawn from a seed.
exec "${builddir:-.}/tests/fuzz/fuzz-calls" -l 4096 -r 120
