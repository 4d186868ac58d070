# shellcheck shell=bash disable=SC2154
# Sourced by tools/run and tools/test: configure and build one preset, quietly.
# Expects `root`, the project's folder. Everything is said on standard error: standard output belongs to the simulator.

say() { printf 'cicada: %s\n' "$*" >&2; }

# configure PRESET TESTS: runs cmake where there is no tree yet, or the presets changed. TESTS is ON, or OFF for the programs
# alone; a tree with tests serves for both. Changes of CMake files are noticed by the build itself.
configure() {
  local preset=$1 tests=$2 tree=$root/build/$1 presets configured=
  presets=$(cksum "$root/CMakePresets.json")
  if [[ -f $tree/build.ninja && -f $tree/cicada-configured ]]; then
    configured=$(<"$tree/cicada-configured")
  fi
  if [[ $configured == "$presets ON" || $configured == "$presets $tests" ]]; then
    return
  fi
  mkdir -p "$tree"
  if ! (cd "$root" && cmake --preset "$preset" -D CICADA_TESTS="$tests") >"$tree/configure.log" 2>&1; then
    cat "$tree/configure.log" >&2
    say "configuring build/$preset failed"
    return 1
  fi
  printf '%s' "$presets $tests" >"$tree/cicada-configured"
}

# build PRESET [TARGET]: all of it, or one target. On a terminal a counter moves; the compiler's words come only when it
# fails. Nothing is said when there was nothing to do.
build() {
  local preset=$1 target=${2-} tree=$root/build/$1 line announced=
  local command=(cmake --build "$tree")
  [[ -z $target ]] || command+=(--target "$target")
  if ! "${command[@]}" 2>&1 | tee "$tree/build.log" | while IFS= read -r line; do
    # Other steps, such as looking for new source files, are no news.
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (Building|Linking) ]] || continue
    if [[ -z $announced ]]; then
      announced=yes
      [[ -t 2 ]] || say "building build/$preset, ${BASH_REMATCH[2]} steps"
    fi
    [[ ! -t 2 ]] || printf '\rcicada: building build/%s, step %s of %s ' "$preset" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
  done; then
    [[ ! -t 2 ]] || printf '\n' >&2
    grep -v '^\[[0-9]*/[0-9]*\] [A-Z]' "$tree/build.log" >&2 || true
    say "building build/$preset failed"
    return 1
  fi
  if [[ -t 2 ]] && grep -qE '^\[[0-9/]+\] (Building|Linking)' "$tree/build.log"; then printf '\r\033[K' >&2; fi
}
