# Generates common_passwords.c: the most common passwords, in lower case and sorted by their bytes, as
# one array in which a NUL follows each.
#
# Argument: frequency_lists.py of Debian's python3-zxcvbn, where a line holds all of them, separated by
# commas, the most common first. Those that no account may have, since they are shorter than 8
# characters, are left out; of the others it takes the first 10,000, which must be there.

BEGIN {
	FS = "\""
	wanted = 10000
	write = "LC_ALL=C sort -u | sed -e 's/[\\\\\"?]/\\\\&/g' -e 's/.*/\t\"&\\\\0\"/'"
}

$2 == "passwords" {
	n = split($4, list, ",")
	for (i = 1; i <= n && found < wanted; i++) {
		word = tolower(list[i])
		if (length(word) < 8 || word !~ /^[!-~]+$/ || word in seen)
			continue
		seen[word] = 1
		chosen[++found] = word
	}
}

END {
	if (found < wanted) {
		printf "%s:1: %d passwords of 8 characters or more, not %d\n", FILENAME, found, wanted > "/dev/stderr"
		exit 1
	}
	print "#include \"base/common_password.h\"\n\nconst char common_passwords[] =" | "cat"
	close("cat")
	for (i = 1; i <= found; i++)
		print chosen[i] | write
	if (close(write) != 0)
		exit 1
	print "\t;\nconst size_t common_passwords_size = sizeof common_passwords - 1;" | "cat"
}
