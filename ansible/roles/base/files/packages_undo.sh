#!/bin/sh
# Purges what came by us and what came with it; nothing that was there before, and nothing that someone's package needs by now.
set -eu
[ -s /var/lib/homeostat/packages ] || exit 0
export DEBIAN_FRONTEND=noninteractive
ours=$(sort --unique /var/lib/homeostat/packages)
# shellcheck disable=SC2086 # one word a package
others=$(apt-get purge --simulate $ours | awk '/^(Purg|Remv) / {print $2}' | grep --invert-match --line-regexp --fixed-strings "$ours" || true)
if [ -n "$others" ]; then
  # shellcheck disable=SC2086 # on one line
  echo "Packages stay, since these need them:" $others
  exit 0
fi
# shellcheck disable=SC2086
apt-get purge --yes --quiet -o DPkg::Lock::Timeout=300 $ours
