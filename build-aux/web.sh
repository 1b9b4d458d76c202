# shellcheck shell=bash disable=SC2153 # the keys of FILL are not variables, and ./start sets PORT
# The web server of one state: a separate instance of nginx or Apache on 127.0.0.1 that writes only below the state folder.

service_user() {
	if [[ $EUID -eq 0 ]]; then
		echo www-data
	else
		id -un
	fi
}

configure_nginx() {
	local i workers files
	# Half of the cores: nginx does little work for each request, and less if several arrive at a time; the rest is for the program and PostgreSQL.
	workers=$((($(nproc) + 1) / 2))
	((workers <= 4)) || workers=4
	files=$(ulimit -Sn)
	[[ $files != unlimited ]] || files=65536
	FILL[WORKERS]=$workers
	FILL[KEEPALIVE]=$((96 / workers)) # see deploy/nginx/shoetopia.conf.in
	FILL[FILES]=$files
	FILL[CONNECTIONS]=$((files / 2 < 16384 ? files / 2 : 16384))
	FILL[LISTEN]=127.0.0.1:$PORT
	FILL[CONF]=$STATE/web
	FILL[CACHE]=$STATE/web/cache
	FILL[LOG]=$STATE/log/nginx
	FILL[HASHES]=$(($(nproc) * 50))
	FILL[UPSTREAMS]=
	FILL[BATCHED]=
	for ((i = 1; i <= PROCESSES; i++)); do
		FILL[UPSTREAMS]+="server unix:$RUN/app/$i.sock max_fails=0; "
		FILL[BATCHED]+="server unix:$RUN/app/$i.sock max_fails=0$( ((i == 1)) || echo ' backup'); "
	done
	[[ ${SHOETOPIA_ONE_LINE:-1} != 0 ]] || FILL[BATCHED]=${FILL[UPSTREAMS]}
	FILL[USER]=
	[[ $EUID -ne 0 ]] || FILL[USER]='user www-data;'
	fill_in deploy/nginx/nginx.conf.in "$STATE/web/nginx.conf"
	fill_in deploy/nginx/shoetopia.conf.in "$STATE/web/shoetopia.conf"
	cp "$TOP/deploy/nginx/shoetopia-program.conf" "$TOP/deploy/nginx/shoetopia-problem.conf" "$STATE/web/"
	: >"$STATE/log/web.log"
	nginx -t -q -p "$STATE/web" -e "$STATE/log/nginx-error.log" -c "$STATE/web/nginx.conf" >>"$STATE/log/web.log" 2>&1 && return
	web_failed "nginx rejects its configuration"
}

configure_apache() {
	local i
	FILL[LISTEN]=127.0.0.1:$PORT
	FILL[CONF]=$STATE/web
	FILL[LOG]=$STATE/log/apache
	FILL[MEMBERS]=
	for ((i = 1; i <= PROCESSES; i++)); do
		FILL[MEMBERS]+="BalancerMember \"unix:$RUN/app/$i.sock|fcgi://shoetopia-$i\" retry=1"$'\n\t\t'
	done
	FILL[USER]=
	[[ $EUID -ne 0 ]] || FILL[USER]=$'User www-data\nGroup www-data'
	fill_in deploy/apache/httpd.conf.in "$STATE/web/httpd.conf"
	fill_in deploy/apache/shoetopia.conf.in "$STATE/web/shoetopia.conf"
	rm -rf "$STATE/web/problems"
	cp -r "$TOP/deploy/apache/problems" "$STATE/web/problems"
	cp "$TOP/deploy/apache/workers.conf" "$STATE/web/"
	: >"$STATE/log/web.log"
	apache2 -t -f "$STATE/web/httpd.conf" >>"$STATE/log/web.log" 2>&1 && return
	web_failed "Apache rejects its configuration"
}

run_web() {
	cd / || exit 1
	case $SERVER in
	nginx) as_user root TERM nginx -p "$STATE/web" -e "$STATE/log/nginx-error.log" -c "$STATE/web/nginx.conf" -g 'daemon off;' ;;
	apache) as_user root TERM apache2 -f "$STATE/web/httpd.conf" -D FOREGROUND ;;
	esac
}

web_failed() {
	show_tail "$STATE/log/web.log"
	show_tail "$STATE/log/$SERVER-error.log"
	fail "$1"
}

# Whether a process listens on the port for 127.0.0.1, by the kernel's tables: a trial connection could hang.
port_is_taken() {
	local port
	printf -v port '%04X' "$1"
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		grep -qE "^ *[0-9]+: (0100007F|0{8}|0{32}):$port [0-9A-F]+:[0-9A-F]+ 0A "
}

fail_port_taken() {
	local other=$PORT
	while ((other < 65535)) && port_is_taken "$other"; do
		((other++))
	done
	fail "port $PORT is taken by another program. Choose another one: SHOETOPIA_PORT=$other ./start"
}

# One GET over loopback by bash alone; prints the status.
status_of() {
	local line
	(
		exec 3<>"/dev/tcp/127.0.0.1/$PORT" || exit
		printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$1" "$PORT" >&3
		read -r -t 10 line <&3 && [[ $line =~ ^HTTP/1\.[01]\ ([0-9]{3}) ]] && printf '%s' "${BASH_REMATCH[1]}"
	) 2>/dev/null
}

wait_for_answer() {
	local until=$((SECONDS + 120)) report_at=$((SECONDS + 10)) name
	until [[ $(status_of /api/health) == 200 ]]; do
		if ! is_alive "${PID[web]}" && grep -qs 'Address already in use' "$STATE/log/web.log"; then
			fail_port_taken
		fi
		restart_dead
		for name in "${SERVERS[@]}"; do
			if ((${DEATHS[$name]:-0} > 3)); then
				show_tail "$STATE/log/$name.log"
				[[ $name != web ]] || web_failed "$SERVER does not stay up"
				fail "$name does not stay up (log: $STATE/log/$name.log)"
			fi
		done
		if ((SECONDS >= until)); then
			show_tail "$STATE/log/app-1.log"
			show_tail "$STATE/log/web.log"
			fail "Shoetopia does not answer on port $PORT after two minutes"
		fi
		if ((SECONDS >= report_at)); then
			say "- waiting for the program to answer"
			report_at=$((SECONDS + 10))
		fi
		nap 0.05
	done
}
