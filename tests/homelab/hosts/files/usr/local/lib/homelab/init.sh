#!/bin/sh
# The first process of a host, until it is systemd: what differs from a virtual machine is smoothed over here.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Settings outside of the network are the machine's: a host gets files of its own, which it may write in vain.
for part in fs kernel vm; do
    copy=/run/homelab/sys/$part
    mkdir -p "$copy"
    # some files can only be written, and stay empty
    cp -r --no-preserve=all "/proc/sys/$part/." "$copy" 2>/dev/null || true
    if [ "$part" = kernel ]; then
        # what is drawn anew at each reading stays so
        mount --rbind /proc/sys/kernel/random "$copy/random"
    fi
    mount --rbind "$copy" "/proc/sys/$part"
done

# a host has no swap, whatever the machine has
head -n 1 /proc/swaps >/run/homelab/swaps
mount --bind /run/homelab/swaps /proc/swaps

# systemd-nspawn keeps controllers of cgroup v1 from a host's systemd; with a namespace of its own it may have them
for controller in /sys/fs/cgroup/*/; do
    if [ -e "$controller/cgroup.procs" ]; then
        mount -o remount,rw,bind "$controller"
    fi
done
exec /usr/lib/systemd/systemd "$@"
