#!/bin/sh
# Gets a container engine: nothing to do where podman or Docker answers; apt when root on Debian or Ubuntu;
# elsewhere says what to install and exits 3.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/apt.sh

# podman as root needs iptables for its bridge network and an OCI runtime; Debian only recommends both.
engine_is_complete() {
  command -v podman >/dev/null || { command -v docker >/dev/null && docker info >/dev/null 2>&1; } || return 1
  command -v podman >/dev/null || return 0
  [ "$(id -u)" -ne 0 ] || command -v iptables >/dev/null || return 1
  # nft keeps sandboxes from this machine's own addresses; where it cannot be had, tbench goes without and says so.
  [ "$(id -u)" -ne 0 ] || command -v nft >/dev/null || ! can_apt || return 1
}

engine_is_complete && exit 0

# Older Ubuntu has no netavark; its podman uses CNI, which it depends on.
packages='podman runc netavark aardvark-dns iptables nftables'
if ! can_apt; then
  fail 3 "podman is missing or incomplete. Debian or Ubuntu: sudo apt-get install $packages uidmap slirp4netns;
  Fedora: sudo dnf install podman; Arch: sudo pacman -S podman; macOS: brew install podman && podman machine init --now.
  Then repeat the command."
fi
# shellcheck disable=SC2086 # a list of package names
apt_install 'podman (about a minute)' $packages
