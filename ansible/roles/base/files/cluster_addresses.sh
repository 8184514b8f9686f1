#!/bin/sh
# One line a node of the cluster: its address, and "true" when it is a server. Nothing where no API server answers.
[ -e /etc/rancher/k3s/k3s.yaml ] || exit 0
/usr/local/bin/k3s kubectl get nodes --request-timeout=5s 2> /dev/null \
  --output='jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address} {.metadata.labels.node-role\.kubernetes\.io/etcd}{"\n"}{end}'
exit 0
