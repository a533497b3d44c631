#!/bin/sh
# Gets the image every sample task starts from: present, else pulled, else built once from Debian's packages
# under the same tag. Leaves nothing behind when interrupted.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/apt.sh
. scripts/debian-root.sh

image=docker.io/library/debian:bookworm-slim
release=bookworm

engine=podman
command -v podman >/dev/null || engine=docker
case $("$engine" image inspect --format '{{.Id}}' "$image" 2>/dev/null || true) in
  ?*) exit 0 ;;
esac

# A registry that drops packets instead of refusing must not hold up a machine that has none.
if timed "base image: pulling $image (at most 40 s)" timeout -k 5 40 "$engine" pull -q "$image"; then exit 0; fi

work=$(mktemp -d "${TMPDIR:-/tmp}/tbench-base-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
debian_root "base image" $release "$work/root.tar"
timed "base image: importing as $image" "$engine" import \
  --change 'CMD ["bash"]' \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  "$work/root.tar" "$image"
