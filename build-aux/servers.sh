# shellcheck shell=bash
# The servers that ./start runs: begun as its children, each in a session of its own, restarted when they die, stopped in order.
#
# Each has a name (postgres, app-1, app-2, web), a function run_NAME or run_app that becomes the server by exec, a log in
# $STATE/log, and a record in $STATE/run/NAME.pid: its pid, then when it began and in which boot, so that a pid that was given
# to somebody else meanwhile is never taken for ours. When ./start is killed, the kernel tells its servers to stop.

declare -A PID=()        # by name: the process; empty while it is not running
declare -A BEGUN_AT=()   # by name: $SECONDS when it was begun
declare -A DELAY=()      # by name: how long to wait before the next try
declare -A RETRY_AT=()   # by name: $SECONDS at which to try again
SERVERS=()               # in the order of their beginning

exec {NAP}<> <(:)        # a pipe that never says anything: napping on it costs no process
nap() {
	read -r -t "$1" -u "$NAP" || :
}

# A process that has ended and was not yet waited for is not alive, although it has a pid.
is_alive() {
	local stat
	[[ -n $1 ]] && { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

# What tells a process from a later one with the same pid.
birth_of() {
	local stat boot
	read -r stat <"/proc/$1/stat" 2>/dev/null || return 1
	read -r boot </proc/sys/kernel/random/boot_id || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	printf '%s %s\n' "${20}" "$boot"
}

# begin NAME: starts it; the child closes what it must not hold on to (the lock on the state), then becomes the server.
begin() {
	local name=$1 function=run_${1%%-*}
	(
		exec {LOCK}>&- {NAP}>&- {TO_PERSON}>&-
		trap - PIPE
		"$function" "$name"
	) </dev/null >>"$STATE/log/$name.log" 2>&1 &
	PID[$name]=$!
	BEGUN_AT[$name]=$SECONDS
	{ printf '%s\n' "$!" && birth_of "$!"; } >"$STATE/run/$name.pid"
	[[ " ${SERVERS[*]-} " == *" $name "* ]] || SERVERS+=("$name")
}

# as_user USER SIGNAL COMMAND...: becomes COMMAND, as that user when we are root; it gets SIGNAL when ./start dies.
as_user() {
	local user=$1 signal=$2 rights=()
	shift 2
	if [[ $EUID -eq 0 && $user != root ]]; then
		rights=(--reuid="$user" --regid="$(id -g "$user")" --init-groups)
	fi
	exec env --default-signal setsid setpriv "${rights[@]}" --pdeathsig "$signal" -- "$@"
}

# end PID SIGNAL SECONDS NAME [HARDER]: asks it to stop, waits, asks harder, and kills it when all that is of no use.
end() {
	local pid=$1 name=$4
	send_and_wait "$pid" "$2" "$3" && return
	say "- $name does not stop by itself after $3 s; it is told to stop at once"
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

# How each is asked to stop, and for how long: the web server finishes its requests, the program too. PostgreSQL shuts down fast,
# which still writes out all that is in its memory; told harder, it leaves that to the recovery at its next start.
end_named() {
	local name=$1 pid=$2
	case $name in
	web*) end "$pid" "$WEB_STOP_SIGNAL" 15 "$name" ;;
	app-*) end "$pid" TERM 40 "$name" ;;
	postgres) end "$pid" INT 120 "$name" QUIT ;;
	esac
	rm -f "$STATE/run/$name.pid" "$STATE/run/app/${name#app-}.sock"
}

end_all() {
	local name i
	[[ -z ${PID[web]-} ]] || end_named web "${PID[web]}"
	# All programs are told first, then each is waited for.
	for name in "${!PID[@]}"; do
		[[ $name != app-* || -z ${PID[$name]} ]] || kill -TERM "${PID[$name]}" 2>/dev/null
	done
	for ((i = 1; i <= PROCESSES; i++)); do
		[[ -z ${PID[app-$i]-} ]] || end_named "app-$i" "${PID[app-$i]}"
	done
	[[ -z ${PID[postgres]-} ]] || end_named postgres "${PID[postgres]}"
}

# What an earlier ./start left behind when it was killed: its servers, if they still run, are stopped; their records go.
end_orphans() {
	local record pid birth name names=()
	for record in "$STATE"/run/web.pid "$STATE"/run/app-*.pid "$STATE"/run/postgres.pid; do
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
	[[ ${#names[@]} -eq 0 ]] || say "- stopped what an earlier start on this state had left running: ${names[*]}"
	end_strays
}

# Processes of ours that no record tells of, such as nginx's workers after their master was killed. All that we run writes its
# errors into a log of this state; whoever does that is ours.
end_strays() {
	local link pid pids=() until=$((SECONDS + 10))
	for link in /proc/[0-9]*/fd/2; do
		[[ $(readlink "$link" 2>/dev/null) == "$STATE"/log/* ]] || continue
		pid=${link#/proc/}
		pid=${pid%%/*}
		[[ $pid != "$$" ]] || continue
		pids+=("$pid")
		if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == postgres ]]; then
			kill -INT "$pid" 2>/dev/null
		else
			kill -TERM "$pid" 2>/dev/null
		fi
	done
	[[ ${#pids[@]} -gt 0 ]] || return 0
	say "- stopping processes that an earlier start on this state had left running: ${pids[*]}"
	for pid in "${pids[@]}"; do
		while is_alive "$pid"; do
			((SECONDS < until)) || kill -KILL "$pid" 2>/dev/null
			nap 0.05
		done
	done
}

# ending_of PID: sets ENDING to why a child ended, in words. It has to be asked by the parent itself, not by a subshell.
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

# One look at all servers: who died is begun again; at once the first time, then with pauses that double up to half a minute.
restart_dead() {
	local name delay lived when
	for name in "${SERVERS[@]}"; do
		if [[ -n ${PID[$name]} ]]; then
			is_alive "${PID[$name]}" && continue
			lived=$((SECONDS - BEGUN_AT[$name]))
			delay=${DELAY[$name]:-0}
			((lived < 20)) || delay=0
			ending_of "${PID[$name]}"
			((delay)) && when="in $delay s" || when=now
			say "! $name (pid ${PID[$name]}) died: $ENDING; starting it again $when (log: $STATE/log/$name.log)"
			# nginx's workers outlive a master that was killed, and would hold its port.
			kill -TERM -- "-${PID[$name]}" 2>/dev/null
			PID[$name]=
			RETRY_AT[$name]=$((SECONDS + delay))
			DELAY[$name]=$((delay == 0 ? 1 : delay >= 16 ? 30 : delay * 2))
		fi
		((SECONDS < RETRY_AT[$name])) || begin "$name"
	done
}
