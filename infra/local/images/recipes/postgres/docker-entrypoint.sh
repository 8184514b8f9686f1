#!/bin/sh
# Makes the database on the first start, as the entry point of PostgreSQL's own image does, then runs the server.
#
#   POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE   of the superuser; needed on the first start
#   POSTGRES_USER                                 the superuser, postgres by default
#   POSTGRES_DB                                   the database, named after the user by default
#   POSTGRES_INITDB_ARGS                          for initdb
#   PGDATA                                        the folder of the data
#   /docker-entrypoint-initdb.d/*.sql, *.sh       run once, in the order of their names
#
# Not here, since nothing needs it: starting as root, *.sql.gz, POSTGRES_HOST_AUTH_METHOD.
set -eu

case "${1:-}" in
    "" | -*) set -- postgres "$@" ;;
esac
[ "$1" = postgres ] || exec "$@"

: "${PGDATA:=/var/lib/postgresql/data}"
export PGDATA
# Made here and moved when whole: a pod that is killed meanwhile begins anew, or goes on moving.
unfinished=$PGDATA/.unfinished
socket=/var/run/postgresql

run_scripts() {
    for script in /docker-entrypoint-initdb.d/*; do
        case "$script" in
            *.sh) sh "$script" ;;
            *.sql) psql --file="$script" ;;
        esac
    done
}

make_database() {
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    password=${POSTGRES_PASSWORD:-}
    [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || password=$(cat "$POSTGRES_PASSWORD_FILE")
    if [ -z "$password" ]; then
        echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE must give the superuser's password." >&2
        exit 1
    fi

    rm -rf "$unfinished"
    given=$(mktemp)
    printf '%s\n' "$password" >"$given"
    # shellcheck disable=SC2086  # several arguments in one variable, as in the original
    initdb --pgdata="$unfinished" --username="$user" --pwfile="$given" \
        --auth-local=trust --auth-host=scram-sha-256 ${POSTGRES_INITDB_ARGS:-}
    rm -f "$given"
    printf '\nhost all all all scram-sha-256\n' >>"$unfinished/pg_hba.conf"

    # until it is whole, nobody reaches it but through the socket
    pg_ctl --pgdata="$unfinished" --wait --options="-c listen_addresses='' -c unix_socket_directories=$socket" start
    export PGHOST="$socket" PGUSER="$user" PGDATABASE="$database"
    if [ "$database" != postgres ]; then
        createdb --maintenance-db=postgres "$database"
    fi
    run_scripts
    unset PGHOST PGUSER PGDATABASE
    pg_ctl --pgdata="$unfinished" --wait --mode=fast stop
    touch "$unfinished/.whole"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA" || true
    [ -e "$unfinished/.whole" ] || make_database
    find "$unfinished" -mindepth 1 -maxdepth 1 ! -name PG_VERSION ! -name .whole -exec mv -f -t "$PGDATA" {} +
    mv -f "$unfinished/PG_VERSION" "$PGDATA/"
    rm -rf "$unfinished"
fi

exec "$@"
