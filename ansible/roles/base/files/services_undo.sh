#!/bin/sh
set -eu
rmdir --ignore-fail-on-non-empty /etc/systemd/journald.conf.d
systemctl daemon-reload
systemctl restart systemd-journald.service
systemctl reload ssh.service
