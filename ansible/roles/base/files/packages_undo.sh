#!/bin/sh
# Purges what came by us and what came with it, and nothing that was there before.
set -eu
[ -s /var/lib/homeostat/packages ] || exit 0
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2046 # one word a package
apt-get purge --yes --quiet -o DPkg::Lock::Timeout=300 $(sort --unique /var/lib/homeostat/packages)
