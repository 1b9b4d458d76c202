# shellcheck shell=bash
# The PostgreSQL cluster of one state folder: created once, then run on a Unix socket only, so that it cannot conflict with another server.

# The user that PostgreSQL runs as: postgres if we are root, otherwise the caller. The database's superuser is always called postgres.
cluster_user() {
	if [[ $EUID -eq 0 ]]; then
		echo postgres
	else
		id -un
	fi
}

find_postgres() {
	local major
	if [[ -s $STATE/data/PG_VERSION ]]; then
		major=$(<"$STATE/data/PG_VERSION")
		PGBIN=/usr/lib/postgresql/$major/bin
		[[ -x $PGBIN/postgres ]] || fail "the data in $STATE/data is PostgreSQL $major's, which is no longer installed: apt-get install postgresql-$major, or choose another SHOETOPIA_STATE"
	else
		PGBIN=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -t/ -k5 -n | tail -n 1)
		[[ -x $PGBIN/initdb ]] || fail "no PostgreSQL under /usr/lib/postgresql"
	fi
}

make_cluster() {
	[[ -s $STATE/data/PG_VERSION ]] && return
	# An interrupted initdb leaves an unusable folder: so the cluster is created elsewhere and then moved.
	rm -rf "$STATE/data.new" "$STATE/data"
	install -d -m 0700 -o "$(cluster_user)" "$STATE/data.new"
	step "making a PostgreSQL cluster in $STATE/data" "$STATE/log/postgres.log" as_cluster_user "$PGBIN/initdb" \
		--pgdata="$STATE/data.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --data-checksums --auth=peer ||
		{ show_tail "$STATE/log/postgres.log"; fail "initdb failed"; }
	mv "$STATE/data.new" "$STATE/data"
}

as_cluster_user() {
	local rights=()
	[[ $EUID -ne 0 ]] || rights=(setpriv --reuid=postgres --regid="$(id -g postgres)" --init-groups --)
	(cd / && exec env -u LC_ALL LC_MESSAGES=C.UTF-8 "${rights[@]}" "$@")
}

# Written at each start, so that a newer version applies its own settings.
configure_cluster() {
	local me=$1 app=$2 map='' system database
	fill_in deploy/postgresql.conf.in "$STATE/data/postgresql.conf"
	[[ -e $STATE/postgresql.local.conf ]] || printf '# Settings of your own for PostgreSQL; ./start keeps them.\n' >"$STATE/postgresql.local.conf"
	# Only processes of these users may connect, through the socket, as one of these roles: there are no passwords.
	for system in "$me" root "$(cluster_user)"; do
		for database in postgres shoetopia_owner shoetopia_app; do
			map+="ours $system $database"$'\n'
		done
	done
	map+="ours $app shoetopia_app"$'\n'
	sort -u <<<"$map" | sed '/^$/d' >"$STATE/data/pg_ident.conf"
	# The program's role gets into its own database and no other.
	# Backups and standbys of this machine connect as postgres.
	printf 'local %s %s %s\n' shoetopia shoetopia_app 'peer map=ours' all shoetopia_app reject all all 'peer map=ours' \
		replication postgres 'peer map=ours' >"$STATE/data/pg_hba.conf"
	chown "$(cluster_user)" "$STATE"/data/{postgresql,pg_ident,pg_hba}.conf
}

run_postgres() {
	cd / || exit 1
	export LC_MESSAGES=C.UTF-8
	as_user "$(cluster_user)" INT "$PGBIN/postgres" -D "$STATE/data"
}

psql_as() {
	local user=$1
	shift
	"$PGBIN/psql" -XqAt -v ON_ERROR_STOP=1 -U "$user" "$@"
}

wait_for_postgres() {
	local report_at=$((SECONDS + 5)) until=$((SECONDS + 900))
	until "$PGBIN/pg_isready" -q -t 2 -U postgres -d postgres; do
		if ! is_alive "${PID[postgres]}"; then
			show_tail "$STATE/log/postgres.log"
			fail "PostgreSQL did not start"
		fi
		((SECONDS < until)) || fail "PostgreSQL does not answer (log: $STATE/log/postgres.log)"
		if ((SECONDS >= report_at)); then
			say "- PostgreSQL is still recovering"
			report_at=$((SECONDS + 10))
		fi
		nap 0.05
	done
}

# The superuser creates roles and database; then the owner migrates the schema with the program.
migrate() {
	local log=$STATE/log/migrate.log
	: >"$log"
	step "preparing the database" "$log" psql_as postgres -d postgres -f "$SHARE/schema/roles.sql" ||
		{ show_tail "$log"; fail "the roles could not be made"; }
	step "bringing the schema up to date" "$log" as_cluster_user env PGUSER=shoetopia_owner "$STATE/app/bin/shoetopia" --migrate ||
		{ show_tail "$log"; fail "the schema could not be brought up to date"; }
}

# Loads the demo data once, into an empty database, in one transaction. Its accounts share one password, random for each state folder.
load_demo() {
	local password hash log=$STATE/log/demo.log
	[[ $(psql_as shoetopia_owner -c 'select exists (select from market.account)') == f ]] || return 0
	password=$(head -c 9 /dev/urandom | base64 | tr '+/' 'xy')
	hash=$(printf '%s\n' "$password" | as_cluster_user "$STATE/app/bin/shoetopia" --hash-password) || fail "shoetopia --hash-password failed"
	(umask 077 && printf '%s\n' "$password" >"$STATE/demo-password")
	keep_pictures
	(umask 077 && { printf "\\\\set password_hash '%s'\n" "$hash" && cat "$STATE/pictures.sql" "$SHARE/schema/demo.sql"; } >"$STATE/demo.new") ||
		fail "the demo data is not there"
	chown --reference="$STATE/data" "$STATE/demo.new"
	step "loading demo data" "$log" psql_as shoetopia_owner -1 -f "$STATE/demo.new" ||
		{ show_tail "$log"; fail "the demo data could not be loaded"; }
	rm -f "$STATE/demo.new" "$STATE/pictures.sql"
}

# Draws the pictures of the demo data, if there is a build folder to do it in, keeps them, and writes for demo.sql which they are.
keep_pictures() {
	local from=${BUILD:-$TOP/build} log=$STATE/log/demo.log
	if [[ -z $BUILD ]]; then
		step "drawing the pictures of the demo data" "$log" flock "$TOP/build/.lock" make -C "$TOP/build" -s demo-photos ||
			say "  without pictures: they could not be drawn (log: $log)"
	fi
	{
		echo 'create temporary table drawn (name text, hash bytea, width int, height int) on commit drop;'
		if compgen -G "$from/demo/*.photo" >/dev/null; then
			cp -r "$from/demo" "$SHARE/demo" && chmod -R a+rX "$SHARE/demo"
			echo 'copy drawn from stdin;'
			as_cluster_user env PGUSER=shoetopia_owner "$STATE/app/bin/shoetopia" --load-photos "$SHARE/demo" 2>>"$log"
			echo '\.'
		fi
	} >"$STATE/pictures.sql"
}

show_demo() {
	local mail
	[[ -s $STATE/demo-password ]] || return 0
	[[ $(psql_as shoetopia_owner -c "select exists (select from market.account where email = 'buyer@example.com')") == t ]] || return 0
	say
	say "Demo accounts, all with the password $(<"$STATE/demo-password")"
	for mail in buyer seller admin; do
		say "    $mail@example.com"
	done
	say
}
