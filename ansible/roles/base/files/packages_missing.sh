#!/bin/sh
# packages_missing.sh PACKAGE...: one line for each that is not installed.
set -u
for package in "$@"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null)
  [ "$status" = installed ] || echo "$package"
done
# any clock that is kept will do
command -v chronyd ntpd /lib/systemd/systemd-timesyncd > /dev/null || echo systemd-timesyncd
