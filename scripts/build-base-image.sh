#!/bin/sh
# Gets the image every sample task starts from: present, else pulled, else built once from Debian's packages
# under the same tag. Leaves nothing behind when interrupted.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/apt.sh

image=docker.io/library/debian:bookworm-slim
release=bookworm

engine=podman
command -v podman >/dev/null || engine=docker
case $("$engine" image inspect --format '{{.Id}}' "$image" 2>/dev/null || true) in
  ?*) exit 0 ;;
esac

# A registry that drops packets instead of refusing must not hold up a machine that has none.
if timed "base image: pulling $image (at most 40 s)" timeout -k 5 40 "$engine" pull -q "$image"; then exit 0; fi

if ! command -v mmdebstrap >/dev/null; then
  can_apt || fail 3 "no registry answers for $image and mmdebstrap is missing.
  Install mmdebstrap and debian-archive-keyring, or bring the image: $engine load < image.tar"
  lean=yes apt_install 'base image' mmdebstrap debian-archive-keyring gpg
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/tbench-base-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# apt inside mmdebstrap drops to its own user, which must be able to pass through.
chmod 755 "$work"

# The host's own mirror when it runs this release, else mmdebstrap's default.
host_sources() {
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v r="$release" '$3 ~ "^" r "(-updates|-security)?$" && $4 == "main"' | sort -u
}
host_sources >"$work/sources.list"
sources=-
[ -s "$work/sources.list" ] || sources=''

# shellcheck disable=SC2086 # nothing, when there are no sources
TMPDIR=$work timed 'base image: building from Debian packages (about 30 s)' mmdebstrap --quiet --variant=minbase \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*/LC_MESSAGES/*.mo' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  $release "$work/root.tar" $sources <"$work/sources.list" ||
  fail 3 "could not build $image from Debian packages: see the message above"
timed "base image: importing as $image" "$engine" import \
  --change 'CMD ["bash"]' \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  "$work/root.tar" "$image"
