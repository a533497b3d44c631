#!/bin/sh
# What a supervisor whose host has died keeps for another host. $1 says what is wanted, $2 is the pid of that supervisor and $3
# the number of a command:
#   look    prints the time since the machine started and the ledger
#   result  waits until the ledger has the command's end, then prints what the command printed, and the ledger on stderr
#   taken   tells the supervisor that it is needed no more
# 6 and 7 are its descriptors (protocol.ts).
ledger=/proc/$2/fd/6 kept=/proc/$2/fd/7
[ -r "$ledger" ] || exit 3
case $1 in
  look) cat /proc/uptime "$ledger" ;;
  taken) printf 'taken\n' >>"$ledger" ;;
  result)
    mark=$(printf '\001-')
    while :; do
      text=$(cat "$ledger") || exit 3
      case $text in *"$mark end $3 "* | *"$mark gone $3"*) break ;; esac
      sleep 0.1 || exit 4
    done
    cat "$ledger" >&2
    cat "$kept"
    ;;
esac
