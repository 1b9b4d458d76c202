# shellcheck shell=bash
# The servers that ./start runs: its children, each in a session of its own, restarted when they die, stopped in order.
#
# Each has a name (postgres, sandbox, app-1, app-2, web), a function run_NAME or run_app that becomes the server by exec, a log in
# $STATE/log, and a record in $STATE/run/NAME.pid: its pid, its start time and the boot id, so that a pid that was reused
# meanwhile is never taken for ours. When ./start is killed, the kernel sends its servers a stop signal (PR_SET_PDEATHSIG).

declare -A PID=()        # by name: the process; empty while it is not running
declare -A BEGUN_AT=()   # by name: $SECONDS when it was started
declare -A DEATHS=()     # by name: how often in a row it died soon after its start
declare -A BEAT=()       # by name: our end of the pipe in which a process of the program reports progress
declare -A BEAT_AT=()    # by name: when the last report came, in microseconds; empty before the first
LOOKED_AT=0              # when reports were last looked for
POSTGRES_ENDING=         # of the last PostgreSQL that ended, and when
ENDED_AT=0
LOG_MAX_BYTES=$((16 * 1024 * 1024))
HUNG_SECONDS=3           # a process without a report for so long is ended
declare -A RETRY_AT=()   # by name: $SECONDS at which to try again
SERVERS=()               # in the order of their start

exec {NAP}<> <(:)        # a pipe without a writer: a timed read sleeps without starting a process
nap() {
	read -r -t "$1" -u "$NAP" || :
}

# A zombie is not alive, although it still has a pid.
is_alive() {
	local stat
	[[ -n $1 ]] && { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

# Start time and boot id: they distinguish a process from a later one with the same pid.
birth_of() {
	local stat boot
	read -r stat <"/proc/$1/stat" 2>/dev/null || return 1
	read -r boot </proc/sys/kernel/random/boot_id || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	printf '%s %s\n' "${20}" "$boot"
}

# begin NAME: starts it; the child closes descriptors that it must not inherit (the lock on the state), then executes the server.
begin() {
	local name=$1 function=run_${1%%-*} fd
	BEAT_AT[$name]=
	[[ $name != app-* ]] || open_beat "$name"
	(
		exec {LOCK}>&- {NAP}>&- {TO_PERSON}>&-
		for fd in "${BEAT[@]}"; do
			exec {fd}>&-
		done
		trap - PIPE
		"$function" "$name"
	) </dev/null >>"$STATE/log/$name.log" 2>&1 &
	PID[$name]=$!
	BEGUN_AT[$name]=$SECONDS
	{ printf '%s\n' "$!" && birth_of "$!"; } >"$STATE/run/$name.pid"
	[[ " ${SERVERS[*]-} " == *" $name "* ]] || SERVERS+=("$name")
}

# The pipe stays open here, so that it is there for the next process, too.
open_beat() {
	local fifo=$STATE/run/$1.beat fd
	[[ -z ${BEAT[$1]-} ]] || return 0
	rm -f "$fifo"
	mkfifo -m 600 "$fifo" || fail "cannot write into $STATE/run"
	exec {fd}<>"$fifo"
	BEAT[$1]=$fd
}

# Whether a process of the program has reported progress before, but not in the last HUNG_SECONDS.
is_hung() {
	local fd=${BEAT[$1]} now=${EPOCHREALTIME/[^0-9]/}
	while read -r -t 0 -u "$fd" && read -r -u "$fd"; do
		BEAT_AT[$1]=$now
	done
	[[ -n ${BEAT_AT[$1]} ]] && ((now - BEAT_AT[$1] > HUNG_SECONDS * 1000000))
}

# If we were stopped or asleep ourselves, the time without reports says nothing.
forgive_pause() {
	local name now=${EPOCHREALTIME/[^0-9]/}
	if ((now - LOOKED_AT > 1500000)); then
		for name in "${!BEAT_AT[@]}"; do
			[[ -z ${BEAT_AT[$name]} ]] || BEAT_AT[$name]=$now
		done
	fi
	LOOKED_AT=$now
}

# as_user USER SIGNAL COMMAND...: executes COMMAND, as that user if we are root; it gets SIGNAL when ./start dies.
as_user() {
	local user=$1 signal=$2 rights=()
	shift 2
	if [[ $EUID -eq 0 && $user != root ]]; then
		rights=(--reuid="$user" --regid="$(id -g "$user")" --init-groups)
	fi
	exec env --default-signal setsid setpriv "${rights[@]}" --pdeathsig "$signal" -- "$@"
}

# end PID SIGNAL SECONDS NAME [HARDER]: sends SIGNAL, waits, sends HARDER, waits, and kills it as a last resort.
end() {
	local pid=$1 name=$4
	send_and_wait "$pid" "$2" "$3" && return
	say "- $name has not stopped after $3 s; it gets a stronger signal"
	send_and_wait "$pid" "${5:-KILL}" 30 || send_and_wait "$pid" KILL 30
}

send_and_wait() {
	local until=$((SECONDS + $3))
	kill -"$2" "$1" 2>/dev/null || return 0
	while is_alive "$1" && ((SECONDS < until)); do
		nap 0.02
	done
	! is_alive "$1"
}

# The stop signal and the time limit of each: web server and program complete their requests. PostgreSQL does a fast shutdown, which
# writes a checkpoint; the stronger signal leaves that to the recovery at its next start.
end_named() {
	local name=$1 pid=$2
	case $name in
	web*) end "$pid" "$WEB_STOP_SIGNAL" 15 "$name" ;;
	app-*) end "$pid" TERM 40 "$name" ;;
	sandbox) end "$pid" TERM 15 "$name" ;;
	postgres) end "$pid" INT 120 "$name" QUIT ;;
	esac
	rm -f "$STATE/run/$name.pid" "$STATE/run/app/${name#app-}.sock"
}

end_all() {
	local name i
	[[ -z ${PID[web]-} ]] || end_named web "${PID[web]}"
	# All processes of the program get the signal first, then each is waited for.
	for name in "${!PID[@]}"; do
		[[ $name != app-* || -z ${PID[$name]} ]] || kill -TERM "${PID[$name]}" 2>/dev/null
	done
	for ((i = 1; i <= PROCESSES; i++)); do
		[[ -z ${PID[app-$i]-} ]] || end_named "app-$i" "${PID[app-$i]}"
	done
	[[ -z ${PID[sandbox]-} ]] || end_named sandbox "${PID[sandbox]}"
	[[ -z ${PID[postgres]-} ]] || end_named postgres "${PID[postgres]}"
}

# After an earlier ./start was killed: stops its servers if they still run, and removes their records.
end_orphans() {
	local record pid birth name names=()
	for record in "$STATE"/run/web.pid "$STATE"/run/app-*.pid "$STATE"/run/sandbox.pid "$STATE"/run/postgres.pid; do
		[[ -f $record ]] || continue
		name=${record##*/}
		name=${name%.pid}
		{ read -r pid && read -r birth; } <"$record" || pid=
		if is_alive "$pid" && [[ $(birth_of "$pid") == "$birth" ]]; then
			names+=("$name")
			end_named "$name" "$pid"
		fi
		rm -f "$record"
	done
	[[ ${#names[@]} -eq 0 ]] || say "- stopped what an earlier start on this state left running: ${names[*]}"
	end_strays
}

# Processes of ours without a record, such as nginx's workers after their master was killed. All that we run has standard error in a log of this state
# folder: in that very file, by device and inode, since in another mount namespace another file may have the same path.
end_strays() {
	local pid pids=() until=$((SECONDS + 10))
	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		! is_stray "$pid" || pids+=("$pid")
	done
	[[ ${#pids[@]} -gt 0 ]] || return 0
	say "- stopping processes that an earlier start on this state had left running: ${pids[*]}"
	for pid in "${pids[@]}"; do
		if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == postgres ]]; then
			kill -INT "$pid" 2>/dev/null
		else
			kill -TERM "$pid" 2>/dev/null
		fi
	done
	for pid in "${pids[@]}"; do
		while is_alive "$pid"; do
			((SECONDS < until)) || kill -KILL "$pid" 2>/dev/null
			nap 0.05
		done
	done
}

is_stray() {
	local log
	[[ $1 != "$$" && /proc/$1/ns/mnt -ef /proc/$$/ns/mnt ]] || return 1
	for log in "$STATE"/log/*.log "$STATE"/log/*.log.1; do
		[[ ! $log -ef /proc/$1/fd/2 ]] || return 0
	done
	return 1
}

# ending_of PID: sets ENDING to a description of how a child ended. Must run in the parent itself, not in a subshell.
ending_of() {
	local status
	wait "$1" 2>/dev/null
	status=$?
	if ((status > 128)); then
		ENDING="signal $(kill -l "$status")"
	else
		ENDING="exit status $status"
	fi
}

# Restarts a server that died at once the first time; if it died soon after its start, after a pause of 1 s, PostgreSQL of up to 5 s.
note_death() {
	local name=$1 pause=0 when=now
	((SECONDS - BEGUN_AT[$name] < 20)) || DEATHS[$name]=0
	((DEATHS[$name] += 1))
	if ((DEATHS[$name] > 1)); then
		pause=1
		[[ $name != postgres ]] || pause=$((DEATHS[$name] < 6 ? DEATHS[$name] - 1 : 5))
		when="in $pause s"
	fi
	ending_of "${PID[$name]}"
	((DEATHS[$name] > 5 && DEATHS[$name] % 60)) ||
		say "! $name (pid ${PID[$name]}) died: $ENDING; starting it again $when (log: $STATE/log/$name.log)"
	# nginx's workers outlive a killed master and would keep its port.
	kill -TERM -- "-${PID[$name]}" 2>/dev/null
	PID[$name]=
	RETRY_AT[$name]=$((SECONDS + pause))
}

# adopt_postgres: takes over a server on our data that somebody else started, as pg_ctl restart does. After a shutdown on request
# (exit status 0) that server has two seconds to appear.
adopt_postgres() {
	local pid
	if { read -r pid <"$STATE/data/postmaster.pid"; } 2>/dev/null && is_alive "$pid" && [[ /proc/$pid/cwd -ef $STATE/data ]]; then
		PID[postgres]=$pid
		BEGUN_AT[postgres]=$SECONDS
		{ printf '%s\n' "$pid" && birth_of "$pid"; } >"$STATE/run/postgres.pid"
		say "- postgres was started again by somebody else (pid $pid)"
		return 0
	fi
	[[ $POSTGRES_ENDING =~ ^exit\ status\ (0|127)$ ]] && ((SECONDS - ENDED_AT < 2)) # 127: it was no child of ours
}

# Checks all servers once and restarts those that died or hang.
restart_dead() {
	local name
	forgive_pause
	for name in "${SERVERS[@]}"; do
		if [[ -n ${PID[$name]} ]]; then
			if is_alive "${PID[$name]}"; then
				if [[ $name != app-* ]] || ! is_hung "$name"; then
					continue
				fi
				say "! $name (pid ${PID[$name]}) has made no progress for $HUNG_SECONDS s; ending it"
				kill -KILL "${PID[$name]}" 2>/dev/null
			fi
			note_death "$name"
			[[ $name != postgres ]] || { POSTGRES_ENDING=$ENDING && ENDED_AT=$SECONDS; }
		fi
		if [[ $name == postgres ]] && adopt_postgres; then
			continue
		fi
		((SECONDS < RETRY_AT[$name])) || begin "$name"
	done
}

# A log beyond 16 MiB becomes LOG.1. Servers that have it open append, so that it is copied and emptied, not moved; what is written in between is lost.
keep_logs_small() {
	local log
	for log in "$STATE"/log/*.log; do
		if [[ -f $log ]] && (($(stat -c %s "$log") >= LOG_MAX_BYTES)); then
			cp "$log" "$log.1" && : >"$log"
		fi
	done
}
