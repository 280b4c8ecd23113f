#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""The dashboards for Grafana: what they ask for exists, Prometheus can read it, and the French one asks the same.

    test_dashboard.py SOURCE_FOLDER PRINT_METRICS    PRINT_METRICS prints an exposition with some of everything
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import promql

TARGET_LABELS = {"job", "instance", "entity"}
# Of the panels that come with Grafana.
PANELS = {"bargauge", "gauge", "row", "stat", "table", "timeseries"}
TEXTS = {"title", "description", "legendFormat", "label", "uid", "renameByName"}


def plain(expression):
    """Without what Grafana fills in."""
    expression = expression.replace("$__rate_interval", "5m")
    return re.sub(r'"\$(\w+)"', '".*"', expression)


def targets(dashboard):
    """(panel, expression, legend) of each query."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel, plain(target["expr"]), target["legendFormat"]


def expressions(path):
    """All expressions of a dashboard, those of its variables too."""
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    found = [expression for _, expression, _ in targets(dashboard)]
    for variable in dashboard["templating"]["list"]:
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", variable.get("definition", ""))
        assert match or variable["type"] == "datasource", variable
        if match:
            found.append(plain(match.group(1)))
    return found


def check_names(what, expression, known):
    found, grouped = promql.selectors(expression)
    assert found, f"{what}: no metric in {expression}"
    for metric, labels in found:
        assert metric in known, f"{what}: there is no metric {metric}"
        strange = labels - known[metric] - TARGET_LABELS
        assert not strange, f"{what}: {metric} has no label {strange}"
    strange = grouped - set().union(*(known[metric] for metric, _ in found)) - TARGET_LABELS
    assert not strange, f"{what}: no metric of it has the label {strange}"


def check_panels(dashboard):
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids)), "two panels of one id"
    taken = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells
        assert panel["title"], panel["id"]
        # What is modelled looks unlike what is measured, wherever the two stand side by side.
        told = " ".join(target["expr"] for target in panel.get("targets", []))
        if panel["type"] in ("timeseries", "stat") and "source" in re.sub(r"\{[^}]*\}", "", told):
            assert panel["fieldConfig"]["overrides"], f"{panel['title']} shows measured and modelled alike"
        for target in panel.get("targets", []):
            legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            _, grouped = promql.selectors(target["expr"])
            if re.search(r"\bby\b", target["expr"]):
                assert legend <= grouped, f"{panel['title']}: the legend names {legend - grouped}"


def check_model(dashboard):
    """What Grafana documents of a dashboard's JSON, the classic model that all versions since 7 import."""
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert 8 <= len(dashboard["uid"]) <= 40, dashboard["uid"]
    assert isinstance(dashboard["schemaVersion"], int) and "id" not in dashboard
    assert set(dashboard["time"]) == {"from", "to"} and dashboard["graphTooltip"] in (0, 1, 2)
    assert isinstance(dashboard["tags"], list) and isinstance(dashboard["annotations"]["list"], list)
    # Whose Prometheus it is, is the first thing to choose: nothing names one.
    first, *others = dashboard["templating"]["list"]
    assert (first["type"], first["name"], first["query"]) == ("datasource", "datasource", "prometheus"), first
    for variable in others:
        assert variable["type"] == "query" and variable["datasource"] == source, variable["name"]
        assert variable["refresh"] in (1, 2), variable["name"]
    for panel in dashboard["panels"]:
        assert panel["type"] in PANELS and set(panel["gridPos"]) == {"h", "w", "x", "y"}, panel["title"]
        if panel["type"] == "row":
            continue
        refs = [target["refId"] for target in panel["targets"]]
        assert refs and len(refs) == len(set(refs)), f"{panel['title']}: two queries of one name"
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == source, panel["title"]
        assert panel["fieldConfig"]["defaults"] is not None and "options" in panel, panel["title"]


def without_texts(value):
    if isinstance(value, dict):
        return {key: without_texts(item) for key, item in value.items() if key not in TEXTS}
    if isinstance(value, list):
        return [without_texts(item) for item in value]
    return value


def texts(dashboard):
    """All that a person reads."""
    found = [dashboard["title"], dashboard["description"]]
    for panel in dashboard["panels"]:
        found += [panel["title"], panel.get("description", "")]
        for change in panel.get("transformations", []):
            found += change["options"].get("renameByName", {}).values()
    return found


def check_french(english, french):
    assert without_texts(english) == without_texts(french), "the two dashboards differ in more than their language"
    assert english["uid"] != french["uid"]
    for text in texts(french):
        assert not re.search("[^\u202f\u00a0][;:!?%](?= |$)", text), f"no narrow blank before a mark: {text!r}"
        assert "'" not in text, f"a straight apostrophe: {text!r}"


def main():
    source, print_metrics = sys.argv[1:3]
    if not shutil.which("promtool"):
        print("promtool (Debian package prometheus) is not installed")
        sys.exit(77)
    known = promql.samples(subprocess.run([print_metrics], capture_output=True, text=True, check=True).stdout)
    known["up"] = set()
    rule_files = [os.path.join(source, f"packaging/prometheus/greend.{kind}.yml") for kind in ("rules", "alerts")]
    everything = []
    for path in rule_files:
        with open(path, encoding="utf-8") as file:
            everything += promql.rules(file.read())
    for rule in everything:
        check_names(rule.name, rule.expression, known)
        if rule.kind == "record":
            # Some labels of its own metrics; which of them the rules' tests tell.
            found, _ = promql.selectors(rule.expression)
            known[rule.name] = set().union(*(known[metric] for metric, _ in found))

    paths = [os.path.join(source, "packaging/grafana", name) for name in ("greend.json", "greend.fr.json")]
    dashboards = []
    asked = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            dashboards.append(json.load(file))
        check_model(dashboards[-1])
        check_panels(dashboards[-1])
        asked += expressions(path)
        for expression in expressions(path):
            check_names(os.path.basename(path), expression, known)
    check_french(*dashboards)
    shown = {metric for expression in asked for metric, _ in promql.selectors(expression)[0]}
    for rule in everything:
        assert rule.kind == "alert" or rule.name in shown, f"no panel shows {rule.name}"

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "queries.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("groups:\n  - name: dashboard\n    rules:\n")
            for i, expression in enumerate(asked):
                file.write(f"      - record: query_{i}\n        expr: {json.dumps(expression)}\n")
        answer = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    print(f"{len(asked)} expressions of two dashboards, {len(shown)} metrics")


if __name__ == "__main__":
    main()
