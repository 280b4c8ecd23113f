#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""The rules for Prometheus: promtool takes them, they give what was reckoned by hand (rules/*.test.yml), each is
in such a test, and each alert says what to do.

    test_rules.py SOURCE_FOLDER             quick
    test_rules.py SOURCE_FOLDER --mutate    and no rule can be broken without a test that fails (a minute)
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import promql

SOONER = {"5m": "3m", "10m": "8m", "15m": "13m", "1h": "20m", "6h": "5h"}
LATER = {"5m": "50m", "10m": "2h", "15m": "2h", "1h": "30h", "6h": "30h"}

# What is done to each rule in turn, where it applies.
MUTATIONS = [
    ("gone", None),
    ("sum becomes max", (r"\bsum\b", "max")),
    ("increase becomes delta", (r"\bincrease\(", "delta(")),
    ("rate becomes deriv", (r"\brate\(", "deriv(")),
    ("a shorter window", (r"\[1d\]", "[20h]")),
    ("a shorter window", (r"\[5m\]", "[2m]")),
    ("another domain", (r"without \(domain", "without (source")),
    ("entity lost", (r"by \(entity, ", "by (")),
    ("command kept", (r"without \(command\)", "without (kind)")),
    ("modelled as measured", (r'source!="model"', 'source=~".+"')),
    ("only one phase", (r'phase="use"', 'phase="embodied"')),
    ("both ways", (r"\bunless\b", "and")),
    ("a higher limit", (r"> (0\.95|1|120|864)\b", r"> 2*\1")),
    ("a lower limit", (r"> (0\.95|1|120|864)\b", r"> 0.9*\1")),
    ("not equal", (r"== 0", "== 1")),
    ("a longer notice", (r"< 14 \* 86400", "< 15 * 86400")),
    ("a shorter notice", (r"< 14 \* 86400", "< 13 * 86400")),
    ("only what has expired", (r"- time\(\) < .*", "< time()")),
    ("even nothing", (r"> 0\n", ">= 0\n")),
    ("a shorter window", (r"\[1h\]", "[10m]")),
    ("a shorter window", (r"\[7d\]", "[5d]")),
    ("only one side", (r"abs\(time\(\) - (\w+)\)", r"(time() - \1)")),
    ("another age", (r"offset 7d", "offset 1d")),
    ("too soon", (r"(\n +for: )(\d+)(\w)", lambda m: m[1] + SOONER[m[2] + m[3]])),
    ("too late", (r"(\n +for: )(\d+)(\w)", lambda m: m[1] + LATER[m[2] + m[3]])),
    ("another severity", (r"severity: \w+", "severity: page")),
    ("at once", (r"\n +for: \w+", "")),
    ("no matter how old", (r"\band\b\s+sum without", "or sum without")),
]

# What no test can tell apart: (rule, mutation). The alert fires alike; another number stands beside it.
ALIKE = {("GreendModelled", "sum becomes max")}


def promtool(folder, *arguments):
    return subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def tests_of(folder, of):
    """{name: text} of the tests of a rule file."""
    texts = {name: open(os.path.join(folder, name), encoding="utf-8").read()
             for name in map(os.path.basename, glob.glob(os.path.join(folder, "*.test.yml")))}
    return {name: text for name, text in texts.items() if f"[{of}]" in text}


def run_tests(folder, names):
    """What promtool says of tests; empty: all passed."""
    assert names
    answer = promtool(folder, "test", "rules", *sorted(names))
    return "" if answer.returncode == 0 else answer.stdout + answer.stderr + "\nfailed"


def mutants(text):
    for rule in promql.rules(text):
        # What an alert says in words is not looked at.
        asked, annotations, said = rule.text.partition("        annotations:")
        for name, change in MUTATIONS:
            block = "" if change is None else re.sub(change[0], change[1], asked)
            if block != asked and (rule.name, name) not in ALIKE:
                rest = block and annotations + said
                yield rule.name, name, text[:rule.begin] + block + rest + text[rule.end:]


def check_mutants(folder, name, text):
    count, survivors = 0, []
    path = os.path.join(folder, name)
    tests = tests_of(folder, name)
    for rule, change, mutant in mutants(text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(mutant)
        count += 1
        # Those that expect the rule first: one that fails is enough.
        order = sorted(tests, key=lambda test: (-tests[test].count(rule), test))
        if not any(run_tests(folder, [test]) for test in order):
            survivors.append(f"{rule}: {change}")
            print("survived:", survivors[-1], flush=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{name}: {count} mutants, {len(survivors)} survived")
    assert not survivors, "\n".join(["nothing fails where this is broken:", *survivors])


def check_alert(rule):
    for key in ("severity: (critical|warning|info)", "summary: .*labels.instance", "description: >-"):
        assert re.search(key, rule.text), f"{rule.name} lacks {key}"
    assert re.search(r"greend-ctl|systemctl|journalctl|timedatectl", rule.text), f"{rule.name} says not what to do"


def main():
    source = sys.argv[1]
    if not shutil.which("promtool"):
        print("promtool (Debian package prometheus) is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for pattern in ("packaging/prometheus/*.yml", "tests/packaging/rules/*.yml"):
            for path in glob.glob(os.path.join(source, pattern)):
                shutil.copy(path, folder)
        tests = "".join(open(path, encoding="utf-8").read() for path in glob.glob(os.path.join(folder, "*.test.yml")))
        for name in ("greend.rules.yml", "greend.alerts.yml"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            answer = promtool(folder, "check", "rules", name)
            assert answer.returncode == 0, answer.stdout + answer.stderr
            found = promql.rules(text)
            assert f"{len(found)} rules found" in answer.stdout, (len(found), answer.stdout)
            for rule in found:
                wanted = f'alertname="{rule.name}", alertstate="firing"' if rule.kind == "alert" else rule.name
                assert wanted in tests, f"no test expects {rule.name}"
                if rule.kind == "alert":
                    check_alert(rule)
            said = run_tests(folder, tests_of(folder, name))
            assert not said, said
            print(f"{name}: {len(found)} rules")
            if "--mutate" in sys.argv:
                check_mutants(folder, name, text)
        # The examples, with rules where they are here.
        for name, files in (("prometheus.example.yml", "2 rule files found"), ("federation.example.yml", "0 rule files")):
            example = os.path.join(folder, name)
            with open(example, encoding="utf-8") as file:
                text = file.read()
            with open(example, "w", encoding="utf-8") as file:
                file.write(text.replace("/usr/share/greend/prometheus", folder))
            answer = promtool(folder, "check", "config", example)
            said = answer.stdout + answer.stderr
            assert answer.returncode == 0 and (files in said or files.startswith("0")), said


main()
