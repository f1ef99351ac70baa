#!/usr/bin/env bash
# Runs Envoy in its container. Envoy ends at once on a TERM, in the middle of answers: this lets it refuse new
# connections first, and finish the requests that it has.
set -u

readonly CONFIG=${1:-/etc/envoy/envoy.yaml}
readonly ADMIN_PORT=${2:-9901} # of the way to the admin page, on loopback: the default of `conjure edge`
readonly LONGEST_S=12          # below stop_grace_period; a stream has no end of its own, and is cut then

# Asks the admin page, and prints its answer. The image has no curl.
admin() { # METHOD PATH
  {
    printf '%s %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n' "$1" "$2" >&3
    cat <&3
  } 3<>"/dev/tcp/127.0.0.1/$ADMIN_PORT"
}

is_busy() {
  admin GET '/stats?filter=downstream_rq_active' | grep -qE '^http\.(rest|grpc)\.downstream_rq_active: [1-9]'
}

drain() {
  admin POST /healthcheck/fail >/dev/null # answers ask callers to close their connections
  admin POST '/drain_listeners?inboundonly' >/dev/null
  local end=$((SECONDS + LONGEST_S))
  while is_busy && ((SECONDS < end)); do sleep 0.2; done
  kill -TERM "$envoy"
}

envoy -c "$CONFIG" --log-level warning --file-flush-interval-msec 1000 --disable-hot-restart &
envoy=$!
trap drain TERM INT
wait "$envoy" # ends at a TERM too, after `drain`
wait "$envoy"
