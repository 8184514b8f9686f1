#!/bin/sh
# Prints the service that is to be started when nothing keeps the clock: the one that someone chose, else systemd's.
# a container has the clock of its machine
systemd-detect-virt --quiet --container && exit 0
for unit in chrony ntpsec systemd-timesyncd; do
  systemctl is-active --quiet "$unit.service" && exit 0
done
for unit in chrony ntpsec systemd-timesyncd; do
  systemctl cat "$unit.service" > /dev/null 2>&1 && break
done
echo "$unit"
