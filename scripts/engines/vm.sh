#!/bin/sh
# vm.sh CACHE IMAGES: the suite in a virtual machine whose cgroups are of version 2 alone: Debian trixie with its own kernel,
# podman and crun, without systemd. With /dev/kvm it takes minutes, without one qemu emulates the processor and it takes hours.
set -u
cd "$(dirname "$0")/../.." || exit
. scripts/say.sh
. scripts/apt.sh
. scripts/debian-root.sh
cache=$1/vm images=$2
name=cgroup-v2
mkdir -p "$cache" ".cache/engines/$name"

for package in qemu-system-x86 e2fsprogs; do
  dpkg -s "$package" >/dev/null 2>&1 || lean=yes apt_install 'engines: virtual machine' "$package" || exit
done
debian_root_in 'engines: virtual machine' trixie "$cache/root" \
  linux-image-cloud-amd64,initramfs-tools,podman,crun,netavark,aardvark-dns,nftables,iptables,uidmap,nodejs,git,procps,iproute2,kmod ||
  exit

# The disk: that root, this project as it is built, and the images. It is made anew each time, so that runs do not meet.
disk=$cache/disk.ext4
mkdir -p "$cache/root/project" && rm -rf "$cache/root/project/tbench" && mkdir "$cache/root/project/tbench" &&
  cp -R dist harness tasks scripts src test package.json tsconfig.json vitest.config.ts node_modules "$cache/root/project/tbench" &&
  cp "$images" "$cache/root/project/images.tar" && cp scripts/engines/vm-init.sh "$cache/root/vm-init" &&
  chmod 755 "$cache/root/vm-init" && rm -f "$disk" && truncate -s 24G "$disk" && mke2fs -q -t ext4 -d "$cache/root" "$disk" || exit

kernel=$(find "$cache/root/boot" -name 'vmlinuz-*' | sort | tail -n 1)
initrd=$(find "$cache/root/boot" -name 'initrd.img-*' | sort | tail -n 1)
# A /dev/kvm on a processor that has no virtualization to hand on emulates each instruction of a start: slower than qemu's own way.
acceleration='-accel tcg,thread=multi -cpu max'
if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then acceleration='-enable-kvm -cpu host'; fi
serial=.cache/engines/$name/serial.log
nameserver=$(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf)
# shellcheck disable=SC2086 # two words
timeout 14400 qemu-system-x86_64 $acceleration -smp 2 -m 6144 -nographic -no-reboot \
  -kernel "$kernel" -initrd "$initrd" -drive "file=$disk,format=raw,if=virtio,cache=unsafe" \
  -netdev user,id=net -device virtio-net-pci,netdev=net \
  -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 init=/vm-init tbench.dns=$nameserver" </dev/null >"$serial" 2>&1
rm -f "$disk"
tr -d '\r' <"$serial" | sed -n 's/^tbench: //p' | tee ".cache/engines/$name/told"
# Whatever happened in there: the last line is a count.
tail -n 1 ".cache/engines/$name/told" | grep -q '^[0-9]* passed, [0-9]* failed$' || {
  tail -n 15 "$serial"
  echo '0 passed, 1 failed'
}
