#!/bin/sh
# leave_etcd.sh NODE: its member leaves etcd while the node itself stays. Says so when it was one.
set -eu
prefix=etcd.k3s.cattle.io
member=$(k3s kubectl get node "$1" --ignore-not-found --request-timeout=20s \
  --output='jsonpath={.metadata.annotations.etcd\.k3s\.cattle\.io/node-name}')
[ -n "$member" ] || exit 0
# what an earlier removal left would be taken for the end of this one
k3s kubectl annotate node "$1" "$prefix/remove-" "$prefix/removed-node-name-" --request-timeout=20s > /dev/null
k3s kubectl annotate node "$1" "$prefix/remove=true" --request-timeout=20s > /dev/null
k3s kubectl wait node "$1" --timeout=120s > /dev/null \
  --for='jsonpath={.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}'="$member"
# a member that comes under this name later is another one
k3s kubectl annotate node "$1" "$prefix/remove-" --request-timeout=20s > /dev/null
echo "$member left etcd"
