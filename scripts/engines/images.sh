#!/bin/sh
# images.sh FILE: the images that the suite starts from, of this machine's podman, for an engine that no registry serves.
set -eu
cd "$(dirname "$0")/../.."
musl=localhost/tbench-test-musl:latest
[ ! -e "$1" ] || ! tar -xOf "$1" manifest.json | grep -q "$musl" || exit 0
npx --no-install tsx -e "import('./test/integration/busybox-image.ts').then((m) => m.ensureBusyboxImage())" >/dev/null
sh scripts/engines/musl.sh "$(dirname "$1")/musl" "$musl"
podman save -q --multi-image-archive -o "$1.part" docker.io/library/debian:bookworm-slim localhost/tbench-test-busybox:latest "$musl"
mv "$1.part" "$1"
