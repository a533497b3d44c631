#!/bin/sh
# podman.sh NAME DIR IMAGES: starts a service of this user's podman on a socket under DIR, runs the suite on it, and ends it.
set -u
cd "$(dirname "$0")/../.." || exit
name=$1 dir=$2 images=$3
mkdir -p "$dir"
podman load -q -i "$images" >/dev/null || {
  echo '0 passed, 1 failed'
  exit 1
}
hard=$(awk '/Max open files/ { print $5 }' /proc/self/limits)
printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=4096:4096"]\n[engine]\n%scgroup_manager = "cgroupfs"\nevents_logger = "file"\n' \
  "$hard" "$hard" "${TBENCH_RUNTIME:+runtime = \"$TBENCH_RUNTIME\"
}" >"$dir/containers.conf"
CONTAINERS_CONF=$dir/containers.conf podman system service --time=0 "unix://$dir/podman.sock" >"$dir/service.log" 2>&1 &
service=$!
trap 'kill $service 2>/dev/null; wait $service 2>/dev/null' EXIT
for _ in $(seq 60); do
  [ ! -S "$dir/podman.sock" ] || break
  sleep 1
done
sh scripts/engines/suite.sh "$name" "unix://$dir/podman.sock"
