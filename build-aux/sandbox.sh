# shellcheck shell=bash disable=SC2153,SC2034 # ./start sets and reads variables of this file
# The payment sandbox of one state folder: a server that simulates the payment provider. Its data and keys are in $STATE/sandbox, and the program is
# set up to use it as the provider.

read_payment_settings() {
	PAYMENTS=${SHOETOPIA_PAYMENTS:-sandbox}
	case $PAYMENTS in
	off | sandbox | stripe) ;;
	*) fail "SHOETOPIA_PAYMENTS is sandbox, off, or stripe, not \"$PAYMENTS\"" ;;
	esac
	SANDBOX_PORT=${SHOETOPIA_SANDBOX_PORT-}
	[[ -z $SANDBOX_PORT ]] || is_number "$SANDBOX_PORT" 65535 || fail "SHOETOPIA_SANDBOX_PORT is a number from 1 to 65535, not \"$SANDBOX_PORT\""
	[[ $PAYMENTS != sandbox || -z $BUILD || -x $BUILD/payment-sandbox ]] ||
		fail "there is no payment sandbox in SHOETOPIA_BUILD ($BUILD/payment-sandbox); without it: SHOETOPIA_PAYMENTS=off"
	export SHOETOPIA_PAYMENTS=$PAYMENTS
}

# make_secret FILE PREFIX: a random secret, kept from one start to the next.
make_secret() {
	[[ ! -s $1 ]] || return 0
	if ! (umask 077 && printf '%s%s\n' "$2" "$(head -c 64 /dev/urandom | base64 -w 0 | tr -dc A-Za-z0-9 | head -c 32)" >"$1.new") ||
		! chown "$(service_user)" "$1.new" || ! mv "$1.new" "$1"; then
		fail "cannot write $1"
	fi
}

# The port of last time, since open payment pages have it in their address; at first one that is free.
choose_sandbox_port() {
	[[ $PAYMENTS == sandbox ]] || return 0
	local kept=$STATE/sandbox/port
	[[ -n $SANDBOX_PORT || ! -s $kept ]] || SANDBOX_PORT=$(<"$kept")
	if [[ -z $SANDBOX_PORT ]]; then
		SANDBOX_PORT=$((PORT < 60000 ? PORT + 101 : PORT - 101))
		while port_is_taken "$SANDBOX_PORT"; do
			((SANDBOX_PORT++))
		done
	fi
	! port_is_taken "$SANDBOX_PORT" || fail "port $SANDBOX_PORT of the payment sandbox is taken by another program. Choose another one with SHOETOPIA_SANDBOX_PORT, or SHOETOPIA_PAYMENTS=off"
}

configure_sandbox() {
	[[ $PAYMENTS == sandbox ]] || return 0
	install -d -m 0700 -o "$(service_user)" "$STATE/sandbox" || fail "cannot write into $STATE"
	printf '%s\n' "$SANDBOX_PORT" >"$STATE/sandbox/port"
	SANDBOX=http://127.0.0.1:$SANDBOX_PORT
	make_secret "$STATE/sandbox/key" sk_test_
	make_secret "$STATE/sandbox/webhook-secret" whsec_
	export SHOETOPIA_PAYMENTS=stripe SHOETOPIA_STRIPE_API=$SANDBOX SHOETOPIA_PAY_ORIGIN=$SANDBOX
	export SHOETOPIA_STRIPE_KEY_FILE=$STATE/sandbox/key SHOETOPIA_STRIPE_WEBHOOK_SECRET_FILE=$STATE/sandbox/webhook-secret
}

run_sandbox() {
	cd / || exit 1
	as_user "$(service_user)" TERM "$STATE/app/bin/payment-sandbox" --listen "127.0.0.1:$SANDBOX_PORT" --state "$STATE/sandbox/state" \
		--key-file "$STATE/sandbox/key" --webhook-url "http://127.0.0.1:$PORT/api/payments/events" \
		--webhook-secret-file "$STATE/sandbox/webhook-secret"
}

begin_sandbox() {
	[[ $PAYMENTS == sandbox ]] || return 0
	say "- starting the payment sandbox"
	begin sandbox
}
