/** Marks are `markBase + SEQ` KiB of RLIMIT_RSS: far above any machine's memory. */
export const markBase = 2 ** 42;

/** The part of the supervisor that finds, stops and counts the processes of commands. Builtins only. */
export const treeFunctions = `
# alive PID: is it a living child of ours?
alive() {
  { IFS= read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
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
      { IFS= read -r line <"$file"; } 2>/dev/null || continue
      pid=\${line%% *}
      case $tree in *" $pid "*) continue ;; esac
      set -- \${line##*) }
      [ "$1" = Z ] && continue
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
