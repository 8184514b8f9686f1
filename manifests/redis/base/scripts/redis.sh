#!/bin/sh
# Write the configuration with the password, which so is neither an argument nor in the environment, and serve.
set -eu
: "${CREDENTIALS:=/credentials}" "${DATA:=/data}" "${RUN:=/run/redis}" "${LISTEN:=*}" "${PORT:=6379}"
umask 077
# by its SHA-256, as Redis' own access lists keep it
sum="$(printf %s "$(cat "$CREDENTIALS/password")" | sha256sum | cut -d ' ' -f 1)"
cat >"$RUN/redis.conf" <<END
bind $LISTEN
port $PORT
dir $DATA
appendonly yes
appendfsync everysec
save 3600 1
# nothing is thrown away to make room: a write that does not fit is refused, and its writer knows
maxmemory 384mb
maxmemory-policy noeviction
user default on #$sum ~* &* +@all -@dangerous +info +keys +flushdb
END
exec redis-server "$RUN/redis.conf"
