#!/bin/bash
# The first process of the virtual machine: mounts what a system has, starts the network, runs the suite, and powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm /run /tmp
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# Below a cgroup of its own, so that the controllers can be handed on to the containers.
mkdir -p /sys/fs/cgroup/init && echo $$ >/sys/fs/cgroup/init/cgroup.procs
echo '+cpu +memory +pids +io' >/sys/fs/cgroup/cgroup.subtree_control
for module in overlay bridge veth tun nf_tables virtio_net; do modprobe "$module" 2>/dev/null; done
ip link set lo up
device=$(basename "$(echo /sys/class/net/e*)")
ip link set "$device" up
ip address add 10.0.2.15/24 dev "$device"
ip route add default via 10.0.2.2
# shellcheck disable=SC2013 # words, not lines
for word in $(cat /proc/cmdline); do
  case $word in tbench.dns=*) echo "nameserver ${word#tbench.dns=}" >/etc/resolv.conf ;; esac
done
sysctl -qw net.ipv4.ip_forward=1
hostname tbench-vm
ulimit -n 65536
told() { sed 's/^/tbench: /'; }
{
  uname -r | sed 's/^/    cgroup-v2: kernel /'
  stat -f -c '    cgroup-v2: /sys/fs/cgroup is %T' /sys/fs/cgroup
} | told
cd /project/tbench && mkdir -p .cache/engines && sh scripts/engines/podman.sh cgroup-v2 /run/tbench /project/images.tar 2>&1 | told
for file in .cache/engines/cgroup-v2/*.log; do
  echo "== $file"
  tail -n 60 "$file"
done
sync
echo o >/proc/sysrq-trigger
sleep 60
