# SPDX-License-Identifier: BSD-3-Clause
#
# kvm-errnos.tbl as a C table for the tests (-v want=c), or as rows of the
# manual page (-v want=man), where profiles that answer alike stand together.

BEGIN {
	FS = " *\\| *"
	num = split("rfc v10 v12 v13 v14 v15 latest x-splice " \
	    "x-region-measure", names, " ")
	if (want == "c") {
		print "/* Made from kvm-errnos.tbl. */"
		printf "static const char *const table_profiles[] = {"
		for (i = 1; i <= num; i++)
			printf " \"%s\",", names[i]
		print " };"
		print "static const struct table_row table[] = {"
	}
}

END {
	if (want == "c")
		print "};"
	else if (open)
		print ".El"
}

/^#/ || /^$/ { next }

/^%/ {
	if (want != "man")
		next
	if (open)
		print ".El\n.Pp"
	open = 1
	sub(/^% */, "")
	print "" $0 ":"
	print ".Bl -tag -width Ds -compact"
	next
}

{
	if (split($3, values, " ") != num) {
		print "kvm-errnos.tbl:" NR ": not " num " values" >"/dev/stderr"
		exit 1
	}
}

want == "c" {
	printf "\t{ \"%s\", {", $1
	for (i = 1; i <= num; i++)
		printf " \"%s\",", values[i]
	print " } },"
}

want == "man" {
	print ".It " $2
	line = ""
	# Each answer once, with those that give it.
	split("", done)
	for (i = 1; i <= num; i++) {
		if (i in done || values[i] == "-")
			continue
		who = names[i]
		alike = 1
		for (j = i + 1; j <= num; j++)
			if (values[j] == values[i]) {
				who = who ", " names[j]
				done[j] = 1
				alike++
			}
		if (values[i] ~ /^E/)
			answer = ".Er " values[i]
		else
			answer = values[i] == 0 ? "0" : values[i] \
			    (values[i] == 1 ? " page" : " pages")
		last = 1
		for (j = i + 1; j <= num; j++)
			if (!(j in done) && values[j] != "-")
				last = 0
		print answer
		if (alike < num)
			print "in " who (last ? "" : ";")
	}
}
