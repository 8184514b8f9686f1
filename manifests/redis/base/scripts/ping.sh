#!/bin/sh
# Whether Redis answers one who knows the password; REDISCLI_AUTH keeps it out of the arguments.
set -eu
: "${CREDENTIALS:=/credentials}" "${PORT:=6379}"
REDISCLI_AUTH="$(cat "$CREDENTIALS/password")"
export REDISCLI_AUTH
[ "$(redis-cli -h 127.0.0.1 -p "$PORT" ping)" = PONG ]
