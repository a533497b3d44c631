# How the supervisor speaks with the host.
#
# From the host, on stdin: a header of $header_length characters, then for `run` and `restore` the text that it announces.
#   run SEQ LIMIT BYTES LINES OVER   run the command number SEQ with a limit of LIMIT hundredths of a second; the text follows.
#                                    OVER is 1 when the slot of the command before it serves no more
#   restore BYTES LINES              the text that restores directory and environment, ahead of the next command
#   ack SEQ OVER                     what command SEQ left running may not write to the host any more
#   kill SEQ GRACE                   end all processes of command SEQ, with GRACE=1 by SIGTERM first
#   tick SEQ PID                     for a shell without timed reads: look after command SEQ, whose waiter is PID
#   finish                           the agent has left
#
# To the host, on stderr, each after \001 and the nonce (frame.ts reads them):
#   ready SHELL FAST PID, waiter SEQ PID, end SEQ STATUS LOST OVER, timeout SEQ, gone SEQ, stopped SEQ,
#   relieved PID COUNT, killed PID NAME, bye WHY
# On stdout a command's output ends with \001NONCE SEQ-, and what it left running is shut out from \001NONCE SEQ+ on.

# The ledger and the output kept beside it are for a host that comes after this one has died (take-over.sh): at the start of a
# command they hold `run SEQ CLOCK` and nothing, at its end what its slot said, and what it printed with the mark of its end.

say() { printf '\001%s %s\n' "$nonce" "$*" >&2; }

# The same for what a host that comes later must learn too: it stands in the ledger as well, under `-` instead of the nonce.
say_kept() {
  [ -z "$ledger" ] || printf '\001- %s\n' "$*" >>"$ledger"
  say "$@"
}

# Sets $now to the seconds since the machine started, in hundredths.
clock() {
  read -r now others </proc/uptime
  now=${now%.*}${now#*.}
}

# read_payload BYTES LINES: sets $payload to the text that follows a header. (`read -N` is in one piece; without it a short
# text is read by lines, a long one by dd.)
read_payload() {
  if [ "$fast" ]; then
    IFS= read -r -N "$1" payload || torn=1
    return
  fi
  payload= lines=$2
  if [ "$lines" -gt 100 ]; then
    payload=$(dd "bs=$1" count=1 iflag=fullblock 2>/dev/null; echo x)
    payload=${payload%x}
    return
  fi
  while [ "$lines" -gt 0 ]; do
    IFS= read -r line || return
    payload="$payload$line$newline" lines=$((lines - 1))
  done
}

# Waits for a header. Returns 2 after a while without one, and 1 at the end of stdin or when what came is none of the
# host's messages: an agent can write into our stdin. A shell without `read -t` is sent ticks instead.
# Only one byte is read against the clock: bash loses what it has read when the time is up in the middle.
next_header() {
  first=
  if [ -z "$fast" ]; then
    read -r header
  elif [ -z "$running" ]; then
    IFS= read -r -N "$header_length" header
  else
    clock
    left=$((deadline - now))
    if [ "$left" -gt 50 ]; then left=50; elif [ "$left" -lt 1 ]; then left=1; fi
    case $left in ?) left=0$left ;; esac
    IFS= read -r -t "0.$left" -N 1 first
    set -- $?
    [ "$first" ] || return $(($1 > 128 ? 2 : 1))
    IFS= read -r -t 2 -N $((header_length - 1)) header
  fi || return 1
  header=$first$header
  case $header in 'run '* | 'restore '* | 'ack '* | 'kill '* | 'tick '* | finish*) ;; *) return 1 ;; esac
}
