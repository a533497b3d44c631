#!/bin/bash
# Says which package accounts for which file: `list-owners.sh FILE... -- DATABASE...`, the databases being dpkg's md5sums and pip's
# RECORD files. Prints `link FILE TARGET` for each FILE that is a link and `record DATABASE LINE` for each line that names a file.
# Builtins only, but for readlink by its absolute path: the agent may have replaced every tool.
mode=path
paths=()
for item in "$@"; do
  if [[ $item == -- ]]; then
    mode=record
    continue
  fi
  if [[ $mode == path ]]; then
    paths+=("$item")
    [[ -L $item ]] || continue
    target=
    for tool in /usr/bin/readlink /bin/readlink; do
      [[ -x $tool ]] && target=$($tool -f "$item") && break
    done
    echo "link $item $target"
    paths+=("$target")
    continue
  fi
  text=$(<"$item") || continue
  for path in "${paths[@]}"; do
    name=${path##*/}
    [[ $text == *"$name"* ]] || continue
    while IFS= read -r line; do
      [[ $line == *"$name"* ]] && echo "record $item $line"
    done <<<"$text"
  done
done 2>/dev/null
exit 0
