#!/bin/bash
# Prints the package manager's state: `holder PID PARENT LOCK NAME` for each process that holds a lock of apt or dpkg, `ticks N`
# (CPU time of all processes), `interrupted` when dpkg's journal is not empty, `half PACKAGE` for each unfinished package.
# Builtins only: the agent may have replaced every tool. A lock counts as held by whoever has its file open; apt and dpkg keep it
# open exactly as long.
for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
  [[ -e $lock ]] || continue
  for fd in /proc/[0-9]*/fd/*; do
    [[ $fd -ef $lock ]] || continue
    pid=${fd#/proc/}
    pid=${pid%%/*}
    parent='' name=''
    while read -r key value; do
      case $key in
        Name:) name=$value ;;
        PPid:) parent=$value ;;
      esac
    done <"/proc/$pid/status"
    echo "holder $pid $parent $lock $name"
  done
done 2>/dev/null

# The 14th and 15th field of stat are the times in user and kernel mode; the 2nd, a name, may hold spaces.
ticks=0
for stat in /proc/[0-9]*/stat; do
  read -r line <"$stat" || continue
  read -r -a fields <<<"${line##*) }"
  ticks=$((ticks + fields[11] + fields[12]))
done 2>/dev/null
echo "ticks $ticks"

for entry in /var/lib/dpkg/updates/[0-9]*; do
  [[ -e $entry ]] && echo interrupted
done

{ status=$(</var/lib/dpkg/status); } 2>/dev/null
if [[ $status =~ (half-configured|half-installed|triggers-pending|triggers-awaited|ok\ unpacked) ]]; then
  package=
  while read -r key value; do
    case $key in
      Package:) package=$value ;;
      Status:)
        [[ $value == *\ installed || $value == *config-files || $value == *not-installed ]] || echo "half $package"
        ;;
    esac
  done <<<"$status"
fi
exit 0
