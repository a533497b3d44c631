#!/bin/sh
# musl.sh DIR IMAGE: an image of musl and busybox, which is what Alpine is made of, from Debian's sources: Debian links its own busybox
# with glibc. Compiled once into DIR (minutes), then kept.
set -eu
cd "$(dirname "$0")/../.."
. scripts/say.sh
. scripts/apt.sh
. scripts/debian-root.sh
dir=$1 image=$2 sources=$1/sources
! podman image exists "$image" || exit 0
mkdir -p "$sources/lists/partial"
for package in musl-tools gcc make dpkg-dev bzip2; do
  dpkg -s "$package" >/dev/null 2>&1 || lean=yes apt_install 'engines: musl' musl-tools gcc make dpkg-dev bzip2
done

# The sources of the packages that this machine's apt knows, in lists of their own: the host's stay as they are.
of_sources() {
  apt-get -qq -o Dir::Etc::sourcelist="$sources/sources.list" -o Dir::Etc::sourceparts=/nonexistent \
    -o Dir::State::lists="$sources/lists" -o APT::Sandbox::User=root "$@" </dev/null
}
compile() (
  debian_sources "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" | sed 's/^deb /deb-src /' >"$sources/sources.list"
  of_sources update
  cd "$sources"
  rm -rf busybox-*/
  of_sources source busybox
  cd busybox-*/
  make defconfig
  sed -i 's/^CONFIG_TC=y/# CONFIG_TC is not set/' .config # not of this kernel's headers
  make -j"$(nproc)" CC='musl-gcc -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu' busybox
  cp busybox "$dir/busybox"
) >"$dir/compile.log" 2>&1
[ -x "$dir/busybox" ] || timed "engines: compiling busybox with musl, once (see $dir/compile.log)" compile

root=$dir/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/lib" "$root/etc" "$root/tmp" "$root/root" "$root/home/user" "$root/usr/bin" "$root/proc" "$root/sys" "$root/dev"
chmod 1777 "$root/tmp"
cp "$dir/busybox" "$root/bin/busybox"
cp -L /lib/ld-musl-x86_64.so.1 "$root/lib/ld-musl-x86_64.so.1"
"$dir/busybox" --list | while read -r applet; do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nuser:x:1000:\n' >"$root/etc/group"
tar -C "$root" --owner=0 --group=0 -c . | podman import - "$image" >/dev/null
