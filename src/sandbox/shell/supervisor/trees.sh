# Finding and ending all processes of a command. Each command is marked by a soft limit for resident memory of its own
# ($mark_base + its number, in KiB): Linux ignores that limit but hands it down through fork, exec, setsid, su and
# `env -i`, and shows it in /proc/PID/stat.

# read_stat FILE: sets $line to its text. A process can have a newline in its name: then it is read to its end.
read_stat() {
  line=
  IFS= read -r line <"$1" || return
  set -- "$1" ${line##*) }
  [ $# -lt 40 ] && [ "$fast" ] && IFS= read -r -d '' line <"$1"
  [ "$line" ]
} 2>/dev/null

# alive PID: whether it is a living child of ours. Sets $state to its state, such as T for stopped.
alive() {
  read_stat "/proc/$1/stat" || return
  set -- ${line##*) }
  state=$1
  [ "$1" != Z ] && [ "$2" = "$$" ]
}

# tree SEQ: sets $tree to the processes of command SEQ that still live: those with its mark, and their descendants, which
# may have taken it off. Goes over all processes until no more are found.
tree() {
  mark=$(((mark_base + $1) * 1024)) tree=' ' more=1
  set +f
  while [ "$more" ]; do
    more=
    for file in /proc/[0-9]*/stat; do
      read_stat "$file" || continue
      pid=${line%% *}
      case $tree in *" $pid "*) continue ;; esac
      set -- ${line##*) }
      # A first thread that has ended (Z) may have left others behind.
      [ "$1" = Z ] && [ "${18}" -le 1 ] && continue
      if [ "${23}" != "$mark" ]; then
        case "$tree$waiter " in *" $2 "*) ;; *) continue ;; esac
      fi
      tree="$tree$pid " more=1
    done
  done
  set -f
}

# Waits a few hundredths of a second.
nap() {
  if [ "$fast" ]; then read -r -t 0.03 line <&"$never"; else sleep 0.05 2>/dev/null; fi
}

# Waits a millisecond, where the shell can.
short_nap() {
  if [ "$fast" ]; then read -r -t 0.001 line <&"$never"; else nap; fi
}

signal_tree() {
  for pid in $tree; do kill -s "$1" "$pid"; done 2>/dev/null
}

# stop_tree SEQ GRACE: with GRACE=1 SIGTERM and 0.4 s to end in; then SIGKILL until none is left, for at most 3 s.
stop_tree() {
  if [ "$2" = 1 ]; then
    tree "$1"
    signal_tree TERM
    signal_tree CONT
    clock
    end=$((now + 40))
    while [ "$tree" != ' ' ] && [ "$now" -lt "$end" ]; do
      nap
      tree "$1"
      clock
    done
  fi
  clock
  end=$((now + 300))
  tree "$1"
  while [ "$tree" != ' ' ] && [ "$now" -lt "$end" ]; do
    # Stopped first, so that none forks away while the others are killed.
    signal_tree STOP
    signal_tree KILL
    tree "$1"
    signal_tree KILL
    [ "$tree" = ' ' ] || nap
    tree "$1"
    clock
  done
}
