#!/usr/bin/env bash
# The two commands on a machine that has nothing: in a minimal Debian 12 they install what they need, build and run, for root
# and for a user with sudo. So a package that tools/setup forgets is missed here, and not by a newcomer.
#   tests/fresh/fresh_test.sh      tests the last commit; takes a minute or two when its caches are warm
# Packages and compiled objects are kept in CICADA_FRESH_CACHE (default: cicada-fresh in the user's cache folder).
# Exit status: 0 passed, 1 failed, 77 left out, with the reason on standard error.
#
# All mounts are made in a mount namespace of their own: they end with its last process, whatever happened to it.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
source_root=$(cd "$here/../.." && pwd)
cache=${CICADA_FRESH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cicada-fresh}
release=bookworm

say() { printf 'fresh: %s\n' "$*" >&2; }
left_out() { say "left out, since $*"; exit 77; }

# The lines for sources.list of Debian 12, as apt of this machine has them: deb URI SUITE COMPONENT.
package_source() {
  apt-get indextargets --format '$(CREATED_BY) deb $(REPO_URI) $(CODENAME) $(COMPONENT)' |
    awk -v release="$release" '$1 == "Packages" && $4 ~ "^" release "(-updates|-security)?$" {$1 = ""; print substr($0, 2)}' | sort -u
}

[[ $EUID -eq 0 ]] || left_out "making a root file system needs root"
command -v apt-get >/dev/null || left_out "this machine has no apt-get, so there is no package source to take"
sources=$(package_source)
[[ -n $sources ]] || left_out "apt is not set up with packages of Debian 12"
unshare --mount --pid --fork true 2>/dev/null || left_out "this machine does not allow namespaces"
if ! command -v debootstrap >/dev/null; then
  apt-get -qq install --yes --no-install-recommends debootstrap >/dev/null 2>&1 || left_out "debootstrap cannot be installed"
fi
git -C "$source_root" rev-parse --verify --quiet HEAD >/dev/null || left_out "this folder is no clone"
[[ -z $(git -C "$source_root" status --porcelain) ]] || say "uncommitted changes are not tested"

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
scratch=$(mktemp -d "${TMPDIR:-/tmp}/cicada-fresh.XXXXXX")
trap 'rm -rf --one-file-system "$scratch"' EXIT
git clone --quiet --no-hardlinks "$source_root" "$scratch/clone"

export here cache release sources scratch
# In the background, so that a signal is heard at once. The first process of the namespace is killed with `unshare`, and with it
# everything in there.
unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$here/make_root.sh" &
inside=$!
trap 'kill -KILL "$inside" 2>/dev/null; wait "$inside" 2>/dev/null || true; exit 143' INT TERM
wait "$inside"
say "passed"
