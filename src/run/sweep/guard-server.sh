#!/bin/sh
# Runs the server's command $1 and ends the whole process group when standard input ends, which it does when the tbench
# that started it is gone, however it went: no server outlives its sweep and holds the GPU.
exec 3<&0
sh -c "$1" </dev/null 3<&- &
server=$!
{
  cat >/dev/null <&3
  trap '' TERM
  kill -TERM 0
  sleep 30
  kill -KILL 0
} &
watcher=$!
exec 3<&-
wait "$server"
code=$?
# It ended by itself: what it left in the group is tbench's to end.
kill -KILL "$watcher"
exit "$code"
