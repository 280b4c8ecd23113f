#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What manual pages and completions say of options, made from what the programs say themselves.

    manual.py GREEND GREEND_CTL            compares; exit status 1 where a page says something else
    manual.py GREEND GREEND_CTL --write    writes the generated parts anew

Generated is what stands between a line that holds 'generated: NAME' and one that holds 'end: NAME'."""

import difflib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Values of options that are words, and the other words of their help. One that is in neither set is new,
# and somebody has to say which it is.
WORDS = {
    "--by": ("workload unit command user container vm domain hour day month process", "default of top"),
    "--idle": ("separate proportional reserved", "idle energy default or"),
    "--format": ("table json csv html", "default or and not of inventory report advise doctor alone"),
    "--lang": ("fr en", "the language of texts or that environment"),
}


def help_of(program):
    environment = {**os.environ, "LC_ALL": "C", "LANGUAGE": ""}
    return subprocess.run([program, "--help"], env=environment, check=True, capture_output=True,
                          text=True).stdout


def rows(text, title=None):
    """[(name, value, help)] of the lines '  NAME [VALUE]   HELP' below a title."""
    if title:
        text = text.split(f"\n{title}:\n", 1)[1].split("\n\n", 1)[0]
    found = re.findall(r"^  (-*[a-z-]+)(?: ([A-Z]+))? {2,}(\S.*)$", text, re.MULTILINE)
    assert found, f"no rows below {title}: the form of --help has changed"
    return found


def configuration(text):
    """[(section, key, default, help)]"""
    found = re.findall(r"^  \[([a-z]+)\] ([a-z_]+)=(.*)\n {8}(.*)$", text, re.MULTILINE)
    assert len(found) > 20, "the form of greend --help has changed"
    return found


def sections(text, sample):
    """[(section, form, comment, examples)] of those whose keys are the operator's. The sample holds what the
    daemon says of them: tests/integration/daemon/test_configuration.c."""
    found = re.findall(r"^  \[([a-z]+)\] ([A-Z]+=.*)\n {8}.*$", text, re.MULTILINE)
    assert found, "the form of greend --help has changed"
    lists = []
    for name, form in found:
        lines = sample.split(f"\n[{name}]\n", 1)[1].split("\n\n", 1)[0].splitlines()
        lists.append((name, form, " ".join(line[2:] for line in lines if line.startswith("# ")),
                      [line[1:] for line in lines if not line.startswith("# ")]))
    return lists


def values(option, text):
    """The words that an option takes; [] where it takes something else."""
    if option not in WORDS:
        return []
    words, prose = (part.split() for part in WORDS[option])
    said = re.findall("[a-z]+", text)
    strange = [word for word in said if word not in words + prose]
    lost = [word for word in words if word not in said]
    if strange or lost:
        sys.exit(f"packaging/manual.py: WORDS of {option} differ from its help: new {strange}, gone {lost}")
    return words


# ---- Manual pages ----

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def paragraph(head, text):
    return [".TP", head, roff(text)]


def option_lines(table):
    lines = []
    for name, value, text in table:
        if text.split()[0] not in values(name, text):  # what is typed keeps its case
            text = text[0].upper() + text[1:]
        lines += paragraph(f"\\fB{roff(name)}\\fR" + (f" \\fI{roff(value)}\\fR" if value else ""), text + ".")
    return lines


def configuration_lines(table):
    lines, before = [], None
    for section, key, standard, text in table:
        if section != before:
            lines.append(f".SS [{section}]")
        before = section
        lines += paragraph(f"\\fB{roff(key)}=\\fR\\fI{roff(standard)}\\fR", text)
    return lines


def section_lines(lists):
    lines = []
    for name, form, comment, examples in lists:
        key, value = form.split("=", 1)
        lines += [f".SS [{name}]", ".TP", f"\\fI{roff(key)}\\fR=\\fI{roff(value)}\\fR", roff(comment), ".IP", ".nf"]
        lines += [roff(example) for example in examples] + [".fi"]
    return lines


# ---- Completions ----

def bash_lines(verbs, options):
    lines = []
    if verbs:
        lines.append("local verbs='" + " ".join(name for name, _, _ in verbs) + "'")
        lines.append("local users='" + " ".join(name for name, value, _ in verbs if value == "USER") + "'")
    lines.append("local options='" + " ".join(name for name, _, _ in options) + "'")
    lines.append("case $prev in")
    for name, value, text in options:
        words = values(name, text)
        action = (f"_greend_words '{' '.join(words)}'; " if words else "_greend_files; " if value == "FILE"
                  else "_greend_folders; " if value == "DIR" else "")
        if value:
            lines.append(f"{name}) {action}return ;;")
    return ["    " + line for line in lines + ["esac"]]


def quote(text):
    """For a word of zsh's _arguments or _describe in single quotes."""
    return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''")


def zsh_lines(verbs, options):
    lines = []
    if verbs:
        lines += ["local -a verbs", "verbs=("]
        lines += [f"    '{name}:{quote(text)}'" for name, _, text in verbs] + [")"]
        lines += ["local users='" + " ".join(name for name, value, _ in verbs if value == "USER") + "'"]
    lines += ["local -a options", "options=("]
    for name, value, text in options:
        words = values(name, text)
        action = (f"({' '.join(words)})" if words else "_files" if value == "FILE"
                  else "_directories" if value == "DIR" else " ")
        lines.append(f"    '{name}[{quote(text)}]" + (f":{value}:{action}" if value else "") + "'")
    return lines + [")"]


# ---- Files ----

def put(text, name, lines):
    """The text with these lines as its generated part of that name."""
    part = re.compile(rf"^(.*generated: {name}\b.*\n)(?:.*\n)*?(.*end: {name}\b.*\n)", re.MULTILINE)
    assert len(part.findall(text)) == 1, f"expected one part 'generated: {name}'"
    return part.sub(lambda found: found[1] + "\n".join(lines) + "\n" + found[2], text)


def main():
    greend, greend_ctl = sys.argv[1:3]
    write = "--write" in sys.argv[3:] or os.environ.get("GREEND_GOLDEN") == "write"
    daemon, ctl = help_of(greend), help_of(greend_ctl)
    with open(os.path.join(HERE, "../docs/greend.conf.example"), encoding="utf-8") as file:
        sample = file.read()
    daemon_options = rows(daemon.split("\nOptions of the configuration", 1)[0])
    verbs, ctl_options = rows(ctl, "Verbs"), rows(ctl, "Options")
    parts = {
        "man/greend.8": {"options": option_lines(daemon_options)},
        "man/greend.conf.5": {"options": configuration_lines(configuration(daemon)),
                              "sections": section_lines(sections(daemon, sample))},
        "man/greend-ctl.1": {"verbs": option_lines(verbs), "options": option_lines(ctl_options)},
        "completions/greend.bash": {"words": bash_lines([], daemon_options)},
        "completions/greend.zsh": {"words": zsh_lines([], daemon_options)},
        "completions/greend-ctl.bash": {"words": bash_lines(verbs, ctl_options)},
        "completions/greend-ctl.zsh": {"words": zsh_lines(verbs, ctl_options)},
    }
    wrong = False
    for path, named in parts.items():
        with open(os.path.join(HERE, path), encoding="utf-8") as file:
            before = file.read()
        after = before
        for name, lines in named.items():
            after = put(after, name, lines)
        if after == before:
            continue
        if write:
            with open(os.path.join(HERE, path), "w", encoding="utf-8") as file:
                file.write(after)
        else:
            wrong = True
            sys.stdout.writelines(difflib.unified_diff(
                before.splitlines(True), after.splitlines(True), path, "what the programs say"))
    if wrong:
        sys.exit("write them anew: sh tests/golden/regenerate.sh BUILD")


main()
