#!/bin/sh
# packages_missing.sh PACKAGE...: one line for each that is not installed.
set -u
for package in "$@"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null)
  [ "$status" = installed ] || echo "$package"
done
# any clock that is kept will do
for clock in /usr/sbin/chronyd /usr/sbin/ntpd /lib/systemd/systemd-timesyncd; do
  [ -x "$clock" ] && exit 0
done
echo systemd-timesyncd
