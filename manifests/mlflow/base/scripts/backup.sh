#!/bin/bash
# One backup: BACKUPS/<time>/{database.dump,artifacts.tar,SHA256SUMS}. It appears whole or not at all.
#
# The database goes first: what it names was uploaded before, so the files that are copied afterwards hold it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/connection.sh"
: "${BACKUPS:?}" "${ARTIFACTS:?}" "${KEEP:?how many backups to keep}"
case "$KEEP" in 0 | *[!0-9]*) say "KEEP is '$KEEP': it should be a number above 0." >&2; exit 2 ;; esac

name="$(date --utc +%Y-%m-%dT%H%M%SZ)"
partial="$BACKUPS/.partial-$name"
trap 'rm -rf "$partial"' EXIT
# what a killed run left: the jobs never overlap
rm -rf "$BACKUPS"/.partial-*
mkdir "$partial"

pg_dump --format=custom --file="$partial/database.dump"
# a file that changes while it is read is being uploaded, so the database does not name it yet (tar then exits with 1)
tar --create --file="$partial/artifacts.tar" --directory="$ARTIFACTS" --exclude=./lost+found --exclude='./.restore*' . ||
  [ $? -eq 1 ]
(cd "$partial" && sha256sum database.dump artifacts.tar >SHA256SUMS)
sync "$partial"/*
mv --no-target-directory "$partial" "$BACKUPS/$name"
say "backup $name: $(stat --format=%s "$BACKUPS/$name/database.dump") bytes of database," \
  "$(stat --format=%s "$BACKUPS/$name/artifacts.tar") bytes of artifacts"

find "$BACKUPS" -mindepth 1 -maxdepth 1 -type d -name '20*Z' | sort --reverse | tail --lines="+$((KEEP + 1))" |
  while read -r old; do
    rm -rf "$old"
    say "removed $(basename "$old"), beyond the $KEEP that are kept"
  done
