#!/bin/sh
# The settings that the kernel had before ours; modules stay loaded until the next boot, as others may use them by now.
set -eu
rm -f /etc/sysctl.d/90-homeostat.conf /etc/modules-load.d/homeostat.conf
if [ -e /var/lib/homeostat/sysctl ]; then
  sysctl --quiet --load=/var/lib/homeostat/sysctl || true
fi
if grep --quiet '^#homeostat# ' /etc/fstab 2> /dev/null; then
  sed --in-place 's/^#homeostat# //' /etc/fstab
  swapon --all
fi
