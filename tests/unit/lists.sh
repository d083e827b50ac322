#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The lists beside each command name the conditions of its file: .order only
# such, .tf_order all of them, once.  host_memory is the host's, sbz a choice.
set -eu

failed=0
for file in "${srcdir:-.}"/src/rmm/rmi/*.c; do
	awk -v file="${file##*/}" '
		function complain(sentence) {
			print file ": " sentence
			bad = 1
		}
		# The words of the string literals in a line.
		function words(line, seen, n, i, parts, quoted, m, j) {
			n = split(line, quoted, "\"")
			for (i = 2; i <= n; i += 2) {
				gsub(/[<;]/, " ", quoted[i])
				m = split(quoted[i], parts, " ")
				for (j = 1; j <= m; j++)
					seen[parts[j]]++
			}
		}
		match($0, /REJECT_IF\(c, [a-z0-9_]+/) {
			conditions[substr($0, RSTART + 13, RLENGTH - 13)] = 1
			num++
		}
		/^\t\.order = /	{ at = "order" }
		/^\t\.tf_order = / { at = "tf_order" }
		/^\t\.exec = /	{ at = "" }
		at == "order"	{ words($0, order) }
		at == "tf_order" { words($0, tf) }
		END {
			for (id in order)
				if (!(id in conditions))
					complain(".order has " id)
			for (id in tf)
				if (!(id in conditions) && id != "sbz")
					complain(".tf_order has " id)
				else if (tf[id] != 1)
					complain(".tf_order has " id " twice")
			for (id in conditions)
				if (!(id in tf) && id != "host_memory")
					complain(".tf_order lacks " id)
			if (num == 0 && file != "features.c")
				complain("no conditions were found")
			exit bad
		}' "$file" || failed=1
done
exit $failed
