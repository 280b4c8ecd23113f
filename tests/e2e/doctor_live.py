#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""greend-ctl doctor beside a real daemon: what is broken is found, and nothing is run that nobody said yes
to."""

import http.server
import json
import os
import re
import socket
import sqlite3
import subprocess
import threading
import time

from machine import Machine, free_port
from top_live import Screen


def examine(machine, *arguments):
    """{id: check}, and the exit status."""
    answer = machine.ctl("doctor", "--config", machine.config, "--format", "json", *arguments)
    assert answer.stderr == "", answer.stderr
    report = json.loads(answer.stdout)
    assert report["format"] == "greend-doctor-1"
    checks = {check["id"]: check for check in report["checks"]}
    bad = any(check["verdict"] in ("warning", "fault") for check in checks.values())
    assert report["good"] == (not bad) and answer.returncode == int(bad), report
    return checks


def expect(checks, **verdicts):
    for name, verdict in verdicts.items():
        check = checks[name.replace("_", "-")]
        assert check["verdict"] == verdict, check


def test_running(machine):
    for _ in range(100):  # until the first commit
        checks = examine(machine)
        if checks["history"]["verdict"] == "ok" and checks["history-sound"]["verdict"] == "ok":
            break
        time.sleep(0.1)
    expect(checks, configuration="ok", daemon_started="ok", daemon_alive="ok", daemon_first="ok",
           ring_format="ok", listen="ok", listen_taken="ok", listen_reached="ok", history="ok",
           history_sound="ok", history_recent="ok", history_version="ok", clock="ok",
           clock_back="ok", disk_readonly="ok", rapl_meter="ok", meter_range="ok", factors="ok",
           collectors_failed="ok")
    assert checks["site"]["verdict"] == "note" and "country=" in checks["site"]["message"]
    assert checks["site"]["mend"][-2:] == ["vi", machine.config], checks["site"]


def test_nobody(machine):
    """The daemon runs, and nobody listens where this configuration says."""
    port, path = free_port(), os.path.join(machine.folder, "other.conf")
    with open(machine.config, encoding="utf-8") as file, open(path, "w", encoding="utf-8") as other:
        other.write(re.sub("listen=.*", f"listen=127.0.0.1:{port}", file.read()))
    answer = machine.ctl("doctor", "--config", path, "--format", "json")
    checks = {check["id"]: check for check in json.loads(answer.stdout)["checks"]}
    assert answer.returncode == 1 and checks["listen"]["verdict"] == "warning", checks["listen"]
    assert checks["listen"]["detail"] == f"127.0.0.1:{port}"
    assert checks["listen"]["mend"] == ["systemctl", "restart", "greend"]


def test_dead(machine, port):
    """Killed, its ring goes stale; what has its port then is not greend."""
    machine.kill()

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_):
            pass

    class Reusing(http.server.HTTPServer):
        allow_reuse_address = True

    server = Reusing(("127.0.0.1", port), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for _ in range(100):
            checks = examine(machine)
            if checks["daemon-alive"]["verdict"] == "fault":
                break
            time.sleep(0.1)
        expect(checks, daemon_alive="fault", listen="ok", listen_taken="fault")
        assert checks["daemon-alive"]["mend"] == ["systemctl", "restart", "greend"]
        assert checks["listen-taken"]["detail"] == f"127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
    # A port that takes connections and says nothing.
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        silent.bind(("127.0.0.1", port))
        silent.listen()
        expect(examine(machine), listen_reached="warning", listen_taken="ok")
    test_slow(machine, port)


def test_slow(machine, port):
    """A port whose program says a byte now and then is not listened to for ever."""
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        slow.bind(("127.0.0.1", port))
        slow.listen()

        def drip():
            client, _ = slow.accept()
            with client:
                try:
                    for _ in range(150):
                        client.sendall(b"H")
                        time.sleep(0.2)
                except OSError:
                    pass

        threading.Thread(target=drip, daemon=True).start()
        begin = time.monotonic()
        examine(machine)
        assert time.monotonic() - begin < 20, "doctor listens for too long"


def test_history(machine):
    """Newer, damaged, gone."""
    with sqlite3.connect(machine.database) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute("PRAGMA user_version=99")
        size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    expect(examine(machine), history_version="fault", history="ok", history_sound="ok")
    with sqlite3.connect(machine.database) as database:
        database.execute(f"PRAGMA user_version={version}")
    database.close()
    expect(examine(machine), history_version="ok", history_sound="ok")
    with open(machine.database, "r+b") as file:
        pages = os.fstat(file.fileno()).st_size // size
        for page in range(pages // 2, pages):  # not the schema
            file.seek(page * size)
            file.write(b"\x5a" * size)
    checks = examine(machine)
    assert checks["history-sound"]["verdict"] == "fault", checks["history-sound"]
    assert machine.database in checks["history-sound"]["detail"]
    os.unlink(machine.database)
    expect(examine(machine), history="warning", history_sound="ok")
    os.unlink(os.path.join(machine.folder, "run", "ring"))
    checks = examine(machine)
    expect(checks, daemon_started="fault", daemon_alive="ok")
    assert checks["daemon-started"]["mend"] == ["systemctl", "enable", "--now", "greend"]


def test_configuration(machine):
    """The same words as of greend --check-config."""
    path = os.path.join(machine.folder, "wrong.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[sampling]\ninterval=5\n")
    said = subprocess.run([os.environ["GREEND"], "--config", path, "--check-config"],
                          capture_output=True, text=True, check=False).stderr.strip()
    answer = machine.ctl("doctor", "--config", path, "--format", "json")
    checks = {check["id"]: check for check in json.loads(answer.stdout)["checks"]}
    assert checks["configuration"]["verdict"] == "fault"
    assert checks["configuration"]["detail"] == said and "wrong.conf:2: interval" in said, said


def test_fix(machine):
    """Asks first. What is run gets its words as they are."""
    stubs = os.path.join(machine.folder, "bin")
    told = os.path.join(machine.folder, "told")
    os.mkdir(stubs)
    for name in ("systemctl", "sudo", "vi", "apt-get", "dnf", "modprobe", "timedatectl",
                 "systemd-tmpfiles", "systemd-sysusers", "usermod", "install", "sysctl",
                 "journalctl", "mount", "newgrp"):
        with open(os.path.join(stubs, name), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nprintf "%s|" {name} "$@" >>{told}\necho >>{told}\n')
        os.chmod(os.path.join(stubs, name), 0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{stubs}:{before}"
    try:
        # The last but one: a line that is longer than an answer says nothing to the question after it.
        for answer, ran in (("n", False), ("", False), (63 * "n" + "y", False), ("y", True)):
            screen = Screen("doctor", "--config", machine.config, "--fix")
            asked = 0
            while screen.process.poll() is None:
                screen.read(0.2)
                if screen.seen.count(b"[y/N]") > asked:
                    asked += 1
                    screen.type(answer + "\r")
            screen.read(0.1)
            assert asked > 1, screen.seen
            text = open(told, encoding="utf-8").read() if os.path.exists(told) else ""
            assert bool(text) == ran, (answer, text)
            assert b"sudo systemctl enable --now greend" in screen.seen or os.geteuid() == 0
            assert b"systemctl enable --now greend" in screen.seen, screen.seen
        lines = text.splitlines()
        prefix = "" if os.geteuid() == 0 else "sudo|"
        assert prefix + "systemctl|enable|--now|greend|" in lines, lines
        assert f"{prefix}vi|{machine.config}|" in lines, lines
        assert lines.count(f"{prefix}vi|{machine.config}|") == 1, "asked twice for one command"
    finally:
        os.environ["PATH"] = before
    answer = machine.ctl("doctor", "--config", machine.config, "--fix")
    assert answer.returncode == 2 and "terminal" in answer.stderr, answer


def main():
    port = free_port()
    factors = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../footprint/factors")
    with Machine({"http": {"listen": f"127.0.0.1:{port}"},
                  "footprint": {"folder": os.path.normpath(factors)}}) as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.start_measuring()
        zone.add(1_000_000)
        test_running(machine)
        text = machine.ctl("doctor", "--config", machine.config).stdout
        print(text)
        assert re.search(r"^\d+ checks: \d+ fine", text, re.M), text
        test_nobody(machine)
        test_dead(machine, port)
        test_history(machine)
        test_configuration(machine)
        test_fix(machine)


if __name__ == "__main__":
    main()
