#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Totals of all test runs.

totals.py targets BUILD [--suite SUITE]... [TEST]...
                                  prints what to build for these tests, one a line
totals.py collect BUILD TESTLOG   prints a line "result<TAB>name<TAB>reason" for each meson test
totals.py sum RESULTS EXCUSES     prints skips with their reasons, failures, and the totals
"""
import json
import os
import subprocess
import sys


def introspect(build, what):
    return json.loads(subprocess.run(["meson", "introspect", build, what], check=True, capture_output=True).stdout)


def targets(build, wanted):
    suites = {word for option, word in zip(wanted, wanted[1:]) if option == "--suite"}
    names = set(wanted) - suites - {"--suite"}
    made = {target["id"]: target for target in introspect(build, "--targets")}
    needed = {target for test in introspect(build, "--tests")
              if test["name"] in names or suites & {suite.split(":")[-1] for suite in test["suite"]}
              for target in test["depends"]}
    # A test finds translations by a path, so meson does not know that it needs them.
    needed |= {name for name, target in made.items() if target["type"] == "custom" and target["build_by_default"]}
    for name in sorted(file for target in needed for file in made[target]["filename"]):
        print(os.path.relpath(name, build))


def collect(build, testlog):
    names = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}
    try:
        with open(testlog, encoding="utf-8") as lines:
            tests = [json.loads(line) for line in lines]
    except OSError:
        tests = []
    if not tests:
        print(f"failed\t{build}: no test was run\t")
    for test in tests:
        result = names.get(test["result"], "failed")
        output = (test.get("stdout") or "").strip().splitlines()
        reason = output[-1].strip() if result == "skipped" and output else ""
        print(f"{result}\t{build}: {test['name']}\t{reason}")


def total(results, excuses):
    with open(results, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    with open(excuses, encoding="utf-8") as lines:
        excused = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for result, name, reason in rows:
        if result == "skipped":
            print(f"skipped: {name}: {reason or 'no reason given'}")
            if os.environ.get("CI") and not any(name.endswith(": " + test) for test in excused):
                print(f"FAILED: {name}: this test must not skip in CI")
                result = "failed"
        elif result == "failed":
            print(f"FAILED: {name}")
        counts[result] += 1
    if sum(counts.values()) == 0:
        print("FAILED: nothing was run")
        counts["failed"] = 1
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    if sys.argv[1] == "targets":
        targets(sys.argv[2], sys.argv[3:])
    elif sys.argv[1] == "collect":
        collect(sys.argv[2], sys.argv[3])
    else:
        sys.exit(total(sys.argv[2], sys.argv[3]))
