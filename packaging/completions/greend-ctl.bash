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

_greend_ctl_complete() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    # bash breaks --by=unit into three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    # generated: words, by packaging/manual.py
    local verbs='report top status doctor inventory targets carbon advise export forget'
    local users='forget'
    local options='--since --until --by --top --idle --database --output --partial --units --metric --software --runtime --window --interval --count --sysfs --procfs --fix --capture --format --stylesheet --lang --config --help --version'
    case $prev in
    --since) return ;;
    --until) return ;;
    --by) _greend_words 'workload unit command user container vm domain hour day month process'; return ;;
    --top) return ;;
    --idle) _greend_words 'separate proportional reserved'; return ;;
    --database) _greend_files; return ;;
    --output) _greend_folders; return ;;
    --units) _greend_files; return ;;
    --metric) return ;;
    --software) return ;;
    --runtime) _greend_folders; return ;;
    --window) return ;;
    --interval) return ;;
    --count) return ;;
    --sysfs) _greend_folders; return ;;
    --procfs) _greend_folders; return ;;
    --capture) _greend_files; return ;;
    --format) _greend_words 'table json csv html'; return ;;
    --stylesheet) _greend_files; return ;;
    --lang) _greend_words 'fr en'; return ;;
    --config) _greend_files; return ;;
    esac
    # end: words
    local word verb=
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $verbs " == *" $word "* ]] && verb=$word
    done
    if [[ -z $verb ]]; then
        _greend_words "$verbs $options"
    elif [[ " $users " == *" $verb "* && $prev == "$verb" && $cur != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -u -- "$cur")
    else
        _greend_words "$options"
    fi
}
complete -F _greend_ctl_complete greend-ctl
