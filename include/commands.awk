# SPDX-License-Identifier: BSD-3-Clause
#
# Turn a command table (rmi-1.0.tbl) into C or text.
#
#	awk -v want=KIND [-v prefix=RMI] -f commands.awk rmi-1.0.tbl
#
# prefix is the interface: RMI, RSI or PSCI.  KIND is one of
#	abi	rmi-commands.h: function ids, descriptors, RMI_COMMANDS(X)
#	calls.h	rmi-calls.h: the typed calls of librmmclient, or for RSI and
#		PSCI those of librmmguest
#	calls.c	rmi-calls.c: their bodies
#	words	one command name a line, for dictionaries and completion
#	man	rows of a mdoc table for the manual

BEGIN {
	FS = "|"
	if (prefix == "")
		prefix = "RMI"
	lower = tolower(prefix)
	library = prefix == "RMI" ? "rmmclient" : "rmmguest"
	self = prefix == "RMI" ? "client" : "guest"
	note = "/* SPDX-License-Identifier: BSD-3-Clause */\n" \
	    "/* Made by commands.awk from the command table; do not edit. */\n"
	if (want == "abi")
		print note "#ifndef " prefix "_COMMANDS_H\n#define " prefix \
		    "_COMMANDS_H\n"
	if (want == "calls.h")
		print note "#ifndef " prefix "_CALLS_H\n#define " prefix \
		    "_CALLS_H\n\n#include <stdint.h>\n\nstruct " library \
		    ";\n"
	if (want == "calls.c")
		print note "#include \"" library ".h\"\n\n#include \"" \
		    (prefix == "RMI" ? "rmi" : "rsi") ".h\"\n"
}

function quoted(words,   a, n, i, s) {
	n = split(words, a, " ")
	s = ""
	for (i = 1; i <= n; i++)
		s = s "\"" a[i] "\", "
	return "{ " s "NULL }"
}

function prototype(   a, n, i, s) {
	s = lower "_" tolower($2) "(struct " library " *" self
	n = split($4, a, " ")
	for (i = 1; i <= n; i++)
		s = s ", uint64_t " a[i]
	n = split($5, a, " ")
	for (i = 1; i <= n; i++)
		s = s ", uint64_t *" a[i]
	if (prefix == "PSCI")
		s = s ", int64_t *result"
	return s ")"
}

function body(   a, n, i) {
	print "int\n" prototype() "\n{"
	print "\tuint64_t x[SMC_REGS] = { " prefix "_FID_" $2 " };"
	print "\tint rc;\n"
	n = split($4, a, " ")
	for (i = 1; i <= n; i++)
		print "\tx[" i "] = " a[i] ";"
	if (prefix == "RMI")
		print "\trc = rmmclient_call(client, 0, x, NULL);"
	else
		print "\trc = rmmguest_" lower "_call(guest, x);"
	n = split($5, a, " ")
	for (i = 1; i <= n; i++)
		print "\tif (" a[i] " != NULL)\n\t\t*" a[i] " = x[" i "];"
	if (prefix == "PSCI")
		print "\tif (result != NULL)\n\t\t*result = (int64_t)x[0];"
	print "\treturn rc;\n}\n"
}

/^#/ || NF < 6 { next }

{
	names[++count] = $2
	if (want == "abi") {
		print "/* " $3 ": " $6 " */"
		print "#define " prefix "_FID_" $2 " " $1 "u"
		print "#define " prefix "_" $2 "_ABI { .fid = " $1 "u, \\"
		print "\t.name = \"" prefix "_" $2 "\", .section = \"" $3 "\", \\"
		print "\t.summary = \"" $6 "\", \\"
		print "\t.inputs = " quoted($4) ", \\"
		print "\t.outputs = " quoted($5) " }\n"
	}
	if (want == "calls.h") {
		print "/*"
		print " * " prefix "_" $2 " (DEN0137 1.0-rel0, " $3 ")"
		print " *"
		print " * " $6
		if ($5 != "")
			print " * Outputs may be NULL."
		if (prefix == "PSCI")
			print " * result: X0, a PSCI return code; may be NULL."
		if (prefix == "RMI")
			print " * Returns the RMI return code (X0), or" \
			    " -errno; see rmmclient_call()."
		else
			print " * Returns what rmmguest_" lower "_call() does."
		print " */"
		print "int " prototype() ";\n"
	}
	if (want == "calls.c")
		body()
	if (want == "words")
		print prefix "_" $2
	if (want == "man") {
		print ".It Li " $1 " Ta Li " prefix "_" $2 " Ta " \
		    ($4 == "" ? "-" : $4) " Ta " ($5 == "" ? "-" : $5)
	}
}

END {
	if (want == "abi") {
		print "#define " prefix "_COMMANDS(X) \\"
		for (i = 1; i <= count; i++)
			print "\tX(" names[i] ", " tolower(names[i]) ")" \
			    (i < count ? " \\" : "")
		print "\n#endif"
	}
	if (want == "calls.h")
		print "#endif"
}
