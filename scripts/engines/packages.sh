#!/bin/sh
# packages.sh DIR PACKAGE...: Debian packages unpacked into a folder, nothing installed.
set -eu
dir=$1
shift
[ ! -e "$dir/ready" ] || exit 0
rm -rf "$dir"
mkdir -p "$dir/debs" "$dir/root"
cd "$dir/debs"
apt-get -qq download "$@"
for deb in *.deb; do dpkg-deb -x "$deb" ../root; done
touch "$dir/ready"
