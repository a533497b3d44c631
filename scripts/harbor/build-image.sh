#!/bin/sh
# Makes the image that holds the real Harbor, once: Debian trixie (Harbor needs Python 3.12, which bookworm has not),
# podman as a client of the host's, and the package from the Python registry. About 3 minutes, more on a busy machine; 1 GB.
set -eu
cd "$(dirname "$0")/../.."
. scripts/say.sh
. scripts/apt.sh
. scripts/debian-root.sh
. scripts/harbor/image.sh

command -v podman >/dev/null || fail 3 'harbor: podman is missing: npm run setup'
podman image exists "$harbor_image" && exit 0

work=$(mktemp -d "${TMPDIR:-/tmp}/tbench-harbor-image.XXXXXX")
container=tbench-harbor-install-$$
trap 'rm -rf "$work"; podman rm -f "$container" >/dev/null 2>&1 || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

debian_root 'harbor image' trixie "$work/root.tar" python3,python3-venv,ca-certificates,podman
timed 'harbor image: importing' podman import -q "$work/root.tar" "$container" >/dev/null
# The host's certificates and settings of pip: a registry in reach here may be in reach through them alone.
set -- --volume /etc/ssl/certs:/etc/ssl/certs:ro
[ ! -e /etc/pip.conf ] || set -- "$@" --volume /etc/pip.conf:/etc/pip.conf:ro
timed "harbor image: pip install harbor==$harbor_version" podman run --name "$container" --network host \
  --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --env 'PIP_*' "$@" "$container" sh -c "python3 -m venv /opt/harbor &&
    /opt/harbor/bin/pip install --quiet --no-cache-dir harbor==$harbor_version podman-compose==$compose_version"
podman commit -q --change 'ENV PATH=/opt/harbor/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$container" "$harbor_image" >/dev/null
podman rm -f "$container" >/dev/null
podman rmi -f "$container" >/dev/null
say "harbor image: $harbor_image"
