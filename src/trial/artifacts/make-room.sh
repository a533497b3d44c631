#!/bin/sh
# Makes room for artifacts in a verifier's sandbox, as root: pairs of arguments, `d PATH` for a folder to be filled (emptied, open to
# all) and `f PATH` for a file (its folder is made and opened to all).
while [ $# -gt 1 ]; do
  case $1 in
    d)
      mkdir -p -- "$2" || exit
      rm -rf -- "${2:?}"/* "${2:?}"/.[!.]* "${2:?}"/..?*
      chmod 777 -- "$2" || exit
      ;;
    f)
      folder=${2%/*}
      if [ -n "$folder" ]; then
        mkdir -p -- "$folder" && chmod 777 -- "$folder" || exit
      fi
      ;;
  esac
  shift 2
done
