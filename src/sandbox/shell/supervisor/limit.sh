# A command's time limit inside the sandbox. The host's side, with what happens should this one fail, is command-limit.ts.

# Called twice a second while a command runs, and when its time is up: ends its tree then, and sees whether its waiter lives
# on. A stopped one is woken, or nobody would report the command's end.
watch_limit() {
  clock
  if [ "$now" -ge "$deadline" ]; then
    say_kept timeout "$running"
    stop_tree "$running" 1
    deadline=$((now + 1000000000))
  fi
  [ "$waiter" ] || return
  if ! alive "$waiter"; then
    say_kept gone "$running"
    waiter=
  elif [ "$state" = T ]; then
    kill -s CONT "$waiter" ${last%% *}
  fi
}
