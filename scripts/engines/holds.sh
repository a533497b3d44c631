# Sourced by the scripts that try an engine or a node: keeps logs under .cache/engines/$name, takes away what a job leaves, and counts.
log=.cache/engines/$name
mkdir -p "$log"
results=$(mktemp -d "$PWD/.cache/engines/results.XXXXXX")
trap 'rm -rf "$results"' EXIT
passed=0 failed=0

# holds WHAT COMMAND...: counts it, and says how it went
holds() {
  what=$1
  shift
  if "$@"; then passed=$((passed + 1)) && echo "ok: $name: $what"; else
    failed=$((failed + 1))
    echo "FAILED: $name: $what (see $log)"
  fi
}
