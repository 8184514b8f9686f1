#!/bin/sh
# older_than_configuration.sh UNIT=FILE...: the units that run and last changed their state before their file did.
set -eu
for pair in "$@"; do
  unit=${pair%%=*}
  since=$(systemctl show --timestamp=us --property=StateChangeTimestamp --value "$unit.service")
  systemctl --quiet is-active "$unit.service" || continue
  [ -z "$(find "${pair#*=}" -newermt "$since")" ] || echo "$unit"
done
