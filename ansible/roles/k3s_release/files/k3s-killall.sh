#!/bin/sh
# Stops K3s with all that it left running: the units only stop the service, so that pods survive its restart.
[ "$(id -u)" -eq 0 ] || exec sudo "$0" "$@"
set -u

for unit in k3s k3s-agent; do
  systemctl stop "$unit.service" 2> /dev/null
done

# the pods' processes: children of containerd's shims, which are nobody's children
for shim in $(pgrep --full '/var/lib/rancher/k3s/data/[^/]*/bin/containerd-shim'); do
  for process in $(pgrep --parent "$shim") "$shim"; do
    kill -KILL "$process" 2> /dev/null
  done
done

# and what they forked, wherever it hung itself
for group in /sys/fs/cgroup/kubepods*/cgroup.kill; do
  [ -e "$group" ] && echo 1 > "$group"
done

# the deepest mounts first
awk '$2 ~ "^/(run/k3s|var/lib/rancher/k3s|var/lib/kubelet|run/netns/cni-)" {print $2}' /proc/self/mounts |
  sort --reverse |
  while read -r mount; do
    umount --lazy "$mount"
  done

for namespace in $(ip netns list 2> /dev/null | awk '/^cni-/ {print $1}'); do
  ip netns delete "$namespace"
done
for interface in $(ip -oneline link show master cni0 2> /dev/null | awk -F '[ :@]+' '{print $2}') cni0 flannel.1 flannel-wg kube-ipvs0; do
  ip link delete "$interface" 2> /dev/null
done
rm -rf /var/lib/cni

# kube-proxy's and the CNI's chains; rules of others stay
for family in iptables ip6tables; do
  command -v "$family-save" > /dev/null || continue
  if "$family-save" | grep --quiet --extended-regexp 'KUBE-|CNI-|FLANNEL|flannel'; then
    "$family-save" | grep --invert-match --extended-regexp 'KUBE-|CNI-|FLANNEL|flannel' | "$family-restore"
  fi
done
exit 0
