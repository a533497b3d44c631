#!/bin/sh
# measure-job.sh FOLDER AGENT NAME: a job of the real Harbor over FOLDER/tasks, two trials at once, on podman's service of
# FOLDER/podman.sock. Prints what measure.py says of it.
set -eu
cd "$(dirname "$0")/../.."
. scripts/harbor/image.sh
. scripts/harbor/run.sh
harbor_with_engine "$1" python3 /scripts/measure.py harbor run -p "$1/tasks" -a "$2" -e podman -n 2 \
  -o "$1/harbor" --job-name "$3" -y --quiet
