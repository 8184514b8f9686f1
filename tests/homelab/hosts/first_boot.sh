# What cloud-init does at the first boot of a virtual machine.
name=$1 address=$2 gateway=$3 user=$4 keys=$5 apt=$6 machine_id=$7 modules=$8

echo "$name" >/etc/hostname
cat >/etc/hosts <<END
127.0.0.1 localhost
127.0.1.1 $name
END
echo "nameserver $gateway" >/etc/resolv.conf
echo "$machine_id" >/etc/machine-id
cat >/etc/systemd/network/10-cloud-init-host0.network <<END
[Match]
Name=host0

[Network]
Address=$address
Gateway=$gateway
DNS=$gateway
END
echo "deb [trusted=yes] $apt ./" >/etc/apt/sources.list

useradd --create-home --shell /bin/bash --groups sudo "$user"
echo "$user ALL=(ALL) NOPASSWD:ALL" >/etc/sudoers.d/90-cloud-init-users
chmod 0440 /etc/sudoers.d/90-cloud-init-users
install -d -m 0700 -o "$user" -g "$user" "/home/$user/.ssh"
echo "$keys" >"/home/$user/.ssh/authorized_keys"
chown "$user:$user" "/home/$user/.ssh/authorized_keys"
chmod 0600 "/home/$user/.ssh/authorized_keys"
ssh-keygen -q -A

# the kernel bounds inotify instances per user over all hosts: what only watches the console goes without
systemctl --quiet mask systemd-ask-password-console.path systemd-ask-password-wall.path console-getty.service

# the machine's kernel has them, and a host can't load any: for modprobe they are built in
kernel=/lib/modules/$(uname -r)
mkdir -p "$kernel"
: >"$kernel/modules.order"
for module in $modules; do
    echo "kernel/$module.ko"
done >"$kernel/modules.builtin"
depmod
