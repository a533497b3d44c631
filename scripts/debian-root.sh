# Sourced after say.sh and apt.sh: root file systems made of Debian's packages, for machines that no image registry serves.

# debian_root WHAT RELEASE TAR [PACKAGES]: writes a minimal root of a release, with the packages (names with commas),
# as a tar file. What it needs on the way lies beside that file. Fails with code 3, saying what is missing.
debian_root() {
  if ! command -v mmdebstrap >/dev/null; then
    can_apt || fail 3 "$1: mmdebstrap is missing. Install mmdebstrap and debian-archive-keyring, or bring the image: podman load (docker load)."
    lean=yes apt_install "$1" mmdebstrap debian-archive-keyring gpg
  fi
  beside=$(dirname "$3")
  # apt inside mmdebstrap drops to its own user, which must be able to pass through.
  chmod 755 "$beside"
  debian_sources "$2" >"$beside/sources.list"
  sources=-
  [ -s "$beside/sources.list" ] || sources=''
  # shellcheck disable=SC2086 # nothing, when there are no sources
  TMPDIR=$beside timed "$1: building from Debian packages (about a minute)" mmdebstrap --quiet --variant=minbase \
    ${4:+--include="$4"} \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*/LC_MESSAGES/*.mo' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$2" "$3" $sources <"$beside/sources.list" ||
    fail 3 "$1: could not be built from Debian packages: see the message above"
}

# debian_sources RELEASE: the host's own mirror where the host is a Debian, else nothing, for mmdebstrap's default.
debian_sources() {
  host=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null)
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v host="$host" -v wanted="$1" '$3 ~ "^" host "(-updates|-security)?$" && $4 == "main" { sub(host, wanted, $3); print }' |
    sort -u
}

# debian_root_in WHAT RELEASE DIR PACKAGES: the same, unpacked into a folder; what is there already is kept while the packages are
# the same ones.
debian_root_in() {
  if [ "$(cat "$3/made-of" 2>/dev/null)" = "$2 $4" ]; then return; fi
  rm -rf "$3" && mkdir -p "$3" && debian_root "$1" "$2" "$3.tar" "$4" && tar -C "$3" -xf "$3.tar" && rm "$3.tar" &&
    echo "$2 $4" >"$3/made-of"
}
