#!/bin/bash
# Runs a test script with bash's trace on a descriptor of its own: `bash -c PROGRAM SCRIPT bash OPTION…`, or
# `… SCRIPT other PROGRAM ARGUMENT…`, which leaves the script to a program that cannot be traced. Before it, builtins tell on that
# descriptor what listens (`socket ADDRESS PROTOCOL`, `unix PATH`) and what /etc/hosts says (`hosts LINE`), up to the line
# `--- tests`. The descriptor is not exported, so child shells are left alone; stdin is empty; stderr joins stdout as upstream
# has it. Nothing of ours is left set when the script begins.
#
# A file is read whole: a `read` per line starts /proc/net from its beginning each time, which takes minutes where an agent
# left thousands of sockets. Listening sockets come first there, so what is beyond the bound is not needed.
exec {BASH_XTRACEFD}>&2 2>&1 </dev/null
for tb in tcp tcp6 udp udp6; do
  tb_all=()
  mapfile -t -n 20000 tb_all </proc/net/$tb
  for tb_line in "${tb_all[@]}"; do
    [[ $tb_line =~ ^\ *[0-9]+:\ ([0-9A-F:]+)\ [0-9A-F:]+\ ([0-9A-F]+)\  ]] || continue
    [[ ${BASH_REMATCH[2]} == 0A || $tb == udp* && ${BASH_REMATCH[2]} == 07 ]] &&
      echo "socket ${BASH_REMATCH[1]} $tb" >&$BASH_XTRACEFD
  done
done 2>/dev/null
tb_all=()
mapfile -t -n 20000 tb_all 2>/dev/null </proc/net/unix
for tb_line in "${tb_all[@]}"; do
  # Address, references, protocol, flags (00010000 listens), type, state, inode, path.
  [[ $tb_line =~ ^[^\ ]+\ [0-9A-F]+\ [0-9A-F]+\ 00010000\ [0-9A-F]+\ [0-9A-F]+\ +[0-9]+\ ?([^\ ]*) ]] &&
    echo "unix ${BASH_REMATCH[1]}" >&$BASH_XTRACEFD
done 2>/dev/null
tb_all=()
mapfile -t -n 20000 tb_all 2>/dev/null </etc/hosts
for tb_line in "${tb_all[@]}"; do
  echo "hosts $tb_line" >&$BASH_XTRACEFD
done 2>/dev/null
echo '--- tests' >&$BASH_XTRACEFD
[[ $1 == bash ]] || exec "${@:2}" "$0"
tb_all=("${@:2}")
set --
((${#tb_all[@]} == 0)) || set "${tb_all[@]}"
unset tb tb_all tb_line BASH_REMATCH 2>/dev/null || :
set -x
# shellcheck source=/dev/null
. "$0"
