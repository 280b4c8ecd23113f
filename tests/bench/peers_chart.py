# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""docs/peers.svg: the CPU time of each program at each number of processes, on one logarithmic scale. What a
mark means is written beside it: no colour tells anything, and the figures are text."""

import math
from xml.sax.saxutils import escape

from document import figure

WIDTH, LEFT, RIGHT, ROW, HEAD = 760, 150, 130, 22, 30

ORDER = ("greend", "hybrid", "node-exporter", "process-exporter", "apps.plugin", "pidstat 1", "atop 10")
LABELS = {"hybrid": "bare sweep"}


def scale(values):
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def draw_row(name, values, middle, y, place):
    """A diamond of greend, circles of others, and a line from the least round to the most."""
    x = place(middle)
    mark = (f'<path d="M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z" fill="#111"/>' if name == "greend" else
            f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="#fff" stroke="#111" stroke-width="1.5"/>')
    weight = ' font-weight="bold"' if name == "greend" else ""
    return [f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end"{weight}>{escape(LABELS.get(name, name))}</text>',
            f'<line x1="{place(min(values)):.1f}" x2="{place(max(values)):.1f}" y1="{y}" y2="{y}" stroke="#111"/>',
            mark,
            f'<text x="{WIDTH - RIGHT + 14}" y="{y + 4}"{weight}>{figure(middle)} ms/s</text>']


def draw_axis(low, high, top, bottom, place):
    lines = []
    for power in range(low, high + 1):
        x = place(10.0 ** power)
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="#bbb"/>')
        lines.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{10.0 ** power:g} ms/s</text>')
    return lines


def describe(panels):
    return " ".join(
        f"{processes:,} processes: " + ", ".join(
            f"{LABELS.get(name, name)} {figure(middle)}" for name, _, middle in rows) + "."
        for processes, rows in panels)


def draw(sizes, over, median):
    panels = []
    for size in sizes:
        named = [(name, over(size, name, "cpu_ms_s")) for name in ORDER]
        panels.append((size["processes"], [(name, values, median(values)) for name, values in named if values]))
    low, high = scale([value for _, rows in panels for _, values, _ in rows for value in values])

    def place(value):
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    body, y = [], 44
    for processes, rows in panels:
        body.append(f'<text x="10" y="{y + 4}" font-weight="bold">{processes:,} processes</text>')
        top = y + 10
        y += HEAD
        body += draw_axis(low, high, top, top + len(rows) * ROW + 14, place)
        for name, values, middle in rows:
            body += draw_row(name, values, middle, y, place)
            y += ROW
        y += 40
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="13" fill="#111">',
        "<!-- SPDX-License-Identifier: EUPL-1.2 -->",
        "<!-- SPDX-FileCopyrightText: 2026 The greend authors -->",
        '<title id="title">CPU time of greend and of its peers</title>',
        f'<desc id="desc">Milliseconds of CPU time a second, the median of the rounds, on a logarithmic scale. {describe(panels)} '
        "A line goes from the least round to the most.</desc>",
        f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>',
        '<text x="10" y="20">CPU time, milliseconds a second, logarithmic: less is better. '
        "Filled: greend; lines: least to most.</text>",
        *body, "</svg>", ""])
