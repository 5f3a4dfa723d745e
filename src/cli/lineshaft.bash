# Completion of the lineshaft command for bash: source this file, or lay it into ~/.local/share/bash-completion/completions/lineshaft.
_lineshaft() {
  local word=${COMP_WORDS[COMP_CWORD]} offered
  offered=$("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD-1}")
  if [[ ($offered == -* && $word != -*) || -z $offered ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
  fi
}
complete -F _lineshaft lineshaft
