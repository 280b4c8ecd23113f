#compdef greend-ctl
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors

# generated: words, by packaging/manual.py
local -a verbs
verbs=(
    'report:who used how much energy, in a period'
    'top:who uses how many watts now\: on a terminal with keys, else a block of lines each time'
    'status:what is measured, what is not, and how to mend it'
    'doctor:look for every known cause of missing or wrong figures, and say what mends it'
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
    '--by[workload (default), unit, command, user, container, vm, domain, hour, day, month; of top\: workload, unit, user, container, process]:GROUP:(workload unit command user container vm domain hour day month process)'
    '--top[show the N rows with most energy, the others as one (20)]:N: '
    '--idle[idle energy\: separate (default), proportional or reserved]:POLICY:(separate proportional reserved)'
    '--database[this database, for example a copy from another machine; of report and export also more than one, each with its --database]:FILE:_files'
    '--output[the folder that files are written to; of export database the file]:DIR:_directories'
    '--partial[tell a year also from less than 28 days, or less than nine tenths of the period]'
    '--units[of export sci\: how many functional units the period had, one number or a file of metrics]:FILE:_files'
    '--metric[the metric of that file]:NAME: '
    '--software[of export sci\: the unit that is meant, where it does not have the machines for itself]:UNIT: '
    '--runtime[where the running greend has its ring]:DIR:_directories'
    '--window[of top\: mean watts of so long (10s)]:TIME: '
    '--interval[of top\: show anew after so long (1s)]:TIME: '
    '--count[of top\: end after N times]:N: '
    '--sysfs[look at meters below DIR, not /sys]:DIR:_directories'
    '--procfs[look at processes below DIR, not /proc]:DIR:_directories'
    '--fix[show each command that mends, ask on the terminal, and run it after a yes]'
    '--capture[pack meter, sensor, topology and cgroup files, without names and serials, into a tar]:FILE:_files'
    '--format[table (default), json; csv, not of inventory, advise and doctor; html, of report alone]:FORMAT:(table json csv html)'
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
