#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Every answer that the specification allows is accepted: those of the
# reference implementation, and those that are drawn.
. "${srcdir:-.}/tests/conform/lib.sh"

for order in tf-rmm spec-random:1 spec-random:2; do
	expect 0 on "$banks --max-recs-order 2 --rec-aux-count 1
		--order $order" "$conform"
done
