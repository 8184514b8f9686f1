#!/bin/sh
# One line for each module that is not loaded and each setting that is not as our files say.
set -eu
while read -r module; do
  # loaded and built in are the same to it
  modprobe --first-time --dry-run "$module" 2>&1 | grep --quiet 'already in kernel' || echo "module $module"
done < /etc/modules-load.d/homeostat.conf
while IFS=' =' read -r name value; do
  [ "$(sysctl --values "$name" 2> /dev/null || true)" = "$value" ] || echo "setting $name"
done < /etc/sysctl.d/90-homeostat.conf
