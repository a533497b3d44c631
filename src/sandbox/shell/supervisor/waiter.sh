# What runs in a slot beside the agent's shell: the waiter, the relay, and the drain that replaces a relay.

# The waiter. Its stdin has the texts of commands, descriptor 8 their numbers, its stdout leads to the relay.
wait_for_commands() {
  trap - EXIT $defused
  trap : PIPE
  set -m
  close_slots
  open_note
  while run_next; do :; done
}

# The note is where a shell leaves its state: an unlinked file in memory (bash makes one for a long here-string, and for all
# but root read-only). A pipe would wake its reader at every line of it. Where no such file can be had, the lines go to our
# stderr, and the slot serves one command.
open_note() {
  note=/proc/self/fd/$note_fd
  open_memory "$note_fd" || {
    note=
    eval "exec $note_fd>&2"
  }
}

# open_memory FD: makes FD an unlinked, empty file in memory.
open_memory() {
  # shellcheck disable=SC2183 # 70,000 blanks: long enough for a file
  printf -v line %70000s
  TMPDIR=/dev/shm
  set -- "$1" "/proc/self/fd/$1"
  { eval "command exec $1<<<\"\$line\"" && [ -f "$2" ] && { [ -w "$2" ] || chmod 600 "$2"; } && : >"$2"; } 2>/dev/null
  set -- $?
  unset TMPDIR
  return "$1"
}

# Runs a shell for one command and reports its end. A shell that dies before its turn has no number; one that cannot be
# executed waits for a number all the same, to tell 127. Returns 1, and says OVER=1 in its report, when the slot serves no
# more: the shell left no whole state, a signal ended it, or the process table is full.
run_next() {
  (
    [ -x "$shell" ] || exit 127
    SHELL=$SHELL HOME=/ exec "$shell" -c "$reader" "${shell##*/}" 2>&1 8>&- {note_fd}>&- {ledger_fd}>&- {kept_fd}>&-
  )
  status=$? left=
  case $status in 126 | 127) ;; *) read -r -t 0 -u 8 || return ;; esac
  read -r -u 8 seq
  case $seq in '' | *[!0-9]*) return 1 ;; esac
  if [ "$note" ]; then
    IFS= read -r -N "$longest_note" left <"$note"
    : >"$note"
  fi
  [ "$left" ] || [ -x "$shell" ] || printf '%s: No such file or directory\n' "$shell"
  lost=0
  printf '\001%s %s-\n' "$nonce" "$seq" || lost=1
  over=1
  case $left in *"}$newline") [ "$status" -gt 128 ] || table_is_full || over=0 ;; esac
  if [ "$ledger" ]; then
    clock
    printf '%s\001- at %s %s\n\001- end %s %s %s %s\n' "$left" "$seq" "$now" "$seq" "$status" "$lost" "$over" >>"$ledger"
  fi
  printf '%s\001%s end %s %s %s %s\n' "$left" "$nonce" "$seq" "$status" "$lost" "$over" >&2
  return "$over"
}

# The relay: copies the output of commands to our stdout, and its beginning to the file kept for a later host. Without tee and
# cat, lines pass all the same (but no NUL characters).
relay() {
  trap - EXIT $defused
  close_slots
  if [ "$ledger" ]; then
    trap '' XFSZ
    ulimit -f "$longest_kept"
    exec "$tee" -a "$kept" 2>/dev/null
  fi
  [ -x "$cat" ] && exec "$cat"
  while IFS= read -r line; do printf '%s\n' "$line"; done
  printf %s "$line"
}

# The drain: reads and drops what processes that a command left behind still print.
drain() {
  close_slots
  exec "$cat" >/dev/null 2>&1
}

# Closes our ends of the pipes of all slots: no other process may hold them.
close_slots() {
  exec {never}>&-
  for held in "$slot" "$spare" "$last"; do
    set -- $held
    if [ "$3" ]; then eval "exec $3>&- $4>&-"; fi
  done
}
