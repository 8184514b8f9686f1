#!/bin/sh
# forget.sh NODE: the node goes, with its etcd member and the Secret with its password. Says what went.
set -eu
# returns when K3s has removed the etcd member
k3s kubectl delete node "$1" --ignore-not-found --wait --timeout=120s
k3s kubectl delete secret "$1.node-password.k3s" --namespace=kube-system --ignore-not-found --request-timeout=20s
