# shellcheck shell=bash
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors

# Words, files and folders that begin as what was typed.
_greend_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}
_greend_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
_greend_folders() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
}

_greend_complete() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    # bash breaks --by=unit into three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    # generated: words, by packaging/manual.py
    local options='--config --check-config --sysfs --procfs --version --help'
    case $prev in
    --config) _greend_files; return ;;
    --sysfs) _greend_folders; return ;;
    --procfs) _greend_folders; return ;;
    esac
    # end: words
    _greend_words "$options"
}
complete -F _greend_complete greend
