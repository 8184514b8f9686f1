#!/bin/bash
# Make the database in an empty volume, then become the server. A start that dies half-way leaves nothing that the
# next one takes for a database.
set -euo pipefail
PATH="/usr/lib/postgresql/15/bin:$PATH"
: "${PGDATA:?where the database lies}" "${CREDENTIALS:?the folder with username, password and database}"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  fresh="$PGDATA.fresh"
  rm -rf "$fresh"
  initdb --pgdata="$fresh" --username="$(<"$CREDENTIALS/username")" --pwfile="$CREDENTIALS/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums
  printf 'host all all all scram-sha-256\n' >>"$fresh/pg_hba.conf"
  printf 'CREATE DATABASE "%s"\n' "$(<"$CREDENTIALS/database")" | postgres --single -j -D "$fresh" template1
  mv "$fresh" "$PGDATA"
fi
exec postgres -D "$PGDATA" -c "listen_addresses=${LISTEN:-*}" -c "unix_socket_directories=${SOCKETS:-/var/run/postgresql}" "$@"
