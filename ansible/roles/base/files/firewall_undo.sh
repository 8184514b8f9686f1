#!/bin/sh
set -u
systemctl disable --now --quiet homeostat-firewall.service
nft delete table inet homeostat 2> /dev/null
exit 0
