# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
# Turns a text into a C string literal.
s/[\\"]/\\&/g
s/^/"/
s/$/\\n"/
