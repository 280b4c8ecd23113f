#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# What bash offers after some command lines, and what zsh's files tell its completer. That options and verbs are those
# of --help is compared by packaging/manual.py.
#
#   test_completions.sh SOURCE_FOLDER
set -u # not -e: completions may end as they like
cd "$1/packaging/completions" || exit 1
failed=0

# expect "COMMAND LINE" "WORDS": completes the last word.
expect() {
    local line=$1 wanted=$2
    read -ra COMP_WORDS <<<"${line//=/ = }"
    [[ $line != *' ' && $line != *= ]] || COMP_WORDS+=('')
    [[ $line != *= ]] || unset 'COMP_WORDS[-1]'
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    "$function"
    [[ "${COMPREPLY[*]}" == "$wanted" ]] || {
        echo "'$line': got '${COMPREPLY[*]}', expected '$wanted'"
        failed=1
    }
}

# shellcheck source=/dev/null
. ./greend.bash
function=_greend_complete
expect 'greend --ch' '--check-config'
expect 'greend --config /nonexist' ''
expect 'greend --config /et' '/etc'
expect 'greend --sysfs /sy' '/sys'

# shellcheck source=/dev/null
. ./greend-ctl.bash
function=_greend_ctl_complete
expect 'greend-ctl rep' 'report'
expect 'greend-ctl --vers' '--version'
expect 'greend-ctl report rep' ''
expect 'greend-ctl report --unt' '--until'
expect 'greend-ctl report --by u' 'unit user'
expect 'greend-ctl report --by=u' 'unit user'
expect 'greend-ctl report --idle=' 'separate proportional reserved'
expect 'greend-ctl report --format j' 'json'
expect 'greend-ctl report --since ' ''
expect "greend-ctl report --database $PWD/greend-ctl.z" "$PWD/greend-ctl.zsh"
expect 'greend-ctl status --runtime /va' '/var'
expect 'greend-ctl doctor --fi' '--fix'
expect 'greend-ctl top --by p' 'process'
expect "greend-ctl doctor --capture $PWD/greend-ctl.z" "$PWD/greend-ctl.zsh"
expect 'greend-ctl forget daem' 'daemon'
complete -p greend-ctl | grep -q _greend_ctl_complete || failed=1

# zsh's completer is replaced by one that shows what it is told.
command -v zsh >/dev/null || {
    echo "zsh is not installed: its files were not read"
    [ $failed -ne 0 ] || exit 77
}
told() {
    zsh -f -c '_arguments() { print -rl -- "$@" }; complete() { source $1 }; complete $1' zsh "./$1"
}
for line in "--idle\[.*\]:POLICY:(separate proportional reserved)" '--database\[.*\]:FILE:_files' \
    "--since\[.*'2h ago'\]:TIME: " '--version\[show the version\]'; do
    told greend-ctl.zsh | grep -q "^$line\$" || {
        echo "zsh, greend-ctl: no '$line'"
        failed=1
    }
done
told greend.zsh | grep -q '^--config\[.*\]:FILE:_files$' || failed=1
exit $failed
