import { slotFunctions } from './supervisor-slots.js';
import { treeFunctions } from './supervisor-trees.js';

/**
 * The supervisor: a shell script that runs in the container, as its PID 1 or as an exec, and hands out the agent's
 * commands. Three processes make a *slot*: the agent's shell (reads its text from a pipe, then has no stdin), a waiter
 * that reports its exit code, and a relay (`cat`) between the command's output and our stdout. Two slots take turns: while
 * one runs a command, the waiter of the other starts its next shell, so a command costs no start. A slot serves on as long
 * as nothing that a command left behind can hold its output pipe. Otherwise a drain takes the reading end over
 * and the slot is replaced: the service goes on, and what it prints never reaches the host.
 *
 * Commands are marked by a soft RLIMIT_RSS of their own (Linux ignores that limit): it is inherited through
 * fork, exec, setsid, su and `env -i`, and stands in /proc/PID/stat, so a whole tree can be found and killed.
 *
 * Messages to it (on stdin, a header line, then for `run` and `feed` the payload):
 * `run SEQ TIMEOUT_CS BYTES LINES OVER`, `feed BYTES LINES` (the next command's first text, ahead of it), `ack SEQ OVER`
 * (OVER: 1 when the last command's slot serves no more),
 * `kill SEQ GRACE`, `tick SEQ WAITER`, `rest`.
 * Messages from it (on stderr, prefixed with \1 and the nonce; see frame.ts).
 * Only builtins are used while a command runs, so that a full process table does not stop it.
 */

/**
 * The argv of PID 1 and of a reopened channel. It waits for the nonce, shows its directory and environment, and becomes
 * the shell that reads the script. BASH_ENV is the commands' business, not the supervisor's.
 */
export const bootCommand: readonly string[] = [
  '/bin/sh',
  '-c',
  [
    'read -r n && { printf "\\001%s{\\n" "$n"; pwd; printf "\\001%s|\\n" "$n"; export -p; printf "\\001%s}\\n" "$n"; } >&2',
    'unset ENV BASH_ENV',
    'command -v bash >/dev/null && exec bash --norc -s tbench',
    'exec env -i PATH="$PATH" sh -s tbench',
  ].join('; '),
];

/** Every header has this length, newline included, so that bash reads it at once instead of byte by byte. */
const headerLength = 64;

/** One header for the supervisor. */
export function header(words: string): string {
  return `${words.padEnd(headerLength - 1)}\n`;
}

/** The script, to be written to the booted shell's stdin. `firstSeq` is the number of the first command. */
export function supervisorScript(nonce: string, firstSeq: number): string {
  return `${script}\nsupervise ${nonce} ${firstSeq}\n`;
}

const script = `
say() { printf '\\001%s %s\\n' "$nonce" "$*" >&2; }

clock() { read -r now rest </proc/uptime; now=\${now%.*}\${now#*.}; }

${treeFunctions}
${slotFunctions}
read_payload() {
  if [ "$fast" ]; then
    IFS= read -r -N "$1" payload
    return
  fi
  payload= lines=$2
  if [ "$lines" -gt 100 ]; then
    payload=$(dd "bs=$1" count=1 iflag=fullblock 2>/dev/null; echo x)
    payload=\${payload%x}
    return
  fi
  while [ "$lines" -gt 0 ]; do
    IFS= read -r line || return
    payload="$payload$line
" lines=$((lines - 1))
  done
}

# Waits for a header; returns 2 after a tick without one, 1 at end of file or when what came is none of the host's: an
# agent can write to our stdin. (A shell without \`read -t\` is sent ticks.)
# Only one byte is read against the tick: bash loses what it has read when the time is up in the middle.
next_header() {
  first=
  if [ -z "$fast" ]; then
    read -r header
  elif [ -z "$running" ]; then
    IFS= read -r -N ${headerLength} header
  else
    clock
    left=$((deadline - now))
    if [ "$left" -gt 50 ]; then left=50; elif [ "$left" -lt 1 ]; then left=1; fi
    case $left in ?) left=0$left ;; esac
    IFS= read -r -t "0.$left" -N 1 first
    set -- $?
    [ "$first" ] || return $(($1 > 128 ? 2 : 1))
    IFS= read -r -t 2 -N ${headerLength - 1} header
  fi || return 1
  header=$first$header
  case $header in 'run '* | 'feed '* | 'ack '* | 'kill '* | 'tick '* | rest*) ;; *) return 1 ;; esac
}

watch() {
  clock
  if [ "$now" -ge "$deadline" ]; then
    say timeout "$running"
    stop_tree "$running" 1
    deadline=$((now + 1000000000))
  fi
  [ "$worker" ] || return
  if ! alive "$worker"; then
    say gone "$running"
    worker=
  elif [ "$state" = T ]; then
    kill -s CONT "$worker" \${last%% *}
  fi
}

on_header() {
  case $1 in
    run)
      read_payload "$4" "$5"
      retire "$6"
      running=$2
      if [ "$fast" ]; then start_fast "$2"; else start_plain "$2"; fi
      clock
      deadline=$((now + $3 + 1))
      ;;
    feed)
      read_payload "$2" "$3"
      feed "$2"
      ;;
    ack)
      if [ "$2" = "$running" ]; then retire "$3"; running=; fi
      ;;
    kill)
      stop_tree "$2" "$3"
      say stopped "$2"
      ;;
    tick)
      if [ "$2" = "$running" ]; then
        worker=$3
        watch
      fi
      ;;
    rest)
      rest
      say bye rest
      ;;
  esac
}

serve() {
  while :; do
    next_header
    case $? in
      0) on_header $header ;;
      2) [ -z "$running" ] || watch ;;
      *) return ;;
    esac
  done
}

# The agent has left: what it was still at is killed, what it left running stays.
rest() {
  if [ "$running" ]; then
    tree "$running"
    for pid in $tree; do
      comm=
      { IFS= read -r comm <"/proc/$pid/comm"; } 2>/dev/null
      say killed "$pid" "$comm"
    done
    stop_tree "$running" 0
  fi
  retire 1
  running=
  if [ "$fast" ]; then
    discard $slot
    discard $spare
    slot= spare=
  fi
}

# Only PID 1 may not end: the container would. It reaps what the agent leaves.
leave() {
  trap - EXIT
  rest
  say bye "$1"
  [ "$$" = 1 ] || exit 0
  while :; do
    if [ "$fast" ]; then read -r -t 2 line <&"$never"; else sleep 2147483647 & wait; fi
  done
}

supervise() {
  nonce=$1 fast= running= last= slot= spare= primer= fed= worker= never= pids= settled= found=
  newline='
'
  set -f
  cd /
  case \${BASH_VERSION-} in '' | [0-3].* | 4.[0-3].*) ;; *) fast=1 ;; esac
  path=$PATH
  if [ "$fast" ]; then for name in $(compgen -e); do unset "$name"; done 2>/dev/null; else unset PATH; fi
  PATH=\${path:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
  cat=$(command -v cat) shell=$(command -v bash || command -v sh)
  case $shell in
    */bash)
      reader='IFS= read -rt 999999999 _tbench;IFS= read -rN "$_tbench" _tbench;eval "$_tbench";'
      reader=$reader$reader
      ;;
    *) reader='read -r _tbench _tbench_line;_tbench_text=
if [ "$_tbench" -gt 100 ];then _tbench_text=$(dd "bs=$_tbench_line" count=1 iflag=fullblock 2>/dev/null);fi
while [ -z "$_tbench_text" ]||[ "$_tbench" -gt 0 ]&&[ "$_tbench" -le 100 ];do
IFS= read -r _tbench_line||exit 126;_tbench_text="$_tbench_text$_tbench_line
";_tbench=$((_tbench-1));done;eval "$_tbench_text"' ;;
  esac
  for pids in /sys/fs/cgroup/pids /sys/fs/cgroup; do [ -r "$pids/pids.max" ] && break; done
  [ -r "$pids/pids.max" ] || pids=
  defused='HUP INT QUIT TERM USR1 USR2 ALRM PIPE'
  trap '' $defused
  trap 'leave died' EXIT
  if [ "$fast" ]; then
    set -m
    exec {never}<> <(:)
  fi
  say ready "\${shell##*/}" "$fast"
  if [ "$fast" ]; then prepare; fi
  serve
  leave end
}
`;
