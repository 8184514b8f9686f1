#!/bin/sh
# When the first of K3s' leaf certificates on this machine ends (UTC), with the name of its file. Authorities live longer, and stay.
set -eu
for file in /var/lib/rancher/k3s/server/tls/*.crt /var/lib/rancher/k3s/server/tls/etcd/*.crt /var/lib/rancher/k3s/agent/*.crt; do
  case "$file" in *-ca.crt | *'*'*) continue ;; esac
  end=$(openssl x509 -noout -enddate -in "$file" 2> /dev/null | cut -d= -f2) || continue
  [ -z "$end" ] || echo "$(date --utc --date="$end" +%Y-%m-%dT%H:%MZ) ${file##*/}"
done | sort | head -n 1
