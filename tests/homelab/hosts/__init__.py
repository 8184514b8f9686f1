"""Real Linux hosts for tests: Debian booted by systemd-nspawn, on a network of their own.

    with Lab.open(folder) as lab:
        host = lab.create("server-1", lab.network[11], user="homeostat")  # what cloud-init does is done
        host.start()
        host.wait_for_ssh()  # then: ssh -i lab.key homeostat@ADDRESS, or host.run("id")
        host.shutdown()  # in order; host.kill() cuts the power, host.reboot() restarts from inside

A host has its own systemd, journal, timers, firewall, SSH keys and machine-id. Everything that a lab made
goes with it; when its process is killed, the next lab removes it. Nothing of this machine is changed.

Measured on two cores: a lab opens in 0.1 s (the first one makes the base and fetches the packages, 90 s), a
host is made in 0.3 to 0.8 s, boots to SSH in 1.1 s (five at once in 2.3 s), restarts in 1.3 s, shuts down in
0.2 s; it takes 21 MiB of memory (9 of them page cache) and 8 MiB of disk. The base takes 276 MB, packages 33.

What works as on a virtual machine
    Units of Type=notify, Delegate=yes and KillMode=process; MemoryMax and CPUQuota; timers; journald, kept
    over restarts; logind; hostnamectl, timedatectl; nftables (filter, nat, sets, log), iptables; bridges;
    vxlan; ``net.ipv4.*`` and ``net.bridge.*``; ``modprobe br_netfilter``, ``overlay`` and ``nf_conntrack``
    (they say yes where this machine's kernel has them); ``swapoff -a``; Ansible's reboot; addresses that a
    host adds (a virtual IP is reachable from this machine); ``apt-get install`` of what
    :mod:`.repository` names.

What differs
    - ``fs.*``, ``kernel.*``, ``vm.*``: files of the host; written and read back, without effect. The few
      ``net.core`` settings that a kernel has once (``rmem_max``, ``wmem_max``) are read-only.
    - No other module can be loaded; no block devices, ``/dev/kmsg`` or dummy interfaces.
    - The clock is the machine's. chrony runs, with ``-x`` from a drop-in, and finds no server;
      systemd-timesyncd does not start in a container.
    - qemu-guest-agent installs, but starts only where its virtio port is: 'systemctl start' fails at once.
      open-iscsi and nfs-common install; iscsid waits for its socket; nothing can be mounted with them.
    - ``LimitNOFILE`` is accepted but bounded by this machine's own hard limit, and a negative
      ``OOMScoreAdjust`` may have no effect.
    - Memory, cores and disk that programs see are this machine's.
    - There is no way out: connections and name lookups fail within seconds. The only apt source is the lab's.
    - inotify instances are bounded per user over all hosts (``fs.inotify.max_user_instances``, 128 by
      default); a host takes about 4, a control plane some more: when there is no room, :meth:`Host.start`
      waits for other labs to end, and then refuses.
    - A power cut ends all processes at once, but what they wrote is there afterwards, synced or not.
    - The interface is ``host0``, set up by systemd-networkd; .1 and .254 of the network are taken.
"""

from tests.homelab.hosts.host import Host
from tests.homelab.hosts.lab import Lab

__all__ = ["Host", "Lab"]
