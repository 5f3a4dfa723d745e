# Completion of the lineshaft command for bash: source this file, or lay it into ~/.local/share/bash-completion/completions/lineshaft.
_lineshaft() {
  local word=${COMP_WORDS[COMP_CWORD]} offered
  if [ "$COMP_CWORD" = 1 ]; then
    offered=$("${COMP_WORDS[0]}" __complete)
  elif [[ $word == -* ]]; then
    offered=$("${COMP_WORDS[0]}" __complete "${COMP_WORDS[1]}")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
}
complete -F _lineshaft lineshaft
