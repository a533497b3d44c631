#!/bin/bash
# Runs a test script with bash's trace on a descriptor of its own: `bash -c PROGRAM SCRIPT`. Before it, builtins tell on that
# descriptor what listens (`socket ADDRESS PROTOCOL`, `unix PATH`) and what /etc/hosts says (`hosts LINE`), up to the line
# `--- tests`. The descriptor is not exported, so child shells are left alone; stdin is empty; stderr joins stdout as upstream
# has it. Nothing of ours is left set when the script begins.
exec {BASH_XTRACEFD}>&2 2>&1 </dev/null
for tb in tcp tcp6 udp udp6; do
  while read -r -a tb_w; do
    [[ ${tb_w[3]} == 0A || $tb == udp* && ${tb_w[3]} == 07 ]] && echo "socket ${tb_w[1]} $tb" >&$BASH_XTRACEFD
  done </proc/net/$tb
done 2>/dev/null
while read -r -a tb_w; do
  [[ ${tb_w[3]} == 00010000 ]] && echo "unix ${tb_w[7]}" >&$BASH_XTRACEFD
done 2>/dev/null </proc/net/unix
while read -r tb; do
  echo "hosts $tb" >&$BASH_XTRACEFD
done 2>/dev/null </etc/hosts
echo '--- tests' >&$BASH_XTRACEFD
unset tb tb_w
set -x
# shellcheck source=/dev/null
. "$0"
