# shellcheck shell=bash
# To be sourced: how psql, pg_dump and pg_restore reach MLflow's database. The password stays out of arguments.
PATH="/usr/lib/postgresql/15/bin:$PATH"
: "${CREDENTIALS:?the folder with username, password and database}"
PGUSER="$(<"$CREDENTIALS/username")"
PGPASSWORD="$(<"$CREDENTIALS/password")"
PGDATABASE="$(<"$CREDENTIALS/database")"
PGCONNECT_TIMEOUT=30
export PATH PGUSER PGPASSWORD PGDATABASE PGCONNECT_TIMEOUT
say() { printf '%s %s\n' "$(date --utc +%FT%TZ)" "$*"; }
