# shellcheck shell=bash disable=SC2154
# Sourced by tools/setup, tools/run and tools/test: configure and build one preset, and tell how far it is.
# Expects `root`, the project's folder. Everything is said on standard error: standard output belongs to the programs.

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
  say "configuring build/$preset"
  if ! (cd "$root" && cmake --preset "$preset" -D CICADA_TESTS="$tests") >"$tree/configure.log" 2>&1; then
    cat "$tree/configure.log" >&2
    say "configuring build/$preset failed"
    return 1
  fi
  printf '%s' "$presets $tests" >"$tree/cicada-configured"
}

# narrate TAKE: hands each line of standard input to the function TAKE, which keeps `progress` up to date. A terminal shows
# that in one line that moves; elsewhere it is said at once, and again every 10 to 15 s, so that nobody takes silence for a hang.
narrate() {
  local line status told=-10 progress=
  while true; do
    if IFS= read -r -t 5 line; then
      "$1" "$line"
    else
      status=$?
      ((status > 128)) || break
    fi
    if [[ -z $progress ]]; then
      continue
    elif moving_line; then
      printf '\r\033[K%s' "cicada: ${progress:0:70} " >&2
    elif ((SECONDS - told >= 10)); then
      say "$progress"
      told=$SECONDS
    fi
  done
  if [[ -n $progress ]] && moving_line; then printf '\r\033[K' >&2; fi
}
moving_line() { [[ -t 2 && ${TERM-dumb} != dumb ]]; }

# build PRESET [TARGETS...]: all of it, or these. The compiler's words come only when it fails. Nothing is said when there
# was nothing to do.
build() {
  local preset=$1 tree=$root/build/$1 command=(cmake --build "$root/build/$1")
  shift
  [[ $# -eq 0 ]] || command+=(--target "$@")
  if ! "${command[@]}" 2>&1 | tee "$tree/build.log" | narrate take_build_step; then
    grep -v '^\[[0-9]*/[0-9]*\] [A-Z]' "$tree/build.log" >&2 || true
    say "building build/$preset failed"
    return 1
  fi
}
# Other steps than these, such as looking for new source files, are no news. Sets `progress` of narrate, for `preset` of build.
take_build_step() {
  if [[ $1 =~ ^\[([0-9]+)/([0-9]+)\]\ (Building|Linking) ]]; then
    progress="building build/$preset, step ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
  fi
}
