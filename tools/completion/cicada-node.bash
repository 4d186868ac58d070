# Completion of cicada-node for bash: `source tools/completion/cicada-node.bash`, or put it into
# ~/.local/share/bash-completion/completions/cicada-node. Commands and options are read from the program's own help, so
# that they cannot go stale here.

_cicada_node() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ ${COMP_WORDS[index]} != -* ]]; then
      command=${COMP_WORDS[index]}
      break
    fi
  done

  COMPREPLY=()
  local words
  if [[ $word == -* ]]; then
    # shellcheck disable=SC2086  # Without a command there is no word for it.
    words=$("$program" $command --help 2>/dev/null | grep -oE '^  [^ ]*--[a-z-]+' | grep -oE -- '--[a-z-]+')
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  elif [[ -z $command ]]; then
    words=$("$program" --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  elif [[ $before == --set ]]; then
    compopt -o nospace
    words=$("$program" run --print-config 2>/dev/null |
      awk '/^[a-z_]+:$/ {section = substr($1, 1, length($1) - 1) "."; next}
           /^[a-z_]+:/ {section = ""} /^ *[a-z_]+:/ {sub(":.*", ""); gsub(" ", ""); print section $0 "="}')
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

complete -F _cicada_node cicada-node
