# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What benchmarks write into documents: sections between two markers, and nothing around them."""

import math
import os

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "../.."))
PERFORMANCE = os.path.join(ROOT, "docs/performance.md")


def replace_section(path, name, text):
    """Puts text where the document says `<!-- name: begin … -->` to `<!-- name: end -->`."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(f"<!-- {name}: begin"))
    end = lines.index(f"<!-- {name}: end -->", begin)
    lines[begin + 1:end] = text.strip().splitlines()
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def figure(value):
    """Three digits that mean something: 0.420, 1.30, 27.1, 1,284."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
