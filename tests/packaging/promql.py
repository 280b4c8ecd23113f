# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What the tests of rules and dashboard need to know of PromQL and of rule files, without a library."""

import re

KEYWORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end"}
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Rule:
    """One rule of a file: what it is called, its expression, and where its text stands."""

    def __init__(self, text, begin, end):
        block = text[begin:end]
        self.begin, self.end = begin, end
        self.kind, self.name = re.match(r"\s*- (record|alert): (\S+)", block).groups()
        lines = block.splitlines()
        at = next(i for i, line in enumerate(lines) if re.match(r"\s*expr:", line))
        self.expression = lines[at].split("expr:", 1)[1].strip()
        if self.expression == "|":
            depth = len(lines[at]) - len(lines[at].lstrip())
            body = []
            for line in lines[at + 1:]:
                if line.strip() and len(line) - len(line.lstrip()) <= depth:
                    break
                body.append(line)
            self.expression = "\n".join(body)
        self.text = block


def rules(text):
    """The rules of a rule file, as this project writes them."""
    begins = [match.start() for match in re.finditer(r"^ +- (?:record|alert): ", text, re.MULTILINE)]
    ends = [begin for begin in begins[1:]] + [len(text)]
    # Comments and the next group's head behind a rule are not part of it.
    found = []
    for begin, end in zip(begins, ends):
        match = re.search(r"\n\s*(?:#|- name:)", text[begin:end])
        found.append(Rule(text, begin, begin + match.start() + 1 if match else end))
    return found


def selectors(expression):
    """(metric, labels that are asked for) of each selector; and the labels of groupings."""
    strings = STRING.sub('""', expression)
    grouped = set()
    for _, labels in GROUPING.findall(strings):
        grouped |= {label.strip() for label in labels.split(",") if label.strip()}
    bare = GROUPING.sub(" ", strings)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\boffset\s+\w+", " ", bare)
    found = []
    for match in re.finditer(r"[A-Za-z_:][A-Za-z0-9_:]*", re.sub(r"\{[^}]*\}", lambda m: " " * len(m.group()), bare)):
        behind = bare[match.end():].lstrip()
        # Numbers with an exponent, as 3.6e6.
        if match.start() > 0 and (bare[match.start() - 1].isdigit() or bare[match.start() - 1] == "."):
            continue
        if behind.startswith("(") or match.group().lower() in KEYWORDS:
            continue
        if match.group() in ("by", "without", "on", "ignoring", "group_left", "group_right"):
            continue
        labels = set()
        if behind.startswith("{"):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", behind[:behind.index("}") + 1]))
        found.append((match.group(), labels))
    return found, grouped


def samples(text):
    """{metric: labels seen} of an exposition."""
    found = {}
    for name, labels in re.findall(r"^([a-zA-Z_:][\w:]*)(\{.*\})? \S+$", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found
