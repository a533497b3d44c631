#!/bin/sh
# What launch.sh does, for an image without bash: `sh -c PROGRAM SCRIPT`. No shell but bash can write its trace to a descriptor
# of its own, so the line `--- tests` is all that comes before the script.
echo '--- tests' >&2
exec 2>&1 </dev/null
IFS= read -r tb_line <"$0"
case $tb_line in
*sh | *sh\ * | [!#]* | '#'[!!]* | '' | '#') ;;
*) exec ${tb_line#??} "$0" ;;
esac
unset tb_line
# shellcheck source=/dev/null
. "$0"
