#!/bin/bash
# Put the database and the artifacts back to what the backup named by BACKUP holds ("latest" is the newest).
#
# Everything is checked before anything is touched. The database changes in one transaction or not at all, then the
# artifacts by renaming. It can be run again after any failure.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/connection.sh"
: "${BACKUPS:?}" "${ARTIFACTS:?}" "${BACKUP:=latest}"

if [ "$BACKUP" = latest ]; then
  BACKUP="$(find "$BACKUPS" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort | tail --lines=1)"
fi
chosen="$BACKUPS/$BACKUP"
if [ -z "$BACKUP" ] || [ ! -f "$chosen/SHA256SUMS" ]; then
  say "no backup '$BACKUP'; there are: $(cd "$BACKUPS" && echo 20*Z)" >&2
  exit 2
fi
(cd "$chosen" && sha256sum --check --strict --quiet SHA256SUMS)
pg_restore --list "$chosen/database.dump" >/dev/null

staging="$ARTIFACTS/.restore"
rm -rf "$staging"
trap 'rm -rf "$staging"' EXIT
mkdir "$staging" "$staging/new" "$staging/old"
tar --extract --file="$chosen/artifacts.tar" --directory="$staging/new"

# MLflow may run: its next query sees either everything of before or everything of the backup. Who holds a table for
# longer than a minute is told from, and nothing has changed. The schema goes as a whole, for a newer MLflow may have
# made tables that the backup does not know.
{
  printf 'BEGIN; SET LOCAL lock_timeout = 60000;\nDROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n'
  pg_restore --no-owner --no-privileges --file=- "$chosen/database.dump"
  printf 'COMMIT;\n'
} | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null
say "the database is that of $BACKUP"

# from here on what is there now lies in two places: should this fail, nothing is thrown away
trap - EXIT

find "$ARTIFACTS" -mindepth 1 -maxdepth 1 ! -name .restore ! -name lost+found -exec mv --target-directory="$staging/old" {} +
find "$staging/new" -mindepth 1 -maxdepth 1 -exec mv --target-directory="$ARTIFACTS" {} +
rm -rf "$staging"
say "the artifacts are those of $BACKUP"
