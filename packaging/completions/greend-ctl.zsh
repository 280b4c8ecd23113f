#compdef greend-ctl
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors

# generated: words, by packaging/manual.py
local -a verbs
verbs=(
    'report:who used how much energy, in a period'
    'status:what is measured, what is not, and how to mend it'
    'inventory:what this machine is made of, how that is known, and what making it cost'
    'targets:where the targets of the configuration stand, and where they will end up'
    'carbon:the climate impact of each hour'\''s electricity, and cleaner hours\: a second figure'
    'advise:good practices that this machine'\''s history and settings speak of'
    'export:write files for others\: numecoeval, g4it, csv, sci, rgesn; or a backup\: database'
    'forget:replace a person'\''s name by '\''users'\'' in the whole history; the energy stays'
)
local users='forget'
local -a options
options=(
    '--since[begin of the period (today; of carbon 30 days ago)\: today, 2026-11-01, '\''2026-11-01 12\:00'\'', -2h, '\''2h ago'\'']:TIME: '
    '--until[end of the period (now), exclusive]:TIME: '
    '--by[workload (default), unit, command, user, container, vm, domain, hour, day, month]:GROUP:(workload unit command user container vm domain hour day month)'
    '--top[show the N rows with most energy, the others as one (20)]:N: '
    '--idle[idle energy\: separate (default), proportional or reserved]:POLICY:(separate proportional reserved)'
    '--database[this database, for example a copy from another machine; of report and export also more than one, each with its --database]:FILE:_files'
    '--output[the folder that files are written to; of export database the file]:DIR:_directories'
    '--partial[tell a year also from less than 28 days, or less than nine tenths of the period]'
    '--units[of export sci\: how many functional units the period had, one number or a file of metrics]:FILE:_files'
    '--metric[the metric of that file]:NAME: '
    '--software[of export sci\: the unit that is meant, where it does not have the machines for itself]:UNIT: '
    '--runtime[where the running greend has its ring]:DIR:_directories'
    '--format[table (default), json; csv, not of inventory and advise; html, of report alone]:FORMAT:(table json csv html)'
    '--stylesheet[CSS that --format html takes into the page]:FILE:_files'
    '--lang[the language of texts\: fr or en (that of the environment)]:LANGUAGE:(fr en)'
    '--config[the configuration that names the database and the runtime directory]:FILE:_files'
    '--help[show this help]'
    '--version[show the version]'
)
# end: words

_greend_ctl_verbs() {
    _describe -t verbs verb verbs
}
# Only some verbs take an argument.
_greend_ctl_argument() {
    local verb
    for verb in ${(s: :)users}; do
        (( $words[(Ie)$verb] )) && _users
    done
}
_arguments $options '1: :_greend_ctl_verbs' '2: :_greend_ctl_argument'
