# Completion of dlint for bash: dlint itself answers what may follow.
_dlint() {
    local line=${COMP_LINE:0:COMP_POINT} word words before
    # A backslash keeps a blank in its word, as on the command line.
    # shellcheck disable=SC2162
    read -a words <<<"$line"
    [[ $line == *[[:space:]] && $line != *\\[[:space:]] ]] && words+=("")
    word=${words[${#words[@]} - 1]}
    COMPREPLY=()
    # Bash replaces only what stands after the last = or : of the word.
    before=
    [[ $COMP_WORDBREAKS == *=* && $word == *[=:]* ]] && before=${word%"${word##*[=:]}"}
    while IFS= read -r word || [[ -n $word ]]; do
        [[ -n $word ]] && COMPREPLY+=("${word#"$before"}")
    done < <(_CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) _DLINT_COMPLETE=bash "$1" -- "${words[@]}" 2>/dev/null)
    # Bash escapes what is special in the names of files.
    word=${COMPREPLY[0]-}
    if [[ -e ${word/#\~\//$HOME/} ]]; then
        compopt -o filenames 2>/dev/null
    fi
    if ((${#COMPREPLY[@]} == 1)) && [[ $word == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o nosort -F _dlint dlint 2>/dev/null || complete -o bashdefault -F _dlint dlint
