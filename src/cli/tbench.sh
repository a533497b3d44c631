#!/bin/sh
# The command `tbench`. Node 20 reads an option `--env-file` of the program itself, wherever it stands: it ends with a message of
# its own where there is no such file, and waits for ever for a pipe. After `--` it leaves the program its options.
exec node -- "$(dirname -- "$(readlink -f -- "$0")")/main.js" "$@"
