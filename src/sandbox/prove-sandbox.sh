#!/bin/sh
# Begins every program that the engine starts for us in a container. It goes on only where PID 1 shows the sandbox's token
# ($1) on its command line, and takes the token off the arguments. Builtins only; `read` leaves out the zero bytes between words.
# Behind an image's entry point the line holds the supervisor's first program too, which has lines of its own.
_tbench=
{ while read -r _tbench_line || [ "$_tbench_line" ]; do _tbench=$_tbench$_tbench_line; done </proc/1/cmdline; } 2>/dev/null
case $_tbench in
  *"$1"*) ;;
  *)
    echo "tbench: not in sandbox $1" >&2
    exit 125
    ;;
esac
shift
unset _tbench _tbench_line
