#compdef dlint
# Completion of dlint for zsh: dlint itself answers what may follow.
_dlint() {
    local -a answers folders others
    local answer name
    answers=("${(@f)$(_CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) _DLINT_COMPLETE=zsh "${words[1]}" -- "${(@)words[1,CURRENT]}" 2>/dev/null)}")
    for answer in $answers; do
        name=${answer%%:*}
        if [[ $name == */ ]]; then
            folders+=("${name%/}${answer#$name}")
        else
            others+=("$answer")
        fi
    done
    ((${#folders})) && _describe -V 'values' folders -S / -r /
    ((${#others})) && _describe -V 'values' others
}
# Read as a function of the folder for completions, it answers; sourced, it makes itself known.
if [[ ${funcstack[1]} == _dlint ]]; then
    _dlint "$@"
else
    compdef _dlint dlint
fi
