# For a shell that cannot keep slots (no bash): a waiter and a relay of its own for each command, which costs a process more,
# and the state comes line by line.

# start_plain SEQ: runs $payload.
start_plain() {
  make_room "$1"
  printf '%s' "$payload" | wait_for_one "$1" | "$cat" &
  last=$! waiter= payload=
}

wait_for_one() {
  trap - EXIT $defused
  read -r pid line </proc/self/stat
  say waiter "$1" "$pid"
  eval "exec $note_fd>&2"
  (eval "exec \"\$shell\" -c \"\$reader\" \"\${shell##*/}\" 2>&1 $note_fd>&-")
  status=$?
  trap '' PIPE
  lost=0
  printf '\001%s %s-\n' "$nonce" "$1" 2>/dev/null || lost=1
  say end "$1" "$status" "$lost"
}
