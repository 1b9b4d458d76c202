# shellcheck shell=bash disable=SC2034
# Shared by ./start and ./check: progress messages, installing missing packages, building. Sourced by bash; it only defines, and checks the path of the tree.
#
# A package is needed if what it provides is missing ("PACKAGE=COMMAND", or "PACKAGE=/a/file", where the file may be a pattern). So another
# source of the same command is accepted, nothing is upgraded, and no network is needed if all is there.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

PACKAGES_TO_BUILD=(
	gcc=gcc libc6-dev=/usr/include/stdio.h make=make autoconf=autoreconf automake=automake pkgconf=pkg-config
	libfcgi-dev=/usr/include/fcgiapp.h libpq-dev=/usr/include/postgresql/libpq-fe.h libcjson-dev=/usr/include/cjson/cJSON.h
	libcurl4-openssl-dev='/usr/include/*/curl/curl.h' libsodium-dev=/usr/include/sodium.h libglib2.0-dev=/usr/include/glib-2.0/glib.h
	libjpeg62-turbo-dev='/usr/include/*/jconfig.h' libpng-dev=/usr/include/png.h libwebp-dev=/usr/include/webp/encode.h libseccomp-dev=/usr/include/seccomp.h
	libdata-password-zxcvbn-perl=/usr/share/perl5/Data/Password/zxcvbn/RankedDictionaries/Common.pm
)
PACKAGES_TO_RUN=(postgresql='/usr/lib/postgresql/*/bin/initdb')
PACKAGES_FOR_NGINX=(nginx=nginx)
PACKAGES_FOR_APACHE=(apache2-bin=apache2)
PACKAGES_FOR_SANDBOX=(
	libmicrohttpd-dev=/usr/include/microhttpd.h libsqlite3-dev=/usr/include/sqlite3.h
)
PACKAGES_FOR_DEMO=(librsvg2-bin=rsvg-convert)
PACKAGES_FOR_SERVICE_USERS=(acl=setfacl)
PACKAGES_TO_CHECK=(
	'g++=g++' clang=clang libclang-rt-dev='/usr/lib/llvm-*/lib/clang/*/lib/*/*clang_rt.fuzzer*'
	libcmocka-dev=/usr/include/cmocka.h libjansson-dev=/usr/include/jansson.h
	postgresql-server-dev-all='/usr/lib/postgresql/*/lib/pgxs/src/test/isolation/isolationtester'
	python3=/usr/bin/python3 python3-jsonschema=/usr/lib/python3/dist-packages/jsonschema
	python3-aiosmtpd=/usr/lib/python3/dist-packages/aiosmtpd openssl=openssl
	python3-hypothesis=/usr/lib/python3/dist-packages/hypothesis python3-yaml=/usr/lib/python3/dist-packages/yaml
	apache2=a2enmod libapache2-mod-fcgid=/usr/lib/apache2/modules/mod_fcgid.so curl=curl
	clang-format=clang-format cppcheck=cppcheck shellcheck=shellcheck git=git xz-utils=xz
)
# Of the start suite in --long: a Debian to install on, what docs/operations.md backs up with, and what builds and checks the package.
PACKAGES_FOR_PACKAGE=(debootstrap=debootstrap pgbackrest=pgbackrest debhelper=dh lintian=lintian dpkg-dev=dpkg-buildpackage fakeroot=fakeroot adduser=adduser)
PACKAGES_FOR_MACHINES=(patroni=patroni etcd-server=etcd etcd-client=etcdctl)
PACKAGES_FOR_NODE=(nodejs=node npm=npm ca-certificates=/etc/ssl/certs/ca-certificates.crt)
PACKAGES_FOR_BROWSER=(chromium=chromium)

# Debian keeps servers' commands where a plain user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
	printf '%s\n' "$*" 2>/dev/null || :
}

# Our own failures: one line to standard error, then exit. The shell itself reports every child that dies; ./start sends
# that into a log (by moving file descriptor 2), and this descriptor stays the terminal.
exec {TO_PERSON}>&2
fail() {
	printf '%s: %s\n' "${0##*/}" "$*" >&"$TO_PERSON" || :
	exit 1
}

# Autoconf refuses such a path, as late as after the packages were installed.
[[ $TOP =~ ^/[A-Za-z0-9_./+,@:=~^%-]+$ ]] ||
	fail "the path of the source tree has characters that the build cannot use (blanks, for example); move it elsewhere: $TOP"

# Seconds since the program began, with tenths; $EPOCHREALTIME may have a comma in it, after the user's locale.
BEGAN=${EPOCHREALTIME/[^0-9]/}
seconds_since() {
	local tenths=$(((${EPOCHREALTIME/[^0-9]/} - $1) / 100000))
	printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

# step TEXT LOG COMMAND...: prints TEXT, runs the command with its output in LOG, and prints how long it took if that was long.
# A signal is handled at once: bash runs traps during wait, but not while a foreground command runs.
exec {LOCK}</dev/null # ./start opens its lock on the state here; no child may inherit it
STEP_PID=
STEP_IS_ATOMIC= # set during a step that must not be interrupted
step() {
	local text=$1 log=$2 began=${EPOCHREALTIME/[^0-9]/} status
	shift 2
	say "- $text"
	"$@" </dev/null >>"$log" 2>&1 {LOCK}>&- &
	STEP_PID=$!
	wait "$STEP_PID"
	status=$?
	STEP_PID=
	if ((${EPOCHREALTIME/[^0-9]/} - began > 2000000)); then
		say "  took $(seconds_since "$began")"
	fi
	return "$status"
}

# For a trap: ends the current step, or waits for one that must not be interrupted.
end_step() {
	[[ -n $STEP_PID ]] || return 0
	if [[ -n $STEP_IS_ATOMIC ]]; then
		say "- waiting for the current step"
	else
		kill -TERM "$STEP_PID" 2>/dev/null
	fi
	wait "$STEP_PID"
	STEP_PID=
}

# The end of a log, indented, to standard error, when a step failed.
show_tail() {
	printf '%s\n' "--- the end of $1:" >&"$TO_PERSON"
	tail -n "${2:-25}" "$1" 2>/dev/null | sed 's/^/    /' >&"$TO_PERSON"
}

is_there() {
	case $1 in
	/*) compgen -G "$1" >/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# missing_packages PACKAGE=THING...: sets MISSING.
missing_packages() {
	local pair
	MISSING=()
	for pair; do
		is_there "${pair#*=}" || MISSING+=("${pair%%=*}")
	done
}

# need_packages LOG PACKAGE=THING...: installs those that are missing, as root or by sudo. Servers that they contain are not started.
need_packages() {
	local log=$1 asroot=()
	shift
	missing_packages "$@"
	[[ ${#MISSING[@]} -gt 0 ]] || return 0
	if [[ $EUID -ne 0 ]]; then
		command -v sudo >/dev/null || fail "these packages are missing, and there is no sudo to install them: ${MISSING[*]}"
		say "- these packages are missing, and installing them needs sudo: ${MISSING[*]}"
		sudo -v || fail "sudo refused. As root: apt-get install ${MISSING[*]}"
		asroot=(sudo)
	fi
	command -v apt-get >/dev/null || fail "these packages are missing, and this system is not Debian: ${MISSING[*]}"
	STEP_IS_ATOMIC=yes
	if ! step "installing packages: ${MISSING[*]} (log: $log)" "$log" "${asroot[@]}" "$BASH" "$TOP/build-aux/install-packages" "${MISSING[@]}"; then
		show_tail "$log"
		fail "the packages could not be installed"
	fi
	STEP_IS_ATOMIC=
	hash -r
	missing_packages "$@"
	[[ ${#MISSING[@]} -eq 0 ]] || fail "installed but not found: ${MISSING[*]} (log: $log)"
}

# build_tree DIR CONFIGURE_ARGUMENT...: builds the program in DIR, out of the source tree, unless it is built; only what changed.
build_tree() {
	local dir=$1 stamp
	shift
	mkdir -p "$TOP/build" "$dir" 2>/dev/null || fail "cannot write into $TOP/build"
	[[ -w $TOP/build && -w $dir ]] || fail "$dir belongs to another user ($(stat -c %U "$dir")); remove it, or build as that user"
	exec {BUILD_LOCK}>"$TOP/build/.lock" || fail "cannot write $TOP/build/.lock"
	if ! flock -n "$BUILD_LOCK"; then
		say "- waiting for another build in $TOP/build"
		flock "$BUILD_LOCK"
	fi
	: >"$dir/build.log"
	if [[ ! -x $TOP/configure || ! -f $TOP/Makefile.in ]]; then
		build_step "$dir" "preparing the build" autoreconf -i "$TOP"
	fi
	# configure decides what is built by what it finds: with other arguments or other test libraries it runs again.
	stamp="$* $(pkg-config --modversion cmocka libcurl jansson libmicrohttpd sqlite3 2>&1)"
	if [[ ! -f $dir/config.status || $(cat "$dir/.configured" 2>/dev/null) != "$stamp" ]]; then
		build_step "$dir" "configuring ${dir#"$TOP"/}" configure_in "$dir" "$@"
		printf '%s\n' "$stamp" >"$dir/.configured"
	fi
	if make -q -C "$dir" all >/dev/null 2>&1; then
		say "- ${dir#"$TOP"/} is built"
	else
		build_step "$dir" "building ${dir#"$TOP"/} (a minute or so the first time)" make -C "$dir" -j"$(nproc)" all
	fi
	exec {BUILD_LOCK}>&-
}

configure_in() {
	local dir=$1
	shift
	cd "$dir" && "$TOP/configure" -q "$@"
}

build_step() {
	local dir=$1
	shift
	if ! step "$1" "$dir/build.log" "${@:2}"; then
		show_tail "$dir/build.log" 40
		fail "the build failed (the whole log: $dir/build.log)"
	fi
}
