# Sourced after image.sh: the ways in which the container of Harbor is run.

# in_harbor OPTIONS IMAGE COMMAND...: with limits that a machine of low hard limits has too; it asks nobody outside.
in_harbor() {
  podman run --rm --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 \
    --env LITELLM_LOCAL_MODEL_COST_MAP=True --env DO_NOT_TRACK=1 "$@"
}

service_pid=''
# start_service FOLDER: podman's service on a socket in the folder, for a Harbor that makes its sandboxes beside its
# own container. It asks for no limits that this user may not set.
start_service() {
  printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n' >"$1/containers.conf"
  CONTAINERS_CONF=$1/containers.conf podman system service --time=0 "unix://$1/podman.sock" >/dev/null 2>&1 &
  service_pid=$!
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ ! -S "$1/podman.sock" ] || return 0
    sleep 0.5
  done
  say "podman's service did not start"
  return 1
}
stop_service() { [ -z "$service_pid" ] || kill "$service_pid" 2>/dev/null || true; }

# harbor_with_engine FOLDER COMMAND...: with the engine of start_service; the folder is the same on both sides.
harbor_with_engine() {
  folder=$1
  shift
  in_harbor --network none --volume "$folder:$folder" --volume "$PWD/scripts/harbor:/scripts:ro" \
    --env "CONTAINER_HOST=unix://$folder/podman.sock" --env "CONTAINERS_CONF=$folder/containers.conf" \
    --workdir "$folder" "$harbor_image" "$@"
}
