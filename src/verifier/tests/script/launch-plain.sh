#!/bin/sh
# What launch.sh does, for an image without bash, with the same arguments. No shell but bash can write its trace to a descriptor
# of its own, so the line `--- tests` is all that comes before the script. A script for bash gets those of its options that
# this sh has.
echo '--- tests' >&2
exec 2>&1 </dev/null
if [ "$1" = other ]; then
  shift
  exec "$@" "$0"
fi
shift
# An option that a shell does not know ends it, so all are tried in another; `pipefail` is what is missing most.
if [ $# -gt 0 ]; then
  (set "$@") 2>/dev/null || set -- "${1%o}"
  (set "$@") 2>/dev/null && set "$@"
  set --
fi
# shellcheck source=/dev/null
. "$0"
