#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The monitor, given 200,000 calls that are drawn from a seed, and some more
# with a look at the whole machine after each.
"${builddir:-.}/tests/model/model" -n 200000 &&
	"${builddir:-.}/tests/model/model" -n 20000 -s 2 -w 1
