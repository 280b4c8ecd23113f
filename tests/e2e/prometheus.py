#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""A Prometheus scrapes a greend over IPv6 (by TLS and password, where greend has a web file), by the example that is delivered, with the
rules that are delivered (their windows shortened): queries are answered, recorded energy and carbon are those that
greend itself tells, every expression of rules and dashboards can be asked and names metrics that exist, and
an alert is raised when greend falls silent."""

import base64
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

from machine import Machine, skip

try:
    from certificates import SECRET_10, Authority, write
except ImportError:  # a greend without a web file: in clear text
    Authority = None

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(SOURCE, "tests/packaging"))
import promql  # pylint: disable=wrong-import-position
import test_dashboard  # pylint: disable=wrong-import-position

WINDOWS = {"1d": "20s", "7d": "20s", "5m": "20s"}
PACKAGE_W, DRAM_W = 100, 20
CORE_W = 40  # inside the package: shown and in no sum
# What this machine has not: days to project a target from, and sensors, which are read of a real /sys alone.
ABSENT = {"greend_target_ratio", "greend_sensor_celsius"}
CERTIFICATE = "greend_web_certificate_expiry_timestamp_seconds"
if Authority is None:
    ABSENT.add(CERTIFICATE)


class Plain(Machine):
    """A greend that is scraped in clear text."""

    PASSWORD = ""

    def target(self):
        return re.sub("^https?://|/$", "", self.url)

    def scrape(self):
        with urllib.request.urlopen(self.url + "metrics", timeout=30) as answer:
            return answer.read().decode()

    def scrape_options(self, _):
        """What the scrape job has beside the example."""
        return ""


class Web(Plain):
    """A greend that is scraped by TLS and password. What the test asks it, it asks so as well."""

    PASSWORD = "secret"

    def __init__(self, options):
        super().__init__(options)
        self.authority = Authority(self.folder)
        self.authority.sign("server", "serverAuth", san="IP:::1,IP:127.0.0.1")
        web_file = os.path.join(self.folder, "web.yml")
        write(web_file, "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
              f"basic_auth_users:\n  prometheus: {SECRET_10}\n")
        self.options["http"]["web_file"] = web_file
        self.write_config()
        self.context = ssl.create_default_context(cafile=self.authority.file)

    def scrape(self):
        assert self.url.startswith("https://"), self.url
        words = base64.b64encode(f"prometheus:{self.PASSWORD}".encode()).decode()
        request = urllib.request.Request(self.url + "metrics", headers={"Authorization": "Basic " + words})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=self.context))
        with opener.open(request, timeout=30) as answer:
            return answer.read().decode()

    def start_measuring(self):
        self.start()
        for _ in range(300):
            if "greend_last_frame_timestamp_seconds" in self.scrape():
                return
            time.sleep(0.1)
        raise AssertionError(f"no frame:\n{self.log_text()}")

    def scrape_options(self, password):
        path = os.path.join(self.folder, "password." + password)
        write(path, password)
        return (f"scrape_timeout: {1 if password == self.PASSWORD else 5}s\n    scheme: https\n    tls_config: {{ca_file: {self.authority.file}}}\n"
                f"    basic_auth: {{username: prometheus, password_file: {path}}}\n    ")


class Meter(threading.Thread):
    """Turns two counters at a constant power until it is stopped."""

    def __init__(self, zones):
        super().__init__(daemon=True)
        self.zones = zones
        self.stopped = threading.Event()

    def run(self):
        begin = time.monotonic()
        while not self.stopped.wait(0.05):
            elapsed = time.monotonic() - begin
            for zone, watts in self.zones:
                zone.add(int(elapsed * watts * 1e6) - zone.true_uj)

    def stop(self):
        self.stopped.set()
        self.join()


class Prometheus:
    """Debian's prometheus, on a free port of 127.0.0.1."""

    def __init__(self, folder, shard, example, *changes):
        self.folder = os.path.join(folder, shard)
        os.makedirs(self.folder)
        for name in ("greend.rules.yml", "greend.alerts.yml"):
            self.write(name, shortened(read("packaging/prometheus", name)))
        text = read("packaging/prometheus", example)
        for old, new in (("scrape_interval: 1m", "scrape_interval: 1s"), *changes):
            assert old in text, old
            text = text.replace(old, new.replace("FOLDER", self.folder))
        self.write("prometheus.yml", f"global:\n  scrape_timeout: 1s\n  external_labels: {{shard: {shard}}}\n{text}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address={self.url[7:]}"], stderr=log, stdout=log)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def get(self, path, **arguments):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(arguments)}", timeout=10) as answer:
            told = json.load(answer)
        assert told["status"] == "success", told
        return told["data"]

    def query(self, expression):
        """[(labels, value)] of now."""
        data = self.get("query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in data["result"]]

    def value(self, expression):
        # One scrape may be late where the machine is busy, and then nothing is told for a second.
        told = self.wait_for(expression, 10)
        assert len(told) == 1, (expression, told)
        return told[0][1]

    def wait_for(self, expression, seconds=30):
        for _ in range(seconds * 5):
            try:
                told = self.query(expression)
            except OSError:
                told = []
            if told:
                return told
            assert self.process.poll() is None, self.text()
            time.sleep(0.2)
        raise AssertionError(f"no answer to {expression}\n{self.text()}")

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    def close(self):
        self.process.terminate()
        self.process.wait(20)


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def shortened(text):
    for window, short in WINDOWS.items():
        text = text.replace(f"[{window}]", f"[{short}]").replace(f"offset {window}", f"offset {short}")
    text = re.sub(r"interval: \d+m", "interval: 1s", text)
    return re.sub(r"for: \w+", "for: 1s", text)


def near(value, wanted, part):
    assert abs(value - wanted) <= part * wanted, f"{value}, expected {wanted} within {part:%}"


def loopback():
    """[::1] where this machine has it."""
    try:
        with socket.socket(socket.AF_INET6) as test:
            test.bind(("::1", 0))
        return "[::1]"
    except OSError:
        print("no IPv6 here: over 127.0.0.1")
        return "127.0.0.1"


def check_records(prometheus, machine):
    """What the rules recorded, against the meter's own power and against what greend reports."""
    where = '{instance="%s"}' % machine.target()
    measured = where[:-1] + ', source="rapl"}'
    near(prometheus.value(f"instance:greend_power_watts:rate5m{measured}"), PACKAGE_W + DRAM_W, 0.1)
    near(prometheus.value(f"instance:greend_energy_joules:increase1d{measured}"), 20 * (PACKAGE_W + DRAM_W), 0.1)
    near(prometheus.value(f"sum(greend_power_watts{measured})"), PACKAGE_W + DRAM_W, 0.3)
    near(prometheus.value('entity:greend_energy_joules:increase1d{entity="DSI", source="rapl"}'),
         prometheus.value(f"instance:greend_energy_joules:increase1d{measured}"), 1e-9)
    # All that the host used is idle, unattributed or a service's.
    parts = [prometheus.value(f"sum({name}:increase1d{measured})") for name in (
        "instance:greend_idle_energy_joules", "instance:greend_unattributed_energy_joules", "unit:greend_energy_joules")]
    near(sum(parts), prometheus.value(f"instance:greend_energy_joules:increase1d{measured}"), 0.05)
    # Carbon by the joule is what greend's own report says, and services have their part of it.
    answer = machine.ctl("report", "--config", machine.config, "--since", "-1h", "--format", "json")
    assert answer.returncode == 0, answer
    total = json.loads(answer.stdout)["total"]
    told = total["footprint"]["use"]["GWP"]["value"] * 1000 / total["energy_joules"]
    recorded = prometheus.value(f'instance:greend_co2e_grams:increase1d{where[:-1]}, phase="use"}} / ignoring (phase)'
                                f" sum without (source) (instance:greend_energy_joules:increase1d{where})")
    near(recorded, told, 1e-4)
    near(prometheus.value(f"sum(unit:greend_co2e_grams:increase1d{where})"),
         told * prometheus.value(f"sum(unit:greend_energy_joules:increase1d{where})"), 1e-4)
    print(f"{sum(parts):.1f} J in {WINDOWS['1d']}, {recorded * 3.6e6:.4f} gCO2e/kWh, greend says {told * 3.6e6:.4f}")


def check_rules(prometheus):
    groups = prometheus.get("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == len(promql.rules(read("packaging/prometheus/greend.rules.yml"))) + len(
        promql.rules(read("packaging/prometheus/greend.alerts.yml")))
    for rule in rules:
        assert rule["health"] == "ok", rule
    return [alert for rule in rules for alert in rule.get("alerts", [])]


def check_names(prometheus, machine):
    """Everything that rules and dashboards name is in this scrape, or is recorded."""
    text = machine.scrape()
    scraped = promql.samples(text)
    check_budget([line for line in text.splitlines() if not line.startswith("#")])
    recorded = {rule.name for rule in promql.rules(read("packaging/prometheus/greend.rules.yml")) if rule.kind == "record"}
    asked = [rule.expression for name in ("rules", "alerts")
             for rule in promql.rules(read(f"packaging/prometheus/greend.{name}.yml"))]
    for name in ("greend.json", "greend.fr.json"):
        asked += test_dashboard.expressions(os.path.join(SOURCE, "packaging/grafana", name))
    missing = {metric for expression in asked for metric, _ in promql.selectors(expression)[0]
               if metric not in scraped and metric not in recorded and metric != "up"}
    assert missing <= ABSENT, missing
    empty = []
    for expression in sorted({shortened(expression) for expression in asked}):
        if not prometheus.query(expression):
            empty.append(expression)
    print(f"{len(set(asked))} expressions asked, {len(empty)} without an answer")
    for expression in empty:
        names = {metric for metric, _ in promql.selectors(expression)[0]}
        # Alerts that should not fire, and what only some machines have a model for, beside their meters.
        assert names & ABSENT or re.search('== 0|[<>] |unless|source="model"', expression), f"no data: {expression}"


def check_budget(samples):
    """The series of a scrape are what docs/operations.md reckons."""
    def count(name, where=""):
        return sum(1 for sample in samples if sample.startswith(name + "{") and where in sample)

    summed, beside = count("greend_energy_joules_total"), count("greend_overlapping_energy_joules_total")
    sources = len(set(re.findall(r'^greend_energy_joules_total{.*source="(\w+)"', "\n".join(samples), re.MULTILINE)))
    shown = count("greend_workload_cpu_seconds_total") - 1
    targets = count("greend_target_used_ratio")
    most = (4 * summed + 2 * beside + count("greend_energy_uncertainty_ratio") + (sources + 2) * (shown + 1) + sources
            + 4 * count("greend_co2e_grams_total") + 1 + 2 * targets + count("greend_collector_success") * 2
            + count("greend_collector_item_success") + 6 + sum(sample.startswith(CERTIFICATE) for sample in samples))
    # Not there: what is not projected yet, what no interval is stated for, and criteria that nobody published.
    least = most - targets - (shown + 1) - 3 * count("greend_co2e_grams_total")
    print(f"{len(samples)} series with {shown} workloads and {sources} sources, at most {most}")
    assert least <= len(samples) <= most, (least, len(samples), most)


def check_silence(prometheus, machine):
    """greend is gone: the alert comes, and says where and what to do."""
    instance = machine.target()
    machine.kill()
    prometheus.wait_for(f'ALERTS{{alertname="GreendNoData", alertstate="firing", instance="{instance}", entity="DSI"}}')
    told = [alert["annotations"] for alert in check_rules(prometheus) if alert["labels"]["alertname"] == "GreendNoData"]
    assert instance in told[0]["summary"] and "systemctl status greend" in told[0]["description"], told
    assert "<no value>" not in str(told), told


def check_stranger(prometheus):
    """One with a wrong password gets nothing and is told so; the others go on."""
    for _ in range(100):
        told = prometheus.get("targets")["activeTargets"][0]["lastError"]
        if re.search("401|429", told):
            break
        time.sleep(0.2)
    else:
        raise AssertionError(f"a wrong password: {told}")
    assert prometheus.value("up") == 0 and not prometheus.query("greend_build_info")


def check_federation(above, below):
    """A Prometheus above has what was recorded below, under that one's name, and no series of a service."""
    told = above.wait_for('entity:greend_energy_joules:increase1d{entity="DSI", source="rapl"}')
    assert told[0][0]["shard"] == "leaf", told
    near(told[0][1], 20 * (PACKAGE_W + DRAM_W), 0.2)
    assert above.query('instance:greend_energy_joules:increase1d{job="greend", entity="DSI"}')
    assert below.query("unit:greend_energy_joules:increase1d")
    for name in ("unit:greend_energy_joules:increase1d", "greend_energy_joules_total"):
        assert not above.query(name), name


def run(machine, zones):
    machine.start_measuring()
    meter = Meter(zones)
    meter.start()
    prometheus = Prometheus(machine.folder, "leaf", "prometheus.example.yml", ("/usr/share/greend/prometheus", "FOLDER"),
                            ("127.0.0.1:9841", machine.target()),
                            ("static_configs:", machine.scrape_options(machine.PASSWORD) + "static_configs:"))
    stranger = Prometheus(machine.folder, "stranger", "prometheus.example.yml",
                          ("/usr/share/greend/prometheus", "FOLDER"), ("127.0.0.1:9841", machine.target()),
                          ("static_configs:", machine.scrape_options("wrong") + "static_configs:"),
                          ("scrape_interval: 1s", "scrape_interval: 5s"))
    above = Prometheus(machine.folder, "above", "federation.example.yml", ("prometheus-a.example:9090", prometheus.url[7:]),
                       (', "prometheus-b.example:9090"', ""))
    try:
        prometheus.wait_for("greend_power_watts")
        time.sleep(24)
        check_federation(above, prometheus)
        if machine.PASSWORD:
            check_stranger(stranger)
        check_records(prometheus, machine)
        for alert in check_rules(prometheus):
            print(alert["labels"]["alertname"], alert["state"], alert["annotations"]["summary"])
            assert "<no value>" not in str(alert["annotations"]), alert
        check_names(prometheus, machine)
        # Everything that went through the meter is what a query is answered with, to the millijoule of each domain.
        meter.stop()
        true_j = sum(zone.true_uj for zone, _ in zones[:2]) / 1e6
        time.sleep(3)
        told_j = prometheus.value('sum(greend_energy_joules_total{source="rapl"})')
        print(f"meter {true_j:.6f} J, Prometheus {told_j:.3f} J")
        assert 0 <= true_j - told_j <= 0.002, (true_j, told_j)
        check_silence(prometheus, machine)
    finally:
        stranger.close()
        above.close()
        prometheus.close()


def main():
    if not shutil.which("prometheus"):
        skip("prometheus (Debian package) is not installed")
    address = loopback()
    with (Web if Authority else Plain)({
        "http": {"listen": f"{address}:0"},
        "model": {"rest": "auto"},
        "site": {"country": "FR", "pue": "1.35", "wue": "0.4"},
        "asset": {"machine": "physical", "purchase": "2024-03-31", "life": "7"},
        "footprint": {"factors": "boavizta", "folder": os.path.join(SOURCE, "footprint/factors")},
        "targets": {"energy": "host 2000 kWh per year"},
    }) as machine:
        zones = [(machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000), PACKAGE_W),
                 (machine.zone("intel-rapl:0:0", "dram", power_uw=50_000_000), DRAM_W),
                 (machine.zone("intel-rapl:0:1", "core"), CORE_W)]
        run(machine, zones)


if __name__ == "__main__":
    main()
