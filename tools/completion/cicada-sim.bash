# Completion of cicada-sim for bash: `source tools/completion/cicada-sim.bash`, or put it into
# ~/.local/share/bash-completion/completions/cicada-sim. Options are read from the program's own help, so that they cannot
# go stale here.

_cicada_sim() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ ${COMP_WORDS[index]} != -* ]]; then
      command=${COMP_WORDS[index]}
      break
    fi
  done

  COMPREPLY=()
  if [[ $word == -* ]]; then
    local options
    # shellcheck disable=SC2086  # Without a command there is no word for it.
    options=$("$program" $command --help 2>/dev/null | grep -oE '^  [^ ]*--[a-z-]+' | grep -oE -- '--[a-z-]+')
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'run check explain sweep report' -- "$word")
  elif [[ $before == --set ]]; then
    # Top-level keys of scenarios; the rest of a dotted key is in `cicada-sim explain --keys`.
    compopt -o nospace
    mapfile -t COMPREPLY < <(compgen -W 'duration= seed= peers. links. protocol. workloads. faults. measure.' -- "$word")
  elif [[ $before == --seed || $before == --seeds || $before == --jobs ]]; then
    return
  elif [[ $command == report || $before == --out ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -d -- "$word")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -X '!*.y*ml' -- "$word"; compgen -d -- "$word")
  fi
}

complete -F _cicada_sim cicada-sim
