#!/bin/sh
# docker.sh NAME DIR IMAGES [BIN...]: starts a dockerd of its own (data root, socket and process folder under DIR), whose
# programs lie in the folders BIN or on the path, runs the suite on it, and ends it.
set -u
cd "$(dirname "$0")/../.." || exit
name=$1 dir=$2 images=$3
shift 3
for bin in "$@"; do PATH=$bin:$PATH; done
export PATH
mkdir -p "$dir"
# In a network namespace of its own: a dockerd drops what the host forwards, that is what the containers of other engines send.
unshare --net sh -c 'until ip link show tap0 >/dev/null 2>&1; do sleep 0.1; done; ip link set lo up; exec "$@"' sh \
  dockerd --data-root "$dir/data" --exec-root "$dir/exec" -p "$dir/pid" -H "unix://$dir/docker.sock" --bip 172.31.250.1/24 \
  >"$dir/dockerd.log" 2>&1 &
daemon=$!
while [ "$(readlink "/proc/$daemon/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
slirp4netns --configure "$daemon" tap0 >"$dir/slirp4netns.log" 2>&1 &
network=$!
trap 'kill $daemon 2>/dev/null; wait $daemon 2>/dev/null; kill $network 2>/dev/null' EXIT
for _ in $(seq 60); do
  docker -H "unix://$dir/docker.sock" info >/dev/null 2>&1 && break
  sleep 1
done
docker -H "unix://$dir/docker.sock" version --format "    $name: client {{.Client.Version}}, server {{.Server.Version}}" || {
  tail -5 "$dir/dockerd.log"
  echo '0 passed, 1 failed'
  exit 1
}
docker -H "unix://$dir/docker.sock" load -q -i "$images" >/dev/null
sh scripts/engines/suite.sh "$name" "unix://$dir/docker.sock"
