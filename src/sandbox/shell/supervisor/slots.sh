# Preparing slots and starting commands in them. A slot is named by four words, "RELAY WAITER TEXT NUMBER": two pids, and
# our ends of the pipes for the texts and the numbers of commands. $slot runs the next command, $last the one that runs or
# has just ended, $spare serves after that.

prepare_slot() {
  exec {out}> >(relay)
  slot=$!
  exec {number}<> <(:)
  exec {text}> >(wait_for_commands 8<&"$number" >&"$out" {out}>&- {number}>&-)
  slot="$slot $! $text $number"
  exec {out}>&-
}

# start_in_slot SEQ: gives $payload to the shell that waits in $slot.
start_in_slot() {
  ensure_slot "$1"
  [ "$restored" ] || payload=$restoring$payload
  set -- "$1" $slot
  keep_books "$1"
  printf '%s\n' "$1" >&"$5"
  printf '%s' "$payload" >&"$4"
  last=$slot waiter=$3 payload= restoring= restored= slot=$spare spare=
  [ "$slot" ] || table_is_full || prepare_slot
}

# keep_books SEQ: what is kept of the command before is needed no more.
keep_books() {
  [ "$ledger" ] || return
  clock
  : >"$kept"
  printf '\001- run %s %s\n' "$1" "$now" >"$ledger"
}

# ensure_slot SEQ: an earlier command may have killed the slot, or stopped it.
ensure_slot() {
  set -- "$1" $slot
  if [ -e "/proc/$2/fd/0" ] && [ -e "/proc/$3/fd/0" ]; then
    wake_slot "$2" "$3"
    return
  fi
  end_slot $slot
  slot= restored=
  make_room "$1"
  prepare_slot
}

# restore_ahead BYTES: gives the text that restores the state to the next command's shell, unless the pipe is too small
# for it and we would have to wait. It is kept: should the slot be lost, its successor needs it.
restore_ahead() {
  restoring=$payload payload= restored=
  [ "$slot" ] && [ "$1" -le 60000 ] || return
  set -- $slot
  wake_slot "$1" "$2"
  printf '%s' "$restoring" >&"$3"
  restored=1
}

# shell_of WAITER: sets $child to the shell in that slot, if there is one.
shell_of() {
  child=
  read -r child line <"/proc/$1/task/$1/children"
} 2>/dev/null

wake_slot() {
  shell_of "$2"
  kill -s CONT $child "$1" "$2"
}

end_slot() {
  [ "$1" ] || return
  shell_of "$2"
  alive "$2" && kill -s KILL "$2" $child 2>/dev/null
  alive "$1" && kill -s KILL "$1" 2>/dev/null
  eval "exec $3>&- $4>&-"
}

# Whether the container's process limit is so near that no slot can be started.
table_is_full() {
  [ "$cgroup" ] || return 1
  { read -r most <"$cgroup/pids.max" && read -r count <"$cgroup/pids.current"; } 2>/dev/null || return 1
  [ "$most" != max ] && [ "$count" -gt $((most - 5)) ]
}

# make_room SEQ: in a full process table ends what commands before SEQ left, the newest first, large trees before small ones.
make_room() {
  table_is_full || return
  for least in 5 1; do
    victim=$1
    while [ "$victim" -gt 1 ] && table_is_full; do
      victim=$((victim - 1))
      tree "$victim"
      set -- $tree
      [ $# -ge "$least" ] || continue
      stop_tree "$victim" 0
      say_kept relieved "$victim" $#
    done
    set -- "$running"
  done
}
