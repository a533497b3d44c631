#!/bin/bash
# The supervisor: runs in each sandbox, as its PID 1 or as an exec, and hands out the agent's commands. README.md explains
# its words; messages.sh lists what it says and hears. bash runs it, or busybox's shell, which must be able to parse all
# of it. While a command runs only builtins are used, so that a full process table does not stop the supervisor.
#
# $fast is 1 in a bash that can keep slots ready, and empty in any other shell.
# shellcheck disable=SC1007 # `a= b=` empties both
# shellcheck disable=SC2016 # the agent's shell expands its program
# shellcheck disable=SC2086 # pathname expansion is off (set -f): words are split on purpose
# shellcheck disable=SC2034 # `read` must name the fields that nobody wants

. ./messages.sh
. ./trees.sh
. ./limit.sh
. ./waiter.sh
. ./slots.sh
. ./retire.sh
. ./plain.sh

on_header() {
  case $1 in
    run)
      read_payload "$4" "$5"
      [ -z "$torn" ] || return
      retire "$6"
      running=$2
      if [ "$fast" ]; then start_in_slot "$2"; else start_plain "$2"; fi
      clock
      deadline=$((now + $3 + 1))
      ;;
    restore)
      read_payload "$2" "$3"
      [ -z "$torn" ] || return
      restore_ahead "$2"
      ;;
    ack)
      if [ "$2" = "$running" ]; then
        retire "$3"
        running=
      fi
      ;;
    kill)
      stop_tree "$2" "$3"
      say stopped "$2"
      ;;
    tick)
      if [ "$2" = "$running" ]; then
        waiter=$3
        watch_limit
      fi
      ;;
    finish)
      finish
      ledger=
      say bye finish
      ;;
  esac
}

serve() {
  while :; do
    next_header
    case $? in
      0)
        on_header $header
        [ -z "$torn" ] || return
        ;;
      2) [ -z "$running" ] || watch_limit ;;
      *) return ;;
    esac
  done
}

# The agent has left: the command it was still at is killed, the services that it left running stay.
finish() {
  if [ "$running" ]; then
    tree "$running"
    for pid in $tree; do
      name=
      { IFS= read -r name <"/proc/$pid/comm"; } 2>/dev/null
      say killed "$pid" "$name"
    done
    stop_tree "$running" 0
  fi
  retire 1
  running=
  if [ "$fast" ]; then
    end_slot $slot
    end_slot $spare
    slot= spare=
  fi
}

# Our host is gone, and did not say that the agent has left. The command it was at goes on under its limit; what came of it,
# or of the last one, stays in the ledger until another host has taken it over.
wait_for_heir() {
  while [ "$ledger" ]; do
    text=
    IFS= read -r -d '' text <"$ledger"
    case $text in *" taken$newline") break ;; esac
    if [ "$running" ]; then
      case $text in *" end $running "* | *" gone $running$newline"*) running= ;; *) watch_limit ;; esac
    fi
    read -r -t 0.1 line <&"$never"
  done
  waiter=
}

# PID 1 may not end, or the container would: it stays for ever and reaps what the agent left.
leave() {
  trap - EXIT
  say bye "$1"
  wait_for_heir
  finish
  [ "$$" = 1 ] || exit 0
  while :; do
    if [ "$fast" ]; then read -r -t 2 line <&"$never"; else sleep 2147483647 & wait; fi
  done
}

# The program with which an agent's shell ($shell) reads its texts. Each text comes as a line with its length and then the
# text. bash counts characters, and reads two texts: one restores directory and environment and can come long before
# the other, the command. Any other shell reads one text, counted in lines and, for a long one that dd reads, in bytes.
reader_program() {
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
}

# Makes the ledger and the file for output. Without them, or without tee, nothing is kept.
open_books() {
  tee=$(command -v tee) && [ -x "$tee" ] && open_memory "$ledger_fd" && open_memory "$kept_fd" || return
  ledger=/proc/self/fd/$ledger_fd kept=/proc/self/fd/$kept_fd
}

# supervise NONCE HEADER_LENGTH MARK_BASE NOTE_FD LONGEST_NOTE LEDGER_FD KEPT_FD LONGEST_KEPT: see protocol.ts for the numbers.
supervise() {
  nonce=$1 header_length=$2 mark_base=$3 note_fd=$4 longest_note=$5 ledger_fd=$6 kept_fd=$7 longest_kept=$8
  ledger= kept= torn=
  running= last= slot= spare= waiter= restoring= restored= leftovers= found= fast= never= cgroup=
  newline='
'
  set -f
  cd / || :
  case ${BASH_VERSION-} in '' | [0-3].* | 4.[0-3].*) ;; *) fast=1 ;; esac
  path=$PATH
  if [ "$fast" ]; then for name in $(compgen -e); do unset "$name"; done 2>/dev/null; else unset PATH; fi
  PATH=${path:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
  cat=$(command -v cat) shell=$(command -v bash || command -v sh)
  reader_program
  for cgroup in /sys/fs/cgroup/pids /sys/fs/cgroup; do [ -r "$cgroup/pids.max" ] && break; done
  [ -r "$cgroup/pids.max" ] || cgroup=
  defused='HUP INT QUIT TERM USR1 USR2 ALRM PIPE'
  trap '' $defused
  trap 'leave died' EXIT
  if [ "$fast" ]; then
    set -m
    # Reading from this pipe waits for the time limit of the read: a sleep without a process.
    exec {never}<> <(:)
  fi
  if [ "$fast" ]; then open_books; fi
  say ready "${shell##*/}" "${fast:-0}" "${ledger:+$$}"
  if [ "$fast" ]; then prepare_slot; fi
  serve
  leave end
}
