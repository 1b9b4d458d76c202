# Makes schema_files.c: the SQL files that --migrate runs, as C strings, so that the program carries its own schema.
#
# Give it all of schema/migrate/*.sql, schema/migrations/NNNN_*.sql and schema/functions/*.sql, in any order; what a file is, is told
# by the folder it is in. Migrations are numbered 0001, 0002, ... without a gap. A mistake stops the build with FILE:LINE.

function fail(text)
{
	printf "%s:1: %s\n", path, text > "/dev/stderr"
	failed = 1
}

function quoted(text)
{
	gsub(/\\/, "&&", text)
	gsub(/"/, "\\\\&", text)
	gsub(/\?/, "\\\\&", text)
	gsub(/\t/, "\\t", text)
	gsub(/\r/, "", text)
	return "\"" text "\\n\""
}

# "schema/functions/cart.sql" sorts as "functions/cart.sql" and so on: folder, then name.
function sort_key(path,    part, n)
{
	n = split(path, part, "/")
	return part[n - 1] "/" part[n]
}

function sort_paths(    i, j, kept)
{
	for (i = 2; i <= n_paths; i++) {
		kept = paths[i]
		for (j = i - 1; j >= 1 && sort_key(paths[j]) > sort_key(kept); j--)
			paths[j + 1] = paths[j]
		paths[j + 1] = kept
	}
}

function print_file(    folder, name, version, line, got, n)
{
	n = split(path, part, "/")
	folder = part[n - 1]
	name = part[n]
	version = 0
	if (folder == "migrations") {
		if (name !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+\.sql$/)
			fail("a migration is named NNNN_what_it_does.sql")
		version = substr(name, 1, 4) + 0
		if (version != ++migrations)
			fail("this should be migration number " migrations)
	} else if (folder != "functions" && folder != "migrate") {
		fail("only files of migrate, migrations and functions belong here")
	}
	sub(/\.sql$/, "", name)
	out = out "\t{\n\t\t.kind = SCHEMA_" toupper(folder) ",\n\t\t.version = " version ",\n\t\t.name = \"" name "\",\n\t\t.text =\n"
	lines = 0
	while ((got = (getline line < path)) > 0) {
		out = out "\t\t\t" quoted(line) "\n"
		lines++
	}
	close(path)
	if (got < 0)
		fail("cannot be read")
	else if (lines == 0)
		fail("is empty")
	out = out "\t},\n"
}

BEGIN {
	for (i = 1; i < ARGC; i++)
		paths[++n_paths] = ARGV[i]
	sort_paths()
	for (i = 1; i <= n_paths; i++) {
		path = paths[i]
		print_file()
	}
	if (failed)
		exit 1
	print "/* Made by embed.awk from the files of schema/. Do not edit. */"
	print "#include \"db/schema_file.h\""
	print ""
	print "const struct schema_file schema_files[] = {"
	printf "%s", out
	print "};"
	print ""
	print "const size_t n_schema_files = sizeof schema_files / sizeof schema_files[0];"
}
