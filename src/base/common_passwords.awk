# Generates common_passwords.c: the most common passwords, in lower case and sorted by their bytes, as
# one array in which a NUL follows each.
#
# Argument: RankedDictionaries/Common.pm of Debian's libdata-password-zxcvbn-perl, where a line holds
# one of them and its rank, from 1 for the most common: 'password' => 2. Those that no account may
# have, since they are shorter than 8 characters, are left out; of the others it takes the first
# 10,000, which must be there.

BEGIN {
	FS = "\047" # the quotation mark of Perl
	wanted = 10000
	write = "LC_ALL=C sort -u | sed -e 's/[\\\\\"?]/\\\\&/g' -e 's/.*/\t\"&\\\\0\"/'"
}

$3 ~ /^ => [0-9]+,$/ {
	rank = substr($3, 5) + 0
	of_rank[rank] = tolower($2)
	if (rank > last)
		last = rank
}

END {
	for (rank = 1; rank <= last && found < wanted; rank++) {
		word = of_rank[rank]
		if (length(word) < 8 || word !~ /^[!-~]+$/ || word in seen)
			continue
		seen[word] = 1
		chosen[++found] = word
	}
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
