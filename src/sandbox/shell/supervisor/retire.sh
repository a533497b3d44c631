# After a command: its slot serves again, or it is replaced, because what the command left running may hold its pipe.

# retire OVER: $last serves again unless its waiter said otherwise (OVER is 1), when nothing else can write into it and all
# output is passed on. In any case the output of that command ends here.
retire() {
  [ "$last" ] || return
  over=$1 waiter=
  set -- $last
  if [ -z "$fast" ]; then
    drain_leftovers "$1"
  elif nothing_left && [ "$over" = 0 ] && [ -e "/proc/$2/fd/0" ] && has_passed_all "$1"; then
    spare=$last
  else
    leftovers="$leftovers$found"
    drain_leftovers "$1"
    end_slot "$@"
  fi
  printf '\001%s %s+\n' "$nonce" "$running"
  last=
}

# Whether no process lives but those we know: then nothing can hold the last command's output. $leftovers are processes that
# earlier commands left, which hold the output of slots that are gone. Sets $found to the processes that are new.
nothing_left() {
  set -- $last $slot
  ours=" $$ $1 $2 $5 $6 " waiters=" $2 $6 " leftovers="$leftovers " still= found=
  set +f
  set -- /proc/[0-9]*
  set -f
  for file; do
    pid=${file#/proc/}
    case $ours in *" $pid "*) continue ;; esac
    case $leftovers in *" $pid "*) still="$still $pid" && continue ;; esac
    read_stat "$file/stat"
    set -- ${line##*) }
    case $waiters in *" ${2-gone} "*) ;; *) found="$found $pid" ;; esac
  done
  leftovers=$still
  [ -z "$found" ]
}

# has_passed_all RELAY: whether it waits for more, asleep in read(0) and not in write(1).
has_passed_all() {
  read -r line fd others <"/proc/$1/syscall"
  [ "$fd" = 0x0 ]
} 2>/dev/null

# drain_leftovers RELAY: a drain takes its place as the reader of what still holds its pipe.
drain_leftovers() {
  [ -e "/proc/$1/fd/0" ] && alive "$1" || return
  if [ "$fast" ]; then
    exec {hold}<"/proc/$1/fd/0"
    kill -s KILL "$1"
    drain <&"$hold" {hold}<&- &
    leftovers="$leftovers $!"
    exec {hold}<&-
  elif command exec 7<"/proc/$1/fd/0"; then
    kill -s KILL "$1"
    "$cat" <&7 >/dev/null 2>&1 7<&- &
    exec 7<&-
  fi
  while alive "$1"; do short_nap; done
}
