#compdef dlint
# Completion of dlint for zsh: dlint itself answers what may follow.
_dlint() {
    local -a answers folders others raw
    local answer name rest
    answers=("${(@f)$(_CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) _DLINT_COMPLETE=zsh "${words[1]}" -- "${(@Q)words[1,CURRENT]}" 2>/dev/null)}")
    # The shell would escape the ~ of the home folder, too: what else is special is escaped here then.
    [[ ${words[CURRENT]} == '~/'* ]] && raw=(-Q)
    for answer in $answers; do
        name=${answer%%:*}
        rest=${answer#$name}
        if ((${#raw})); then
            name=${(q)name#\~/}
            name="~/${name//\\/\\\\}"
        fi
        if [[ $name == */ ]]; then
            folders+=("${name%/}$rest")
        else
            others+=("$name$rest")
        fi
    done
    ((${#folders})) && _describe -V 'values' folders $raw -S / -r /
    ((${#others})) && _describe -V 'values' others $raw
}
# Read as a function of the folder for completions, it answers; sourced, it makes itself known.
if [[ ${funcstack[1]} == _dlint ]]; then
    _dlint "$@"
else
    compdef _dlint dlint
fi
