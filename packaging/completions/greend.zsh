#compdef greend
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors

# generated: words, by packaging/manual.py
local -a options
options=(
    '--config[read FILE and FILE.d/*.conf (default\: /etc/greend/greend.conf)]:FILE:_files'
    '--check-config[read the configuration, say what is wrong in it, and end]'
    '--sysfs[read meters below DIR instead of /sys]:DIR:_directories'
    '--procfs[read processes below DIR instead of /proc]:DIR:_directories'
    '--version[print the version and end]'
    '--help[print this and end]'
)
# end: words

_arguments $options
