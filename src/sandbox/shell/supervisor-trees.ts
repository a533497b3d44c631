/** Marks are `markBase + SEQ` KiB of RLIMIT_RSS: far above any machine's memory. */
export const markBase = 2 ** 42;

/** The part of the supervisor that finds, stops and counts the processes of commands. Builtins only. */
export const treeFunctions = `
# read_stat FILE: sets $line to its text. A process can have a newline in its name; then it takes the slow way.
read_stat() {
  line=
  IFS= read -r line <"$1" || return
  set -- "$1" \${line##*) }
  [ $# -lt 40 ] && [ "$fast" ] && IFS= read -r -d '' line <"$1"
  [ "$line" ]
} 2>/dev/null

# alive PID: is it a living child of ours?
alive() {
  read_stat "/proc/$1/stat" || return
  set -- \${line##*) }
  state=$1
  [ "$1" != Z ] && [ "$2" = "$$" ]
}

# tree SEQ: sets $tree to the processes of command SEQ that still live.
tree() {
  mark=$(((${markBase} + $1) * 1024)) tree=' ' more=1
  set +f
  while [ "$more" ]; do
    more=
    for file in /proc/[0-9]*/stat; do
      read_stat "$file" || continue
      pid=\${line%% *}
      case $tree in *" $pid "*) continue ;; esac
      set -- \${line##*) }
      # The first thread may have ended before the others.
      [ "$1" = Z ] && [ "\${18}" -le 1 ] && continue
      if [ "\${23}" != "$mark" ]; then
        case "$tree$worker " in *" $2 "*) ;; *) continue ;; esac
      fi
      tree="$tree$pid " more=1
    done
  done
  set -f
}

nap() {
  if [ "$fast" ]; then read -r -t 0.03 line <&"$never"; else sleep 0.05 2>/dev/null; fi
}

# For what is over in no time.
moment() {
  if [ "$fast" ]; then read -r -t 0.001 line <&"$never"; else nap; fi
}

signal_tree() {
  for pid in $tree; do kill -s "$1" "$pid"; done 2>/dev/null
}

# stop_tree SEQ GRACE: SIGTERM first when GRACE is 1, then SIGKILL until none is left.
stop_tree() {
  if [ "$2" = 1 ]; then
    tree "$1"
    signal_tree TERM
    signal_tree CONT
    clock
    end=$((now + 40))
    while [ "$tree" != ' ' ] && [ "$now" -lt "$end" ]; do nap; tree "$1"; clock; done
  fi
  clock
  end=$((now + 300))
  tree "$1"
  while [ "$tree" != ' ' ] && [ "$now" -lt "$end" ]; do
    signal_tree STOP
    signal_tree KILL
    tree "$1"
    signal_tree KILL
    [ "$tree" = ' ' ] || nap
    tree "$1"
    clock
  done
}
`;
