export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Every shell asks `pco __complete` for what may stand in place of the word under the cursor; nothing of what it
 * answers is ever evaluated. `:files` means that a file is wanted.
 */
const BASH = `_pco() {
  local line value word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
      continue
    fi
    value=\${line%%$'\\t'*}
    [[ $value != "$word"* ]] || COMPREPLY+=("$value")
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pco pco
`;

const ZSH = `#compdef pco
_pco() {
  local line
  local -a values shown
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      continue
    fi
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line%%$'\\t'*}  \${line#*$'\\t'}")
  done < <("\${words[1]/#\\~/$HOME}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#values} == 0 )) || compadd -l -d shown -a values
}
if (( \${+functions[compdef]} )); then compdef _pco pco; fi
`;

const FISH = `function __pco_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c pco -f -a '(__pco_complete)'
`;

export const scriptFor = (shell: Shell): string => ({ bash: BASH, zsh: ZSH, fish: FISH })[shell];
