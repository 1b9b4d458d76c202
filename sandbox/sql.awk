# Makes sql.h (-v part=header) or sql.c (-v part=source) of sandbox.sql: the statement after "-- name: NAME" is SQL_NAME. Other comments are left out.

function quoted(text) {
	gsub(/[\\"]/, "\\\\&", text)
	return "\"" text "\\n\""
}

/^-- name: / {
	names[++n] = toupper($3)
	if (names[n] !~ /^[A-Z_]+$/ || names[n] in seen) {
		print FILENAME ":" FNR ": no new name: " $3 >"/dev/stderr"
		exit failed = 1
	}
	seen[names[n]]
	next
}

/^--/ || /^$/ { next }

n == 0 {
	print FILENAME ":" FNR ": SQL before the first name" >"/dev/stderr"
	exit failed = 1
}

{ texts[n] = texts[n] "\n\t\t" quoted($0) }

END {
	if (failed)
		exit 1
	print "/* Made of sandbox.sql by sql.awk. */"
	if (part == "header") {
		print "#ifndef SHOETOPIA_SANDBOX_SQL_H\n#define SHOETOPIA_SANDBOX_SQL_H\n\nenum sql {"
		for (i = 1; i <= n; i++)
			print "\tSQL_" names[i] ","
		print "\tSQL_COUNT\n};\n\nextern const char *const sql_texts[SQL_COUNT];\n\n#endif"
	} else {
		print "#include \"sandbox/sql.h\"\n\nconst char *const sql_texts[SQL_COUNT] = {"
		for (i = 1; i <= n; i++)
			print "\t[SQL_" names[i] "] =" texts[i] ","
		print "};"
	}
}
