#!/usr/bin/env bash
# Part of fresh_test.sh, inside the minimal root: what a newcomer types, first as root, then as a user with sudo.
#   in_root.sh as_root | as_user
set -euo pipefail

cd "$HOME/cicada"

# step COMMAND...: runs it, and says what and for how long. While it runs, something must be said every 20 s.
step() {
  local begin=$SECONDS
  printf 'fresh: %s: %s\n' "$(id -un)" "$*" >&2
  output=$(mktemp) gaps=$(mktemp)
  if ! { "$@" 2>&1 >"$output" | note_gaps "$gaps"; } || [[ -s $gaps ]]; then
    tail -n 40 "$output" "$gaps" >&2
    printf 'fresh: failed: %s\n' "$*" >&2
    exit 1
  fi
  printf 'fresh: %s took %s s\n' "$*" "$((SECONDS - begin))" >&2
}

# note_gaps FILE: passes lines on to standard error, and writes to FILE where the tools said nothing for more than 20 s before
# they said something again. (What comes after their last line is the program's silence.)
note_gaps() {
  local line last=$SECONDS
  while IFS= read -r line; do
    printf '%s\n' "$line" >&2
    [[ $line == cicada:* ]] || continue
    if ((SECONDS - last > 20)); then echo "silent for $((SECONDS - last)) s before: $line" >>"$1"; fi
    last=$SECONDS
  done
}

case $1 in
  as_root)
    step tools/run
    [[ -s out/quickstart-seed1/report.html ]] || { echo "fresh: tools/run wrote no report" >&2; exit 1; }
    step tools/run node --help
    ;;
  as_user)
    step tools/test --only release -L unit
    # Of the other build a part that shows whether its compiler, sanitizers and fuzzer are there.
    step cmake --preset asan
    step cmake --build build/asan --target codec_fuzz
    step ctest --test-dir build/asan -R '^fuzz.codec$' --no-tests=error
    ;;
esac
