# SPDX-License-Identifier: BSD-3-Clause
#
# Turn a command table (rmi-1.0.tbl) into C or text.
#
#	awk -v want=KIND -f commands.awk rmi-1.0.tbl
#
# KIND is one of
#	abi	rmi-commands.h: function ids, descriptors, RMI_COMMANDS(X)
#	calls.h	rmi-calls.h: the typed calls of librmmclient
#	calls.c	rmi-calls.c: their bodies
#	words	one command name a line, for dictionaries and completion
#	man	rows of a mdoc table for the manual

BEGIN {
	FS = "|"
	note = "/* SPDX-License-Identifier: BSD-3-Clause */\n" \
	    "/* Made by commands.awk from the command table; do not edit. */\n"
	if (want == "abi")
		print note "#ifndef RMI_COMMANDS_H\n#define RMI_COMMANDS_H\n"
	if (want == "calls.h")
		print note "#ifndef RMI_CALLS_H\n#define RMI_CALLS_H\n\n" \
		    "#include <stdint.h>\n\nstruct rmmclient;\n"
	if (want == "calls.c")
		print note "#include \"rmmclient.h\"\n\n#include \"rmi.h\"\n"
}

function quoted(words,   a, n, i, s) {
	n = split(words, a, " ")
	s = ""
	for (i = 1; i <= n; i++)
		s = s "\"" a[i] "\", "
	return "{ " s "NULL }"
}

function prototype(   a, n, i, s) {
	s = "rmi_" tolower($2) "(struct rmmclient *client"
	n = split($4, a, " ")
	for (i = 1; i <= n; i++)
		s = s ", uint64_t " a[i]
	n = split($5, a, " ")
	for (i = 1; i <= n; i++)
		s = s ", uint64_t *" a[i]
	return s ")"
}

function body(   a, n, i) {
	print "int\n" prototype() "\n{"
	print "\tuint64_t x[SMC_REGS] = { RMI_FID_" $2 " };"
	print "\tint rc;\n"
	n = split($4, a, " ")
	for (i = 1; i <= n; i++)
		print "\tx[" i "] = " a[i] ";"
	print "\trc = rmmclient_call(client, 0, x, NULL);"
	n = split($5, a, " ")
	for (i = 1; i <= n; i++)
		print "\tif (" a[i] " != NULL)\n\t\t*" a[i] " = x[" i "];"
	print "\treturn rc;\n}\n"
}

/^#/ || NF < 6 { next }

{
	names[++count] = $2
	if (want == "abi") {
		print "/* " $3 ": " $6 " */"
		print "#define RMI_FID_" $2 " " $1 "u"
		print "#define RMI_" $2 "_ABI { .fid = " $1 "u, \\"
		print "\t.name = \"RMI_" $2 "\", .section = \"" $3 "\", \\"
		print "\t.summary = \"" $6 "\", \\"
		print "\t.inputs = " quoted($4) ", \\"
		print "\t.outputs = " quoted($5) " }\n"
	}
	if (want == "calls.h") {
		print "/*"
		print " * RMI_" $2 " (DEN0137 1.0-rel0, " $3 ")"
		print " *"
		print " * " $6
		if ($5 != "")
			print " * Outputs may be NULL."
		print " * Returns the RMI return code (X0), or -errno; see" \
		    " rmmclient_call()."
		print " */"
		print "int " prototype() ";\n"
	}
	if (want == "calls.c")
		body()
	if (want == "words")
		print "RMI_" $2
	if (want == "man") {
		print ".It Li " $1 " Ta Li RMI_" $2 " Ta " \
		    ($4 == "" ? "-" : $4) " Ta " ($5 == "" ? "-" : $5)
	}
}

END {
	if (want == "abi") {
		print "#define RMI_COMMANDS(X) \\"
		for (i = 1; i <= count; i++)
			print "\tX(" names[i] ", " tolower(names[i]) ")" \
			    (i < count ? " \\" : "")
		print "\n#endif"
	}
	if (want == "calls.h")
		print "#endif"
}
