/** What a shell may leave in its note: an environment of 1 MiB and what frames it. */
const maxNoteLength = 1024 * 1024 + 4096;

/** The part of the supervisor that prepares slots, runs commands in them, and keeps or replaces them afterwards. */
export const slotFunctions = `
# The waiter of a slot. stdin: the texts of its commands; fd 8: their numbers; stdout: the relay.
slot() {
  trap - EXIT $defused
  trap : PIPE
  set -m
  close_held
  open_note
  while run_next; do :; done
}

# Fd 9: where a shell leaves its state, an unlinked file in memory (bash makes one for a long here-string, read-only for all
# but root). A pipe would wake its reader at every line. Without a file the lines go to our stderr, and the slot serves once.
open_note() {
  note=/proc/self/fd/9
  printf -v line %70000s
  TMPDIR=/dev/shm
  { eval 'command exec 9<<<"$line"' && [ -f "$note" ] && { [ -w "$note" ] || chmod 600 "$note"; } && : >"$note"; } 2>/dev/null || {
    note=
    exec 9>&2
  }
  unset TMPDIR
}

# Returns 1, and says so with the end, when the slot serves no more: the text did not come to its end (a state, and no
# signal), or the process table is full. A shell that dies before its turn has no number; one that cannot be executed waits
# for it, to tell 127.
run_next() {
  ([ -x "$shell" ] || exit 127; SHELL=$SHELL HOME=/ exec "$shell" -c "$reader" "\${shell##*/}" 2>&1 8>&- 9>&-)
  status=$? left=
  case $status in 126 | 127) ;; *) read -r -t 0 -u 8 || return ;; esac
  read -r -u 8 seq
  case $seq in '' | *[!0-9]*) return 1 ;; esac
  if [ "$note" ]; then
    IFS= read -r -N ${maxNoteLength} left <"$note"
    : >"$note"
  fi
  [ "$left" ] || [ -x "$shell" ] || printf '%s: No such file or directory\\n' "$shell"
  lost=0
  printf '\\001%s %s-\\n' "$nonce" "$seq" || lost=1
  over=1
  case $left in *"}$newline") [ "$status" -gt 128 ] || full || over=0 ;; esac
  printf '%s\\001%s end %s %s %s %s\\n' "$left" "$nonce" "$seq" "$status" "$lost" "$over" >&2
  return "$over"
}

# Without cat, lines pass all the same (but NUL characters).
relay() {
  trap - EXIT $defused
  close_held
  [ -x "$cat" ] && exec "$cat"
  while IFS= read -r line; do printf '%s\\n' "$line"; done
  printf %s "$line"
}

# A slot's name is "relay waiter text number": two pids and our ends of two pipes. No other process may hold those.
close_held() {
  exec {never}>&-
  for held in "$slot" "$spare" "$last"; do
    set -- $held
    if [ "$3" ]; then eval "exec $3>&- $4>&-"; fi
  done
}

prepare() {
  exec {out}> >(relay)
  slot=$!
  exec {number}<> <(:)
  exec {text}> >(slot 8<&"$number" >&"$out" {out}>&- {number}>&-)
  slot="$slot $! $text $number"
  exec {out}>&-
}

# full: is the container's process limit so near that no slot can be started?
full() {
  [ "$pids" ] || return 1
  { read -r most <"$pids/pids.max" && read -r count <"$pids/pids.current"; } 2>/dev/null || return 1
  [ "$most" != max ] && [ "$count" -gt $((most - 5)) ]
}

# Makes room in a full process table: what earlier commands left goes, the newest first, large trees before small ones.
relieve() {
  full || return
  for least in 5 1; do
    victim=$1
    while [ "$victim" -gt 1 ] && full; do
      victim=$((victim - 1))
      tree "$victim"
      set -- $tree
      [ $# -ge "$least" ] || continue
      stop_tree "$victim" 0
      say relieved "$victim" $#
    done
    set -- "$running"
  done
}

# child WAITER: sets $child to the shell in that slot, if there is one.
child() {
  child=
  read -r child line <"/proc/$1/task/$1/children"
} 2>/dev/null

# An earlier command may have stopped a slot.
thaw() {
  child "$2"
  kill -s CONT $child "$1" "$2"
}

# An earlier command may have killed the slot.
refresh() {
  set -- "$1" $slot
  if [ -e "/proc/$2/fd/0" ] && [ -e "/proc/$3/fd/0" ]; then
    thaw "$2" "$3"
    return
  fi
  discard $slot
  slot= fed=
  relieve "$1"
  prepare
}

# feed BYTES: gives the next command's first text to its shell, unless that could mean to wait for it.
feed() {
  primer=$payload payload= fed=
  [ "$slot" ] && [ "$1" -le 60000 ] || return
  set -- $slot
  thaw "$1" "$2"
  printf '%s' "$primer" >&"$3"
  fed=1
}

# discard RELAY WAITER TEXT NUMBER
discard() {
  [ "$1" ] || return
  child "$2"
  alive "$2" && kill -s KILL "$2" $child 2>/dev/null
  alive "$1" && kill -s KILL "$1" 2>/dev/null
  eval "exec $3>&- $4>&-"
}

# Is there no process but those we know? Then nothing can hold the last command's output. $settled: what earlier
# commands left; those hold the output of slots that are gone. $found: the others.
alone() {
  set -- $last $slot
  ours=" $$ $1 $2 $5 $6 " waiters=" $2 $6 " settled="$settled " still= found=
  set +f
  set -- /proc/[0-9]*
  set -f
  for file; do
    pid=\${file#/proc/}
    case $ours in *" $pid "*) continue ;; esac
    case $settled in *" $pid "*) still="$still $pid" && continue ;; esac
    read_stat "$file/stat"
    set -- \${line##*) }
    case $waiters in *" \${2-gone} "*) ;; *) found="$found $pid" ;; esac
  done
  settled=$still
  [ -z "$found" ]
}

# passed RELAY: does it wait for more? Asleep in read(0), not in write(1).
passed() {
  read -r line fd rest <"/proc/$1/syscall"
  [ "$fd" = 0x0 ]
} 2>/dev/null

# retire OVER: the slot of the last command serves again unless its waiter said otherwise (OVER is 1), when nothing else can
# write to it and all is passed on. Otherwise its output ends here.
retire() {
  [ "$last" ] || return
  over=$1 worker=
  set -- $last
  if [ -z "$fast" ]; then
    detach "$1"
  elif alone && [ "$over" = 0 ] && [ -e "/proc/$2/fd/0" ] && passed "$1"; then
    spare=$last
  else
    settled="$settled$found"
    detach "$1"
    discard "$@"
  fi
  fence
}

# From here on nothing of that command comes out.
fence() {
  printf '\\001%s %s+\\n' "$nonce" "$running"
  last=
}

# detach RELAY: what still holds its pipe gets a drain for a reader.
detach() {
  [ -e "/proc/$1/fd/0" ] && alive "$1" || return
  if [ "$fast" ]; then
    exec {hold}<"/proc/$1/fd/0"
    kill -s KILL "$1"
    drain <&"$hold" {hold}<&- &
    settled="$settled $!"
    exec {hold}<&-
  elif command exec 7<"/proc/$1/fd/0"; then
    kill -s KILL "$1"
    "$cat" <&7 >/dev/null 2>&1 7<&- &
    exec 7<&-
  fi
  while alive "$1"; do moment; done
}

drain() {
  close_held
  exec "$cat" >/dev/null 2>&1
}

start_fast() {
  refresh "$1"
  [ "$fed" ] || payload=$primer$payload
  set -- "$1" $slot
  printf '%s\\n' "$1" >&"$5"
  printf '%s' "$payload" >&"$4"
  last=$slot worker=$3 payload= primer= fed= slot=$spare spare=
  [ "$slot" ] || full || prepare
}

# A shell without what slots need: one process more a command, and its state comes line by line.
start_plain() {
  relieve "$1"
  printf '%s' "$payload" | slot_once "$1" | "$cat" &
  last=$! worker= payload=
}

slot_once() {
  trap - EXIT $defused
  read -r pid line </proc/self/stat
  say worker "$1" "$pid"
  exec 9>&2
  (exec "$shell" -c "$reader" "\${shell##*/}" 2>&1 9>&-)
  status=$?
  trap '' PIPE
  lost=0
  printf '\\001%s %s-\\n' "$nonce" "$1" 2>/dev/null || lost=1
  say end "$1" "$status" "$lost"
}
`;
