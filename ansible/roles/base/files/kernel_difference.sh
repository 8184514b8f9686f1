#!/bin/sh
# One line for each module that is not loaded and each setting that is not as our files say.
set -eu
while read -r module; do
  # a module that is built into the kernel has its folder too
  [ -d "/sys/module/$module" ] || echo "module $module"
done < /etc/modules-load.d/homeostat.conf
while IFS=' =' read -r name value; do
  [ "$(sysctl --values "$name" 2> /dev/null || true)" = "$value" ] || echo "setting $name"
done < /etc/sysctl.d/90-homeostat.conf
