# Generates the registry of statements from schema/queries/*.sql and schema/functions/*.sql:
# statements.h (-v part=header) or statements.c (-v part=source).
#
# A statement is a header, a description in comment lines, and one SQL text up to its `;`:
#     -- name: listing :opt ro
#     -- One listing that can be bought.
#     select ... where listing_id = :listing_id;
# Parameters `:name` become $1, $2, ... in the order of their first use; casts, quotes, comments and
# dollar quotes are not changed.
# After ro or rw may come `batched` (its parameters are an array of calls, :calls, and maybe :lock_ms and
# :stuck, see batch.h; `by` names the member of a call whose first number chooses its queue), `owner` (for an
# operator's command, run as the owner's role), `unkeyed` (see below) or `public` (for a read by anyone, which a standby may
# answer, up to a second late; calls with the parameter after `except` are for the primary, while there is one).
# Anything else stops the build with FILE:LINE. Output is written at the end, so an error leaves none.
#
# Files of a folder named functions have no statements. They tell whom a statement allows: the word that
# is the second argument of api.require(), api.caller() or api.batch_begin() in the functions and views of
# schema api that it uses, directly or through others, or in its own text. None: anyone. Two different
# words, an argument that is not such a word alone, or two functions of one name stop the build. They also tell
# whether a statement notes a privileged act: whether it uses api.note_act().
#
# A write of a caller happens once for each Idempotency-Key. A batched statement and one that takes :key
# see to that themselves; each other rw statement that asks who calls is put into the frame of
# api.keyed_member (_owner, _admin) and api.keyed_end, and so has the parameters :session, :key and :digest. `unkeyed` keeps
# it out: for what can be repeated without harm and needs no key.

function fail(line, text)
{
	printf "%s:%d: %s\n", FILENAME_OF, line, text > "/dev/stderr"
	failed = 1
}

# One line of text as a C string literal; `?` is escaped because of trigraphs.
function quoted(text)
{
	gsub(/\\/, "&&", text)
	gsub(/"/, "\\\\&", text)
	gsub(/\?/, "\\\\&", text)
	gsub(/\t/, "\\t", text)
	gsub(/\r/, "", text)
	return "\"" text "\""
}

function parameter_number(at, name,    i)
{
	for (i = 1; i <= n_params[at]; i++)
		if (params[at, i] == name)
			return i
	n_params[at] = i
	params[at, i] = name
	return i
}

function has_parameter(at, name,    i)
{
	for (i = 1; i <= n_params[at]; i++)
		if (params[at, i] == name)
			return 1
	return 0
}

function begin_statement(line,    word, n)
{
	n = split(line, word, " ")
	if (line !~ /^-- name: [a-z][a-z0-9_]* :[a-z]+ [a-z_ ]+$/ || n < 5) {
		fail(FNR_OF, "malformed header; its form is: " grammar)
		return
	}
	if (word[3] in line_of)
		fail(FNR_OF, "the name " word[3] " is already used in " source_of[word[3]])
	if (word[4] != ":one" && word[4] != ":opt" && word[4] != ":none" && word[4] != ":many")
		fail(FNR_OF, "unknown mark " word[4] "; it is :one, :opt, :none or :many")
	if (word[4] == ":many" && word[6] != "owner")
		fail(FNR_OF, "only an operator's command returns many rows: mark it `owner` too")
	if (word[5] != "rw" && word[5] != "ro")
		fail(FNR_OF, "unknown mark " word[5] "; it is rw or ro")
	queue_by[count + 1] = ""
	primary_if[count + 1] = ""
	if (n == 8 && word[6] == "batched" && word[7] == "by") {
		queue_by[count + 1] = word[8]
		n = 6
	}
	if (n == 8 && word[6] == "public" && word[7] == "except") {
		primary_if[count + 1] = word[8]
		n = 6
	}
	if (n > 6 || (n == 6 && word[6] != "batched" && word[6] != "owner" && word[6] != "unkeyed" && word[6] != "public"))
		fail(FNR_OF, "unknown mark " word[n] "; only `batched`, `owner`, `unkeyed` or `public` may come here, once")
	if (word[6] == "unkeyed" && word[5] != "rw")
		fail(FNR_OF, "only a write can be `unkeyed`")
	if (word[6] == "public" && word[5] != "ro")
		fail(FNR_OF, "only a read can be `public`")
	count++
	names[count] = word[3]
	line_of[word[3]] = FNR_OF
	source_of[word[3]] = FILENAME_OF ":" FNR_OF
	files[count] = FILENAME_OF
	rows[count] = toupper(substr(word[4], 2))
	mode[count] = word[5]
	batched[count] = (word[6] == "batched")
	owner[count] = (word[6] == "owner")
	unkeyed[count] = (word[6] == "unkeyed")
	is_public[count] = (word[6] == "public")
	n_params[count] = 0
	n_lines[count] = 0
	about[count] = ""
	state = "about"
	inside = ""
	depth = 0
}

function parameter_list(    i, list)
{
	for (i = 1; i <= n_params[count]; i++)
		list = list (i == 1 ? "" : " ") params[count, i]
	return list
}

function end_statement(    name)
{
	name = names[count]
	state = "between"
	if (batched[count] && parameter_list() != "calls" && parameter_list() != "calls lock_ms stuck")
		fail(line_of[name], name " is batched: its parameters must be :calls, or :calls, :lock_ms, :stuck")
	if (batched[count] && rows[count] != "ONE")
		fail(line_of[name], name " is batched: each of its calls has :one row")
}

# Reports what is unfinished where a header begins or the file ends.
function check_finished()
{
	if (state == "about")
		fail(line_of[names[count]], names[count] " has no SQL text")
	if (state == "text" && inside != "")
		fail(line_of[names[count]], names[count] " has no `;`: " inside " is not closed")
	else if (state == "text")
		fail(line_of[names[count]], names[count] " has no `;` at its end")
	state = "between"
}

# Reads one line of SQL. `inside` is what the last line left open (a quote, a dollar tag, a block
# comment), or "".
function read_text(line,    i, c, two, rest, tag, out, at, before)
{
	out = ""
	before = ""
	for (i = 1; i <= length(line); i += at) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		rest = substr(line, i)
		at = 1
		if (inside == "/*") {
			if (two == "/*") {
				depth++
				at = 2
			} else if (two == "*/") {
				at = 2
				if (--depth == 0)
					inside = ""
			}
		} else if (inside == "E'" && c == "\\") {
			at = 2
		} else if (inside == "E'" && c == "'") {
			inside = ""
		} else if (inside != "") {
			if (substr(rest, 1, length(inside)) == inside) {
				at = length(inside)
				inside = ""
			}
		} else if (two == "--") {
			at = length(rest)
		} else if (two == "/*") {
			inside = "/*"
			depth = 1
			at = 2
		} else if (c == "'") {
			inside = (before ~ /[eE]/ && substr(line, i - 2, 1) !~ /[A-Za-z0-9_$]/) ? "E'" : "'"
		} else if (c == "\"") {
			inside = "\""
		} else if (c == "$" && before !~ /[A-Za-z0-9_$]/ && match(rest, /^\$([A-Za-z_][A-Za-z0-9_]*)?\$/)) {
			inside = substr(rest, 1, RLENGTH)
			at = RLENGTH
		} else if (c == "$" && rest ~ /^\$[0-9]/) {
			fail(FNR_OF, "a parameter has a number; give it a name")
		} else if (two == "::" || two == ":=") {
			at = 2
		} else if (c == ":" && match(rest, /^:[A-Za-z_][A-Za-z0-9_]*/)) {
			at = RLENGTH
			tag = substr(rest, 2, RLENGTH - 1)
			if (tag !~ /^[a-z][a-z0-9_]*$/)
				fail(FNR_OF, "a parameter's name has lower-case letters, digits and _: " tag)
			out = out "$" parameter_number(count, tag)
			before = "0"
			continue
		} else if (c == ";") {
			if (substr(line, i + 1) !~ /^[ \t\r]*(--.*)?$/)
				fail(FNR_OF, "text after the `;`: a name has one statement")
			keep(out)
			end_statement()
			return
		}
		out = out substr(line, i, at)
		before = substr(line, i + at - 1, 1)
	}
	keep(out)
}

function keep(line)
{
	sub(/[ \t\r]+$/, "", line)
	text[count, ++n_lines[count]] = line
}

function read_line(line)
{
	if (line ~ /^--[ \t]*[Nn]ame[ \t]*:/ && (state != "text" || inside == "")) {
		check_finished()
		begin_statement(line)
	} else if (state == "text") {
		read_text(line)
	} else if (line ~ /^[ \t\r]*$/) {
		return
	} else if (state == "about" && line ~ /^--/) {
		sub(/^--[ \t]*/, "", line)
		about[count] = about[count] (about[count] == "" ? "" : " ") line
	} else if (state == "about") {
		if (about[count] == "")
			fail(FNR_OF, names[count] " has no description: a comment line below its header")
		state = "text"
		read_text(line)
	} else if (line !~ /^[ \t]*--/) {
		fail(FNR_OF, "text outside of statements; the form of a header is: " grammar)
	}
}

# Reads one line of schema/functions: collects the text of each function and view without comments.
function read_function(line,    word)
{
	if (match(line, /^create (or replace )?(function|view) api\.[a-z_0-9]+/)) {
		word = substr(line, 1, RLENGTH)
		sub(/^.*\./, "", word)
		function_name = word
		if (word in body)
			fail(FNR_OF, "api." word " is defined in " function_source[word] " already; which of the two is called?")
		function_source[word] = FILENAME_OF ":" FNR_OF
		open_code = ""
	} else if (line ~ /^[a-z]/ && line ~ /^(create|grant|revoke|alter|drop|comment|do) /) {
		function_name = ""
	}
	if (function_name != "")
		body[function_name] = body[function_name] code_of(line) "\n"
}

# The line as code: without comments, and of literals only those that are one word, as others may hold
# anything. `open_code` is what the last line left open: a quote, a block comment, or "".
function code_of(line,    i, c, two, out)
{
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (open_code == "/*") {
			if (two == "/*")
				comment_depth++
			else if (two == "*/" && --comment_depth == 0)
				open_code = ""
			i += (two == "/*" || two == "*/")
		} else if (open_code == "'") {
			if (c == "'") {
				out = out "'" (literal ~ /^[a-z]+$/ ? literal : "") "'"
				open_code = ""
			}
			literal = literal c
		} else if (two == "--") {
			break
		} else if (two == "/*") {
			open_code = two
			comment_depth = 1
			i++
		} else if (c == "'") {
			open_code = c
			literal = ""
		} else {
			out = out c
		}
	}
	literal = literal "\n"
	return out
}

# The second argument of the call that `rest` begins behind its `(`, without blanks; "" if there is none.
function second_argument(rest,    i, c, level, n, argument)
{
	level = 1
	n = 1
	for (i = 1; i <= length(rest); i++) {
		c = substr(rest, i, 1)
		if (c == "(" || c == "[")
			level++
		else if ((c == ")" || c == "]") && --level == 0)
			break
		if (level == 1 && c == ",")
			n++
		else if (n == 2 && c !~ /[ \t\r\n]/)
			argument = argument c
	}
	return argument
}

# Adds to who_of[i] what this text allows, and to notes_act[i]: by its own calls, and by the functions it uses.
function add_who(i, rest, place,    name, who)
{
	while (match(rest, /api\.[a-z_0-9]+/)) {
		name = substr(rest, RSTART + 4, RLENGTH - 4)
		rest = substr(rest, RSTART + RLENGTH)
		if (name == "require" || name == "caller" || name == "batch_begin") {
			who = rest ~ /^\(/ ? second_argument(substr(rest, 2)) : ""
			if (who ~ /^'(anyone|member|owner|admin)'$/)
				decide(i, substr(who, 2, length(who) - 2))
			else
				fail_at(place, "api." name "() without a literal 'anyone', 'member', 'owner' or 'admin'")
		} else if ((name in body) && !((i, name) in visited)) {
			if (name == "note_act")
				notes_act[i] = 1
			visited[i, name] = 1
			add_who(i, body[name], function_source[name])
		}
	}
}

function decide(i, word)
{
	if (who_of[i] != "" && who_of[i] != word)
		fail_at(files[i] ":" line_of[names[i]], names[i] " allows two: " who_of[i] " and " word)
	who_of[i] = word
}

function fail_at(place, text)
{
	printf "%s: %s\n", place, text > "/dev/stderr"
	failed = 1
}

# Whom each statement allows, and whether it takes the session by which that is decided. The calls of
# a batched statement carry theirs.
function find_who(    i, j, all)
{
	for (i = 1; i <= count; i++) {
		all = ""
		open_code = ""
		for (j = 1; j <= n_lines[i]; j++)
			all = all code_of(text[i, j]) "\n"
		add_who(i, all, files[i] ":" line_of[names[i]])
		if (who_of[i] == "")
			who_of[i] = "anyone"
		takes_session[i] = batched[i] && who_of[i] != "anyone"
		if (has_parameter(i, "session"))
			takes_session[i] = 1
		if (primary_if[i] != "" && !has_parameter(i, primary_if[i]))
			fail_at(files[i] ":" line_of[names[i]], names[i] " has no parameter " primary_if[i])
		if (is_public[i] && who_of[i] != "anyone")
			fail_at(files[i] ":" line_of[names[i]], names[i] " is `public`, but its functions allow: " who_of[i])
		if (mode[i] == "rw" && who_of[i] != "anyone" && !batched[i] && !unkeyed[i] && !has_parameter(i, "key"))
			put_into_frame(i)
	}
}

# The frame asks for the same rights as the statement; but for those of a shop that the statement does
# not name, which its own text checks.
function put_into_frame(i,    who, shop, session, key, j)
{
	if (rows[i] != "ONE" && rows[i] != "NONE")
		fail_at(files[i] ":" line_of[names[i]], names[i] " is a write with a key: it is :one or :none")
	who = who_of[i]
	shop = ""
	if (who == "owner" && !has_parameter(i, "shop_id"))
		who = "member"
	if (who != "member")
		shop = (has_parameter(i, "shop_id") ? "$" parameter_number(i, "shop_id") : "null") "::bigint, "
	session = "$" parameter_number(i, "session") "::bytea"
	key = "$" parameter_number(i, "key") "::text, $" parameter_number(i, "digest") "::bytea"
	for (j = n_lines[i]; j >= 1; j--)
		text[i, j + 3] = text[i, j]
	text[i, 1] = "select e.code, e.answer"
	text[i, 2] = "from api.keyed_" who "(" session ", " shop key ") b"
	text[i, 3] = "cross join lateral api.keyed_end(" session ", " key ", b.code, case when b.code is null then (select w.answer::text from ("
	n_lines[i] += 4
	text[i, n_lines[i]] = ") w(answer)) else b.answer end) e"
	rows[i] = "ONE"
}

function print_header(    i)
{
	print "/* Generated by registry.awk from the statement files. Do not edit. */"
	print "#ifndef SHOETOPIA_DB_STATEMENTS_H"
	print "#define SHOETOPIA_DB_STATEMENTS_H"
	print ""
	print "enum sql_id {"
	print "\tSQL_NONE = 0,"
	for (i = 1; i <= count; i++)
		print "\tSQL_" names[i] ","
	print "\tSQL_COUNT"
	print "};"
	print ""
	print "#endif"
}

function print_source(    i, j, line)
{
	print "/* Generated by registry.awk from the statement files. Do not edit. */"
	print "#include \"db/statement.h\""
	print ""
	for (i = 1; i <= count; i++) {
		if (n_params[i] == 0)
			continue
		line = "static const char *const params_of_" names[i] "[] = {"
		for (j = 1; j <= n_params[i]; j++)
			line = line " " quoted(params[i, j]) ","
		print line " };"
	}
	print ""
	print "const struct statement statements[SQL_COUNT] = {"
	for (i = 1; i <= count; i++) {
		print "\t[SQL_" names[i] "] = {"
		print "\t\t.name = " quoted(names[i]) ","
		print "\t\t.about = " quoted(about[i]) ","
		print "\t\t.source = " quoted(base(files[i]) ":" line_of[names[i]]) ","
		print "\t\t.rows = ROWS_" rows[i] ","
		print "\t\t.reads = " (mode[i] == "ro" ? "true" : "false") ","
		print "\t\t.is_public = " (is_public[i] ? "true" : "false") ","
		if (primary_if[i] != "")
			print "\t\t.primary_if = " quoted(primary_if[i]) ","
		print "\t\t.batched = " (batched[i] ? "true" : "false") ","
		if (queue_by[i] != "")
			print "\t\t.queue_by = " quoted(queue_by[i]) ","
		print "\t\t.owner = " (owner[i] ? "true" : "false") ","
		print "\t\t.who = " quoted(who_of[i]) ","
		print "\t\t.takes_session = " (takes_session[i] ? "true" : "false") ","
		print "\t\t.notes_act = " (notes_act[i] ? "true" : "false") ","
		if (n_params[i] > 0)
			print "\t\t.params = params_of_" names[i] ","
		print "\t\t.n_params = " n_params[i] ","
		print "\t\t.text ="
		for (j = 1; j <= n_lines[i]; j++)
			if (text[i, j] != "")
				print "\t\t\t" quoted(text[i, j]) (j < n_lines[i] ? " \"\\n\"" : "")
		print "\t},"
	}
	print "};"
}

function base(path)
{
	sub(/^.*\//, "", path)
	return path
}

BEGIN {
	grammar = "-- name: NAME :one|:opt|:none|:many rw|ro [batched [by PARAMETER]|owner|unkeyed|public [except PARAMETER]]"
	if (part != "header" && part != "source") {
		print "registry.awk: -v part=header or -v part=source" > "/dev/stderr"
		exit 2
	}
	for (file = 1; file < ARGC; file++) {
		FILENAME_OF = ARGV[file]
		FNR_OF = 0
		state = "between"
		is_functions = (FILENAME_OF ~ /(^|\/)functions\/[^\/]*$/)
		function_name = ""
		while ((got = (getline line < FILENAME_OF)) > 0) {
			FNR_OF++
			if (is_functions)
				read_function(line)
			else
				read_line(line)
		}
		if (got < 0)
			fail(0, "cannot be read")
		check_finished()
		close(FILENAME_OF)
	}
	find_who()
	if (failed)
		exit 1
	if (part == "header")
		print_header()
	else
		print_source()
}
