#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""The daemon in a rough world: without rights, with wrong configurations, beside another greend, on a
machine without a meter. It says what is wrong and how to mend it, and measures what it can."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from machine import Machine, skip

GREEND = os.environ["GREEND"]


def run(*arguments):
    return subprocess.run([GREEND, *arguments], capture_output=True, text=True, check=False,
                          timeout=60)


def test_command_line():
    assert run("--version").returncode == 0
    answer = run("--help")
    assert answer.returncode == 0 and "[sampling] interval=1s" in answer.stdout
    assert run("--nonsense").returncode == 2
    answer = run("stray")
    assert answer.returncode == 2 and "stray" in answer.stderr
    answer = run("--config", "/nonexistent.conf", "--check-config")
    assert answer.returncode == 2 and "/nonexistent.conf" in answer.stderr
    answer = run("--check-config")
    assert os.path.exists("/etc/greend/greend.conf") or "no such file" in answer.stdout, answer
    answer = run("--sysfs", "relative", "--check-config")
    assert answer.returncode == 2 and "sysfs" in answer.stderr


def test_wrong_configuration():
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("[sampling]\ninterval=5\n[htpp]\nlisten=:1\n[store]\nflush=1 week\n")
        file.flush()
        for arguments in (("--check-config",), ()):
            answer = run("--config", file.name, *arguments)
            assert answer.returncode == 2
            for line in (r":2: interval: .*100ms to 60s.*unit is missing", r":4: .*did you mean \[http\]",
                         r":6: flush: "):
                assert re.search(line, answer.stderr), (line, answer.stderr)


def test_reload():
    with Machine() as machine:
        machine.zone("intel-rapl:0", "package-0")
        machine.start()
        machine.wait_for("ready")
        good = dict(machine.options["metrics"]) if "metrics" in machine.options else {}
        machine.options["metrics"] = {"top": "no"}
        machine.write_config()
        machine.daemon.send_signal(signal.SIGHUP)
        machine.wait_for("goes on with the one it has")
        assert machine.metrics()
        machine.options["metrics"] = {**good, "top": "7"}
        machine.write_config()
        offset = os.path.getsize(machine.log)
        machine.daemon.send_signal(signal.SIGHUP)
        machine.url = machine.wait_for(r"listening on (https?://\S+)", offset)
        machine.wait_for("configuration read again", offset)
        assert machine.metrics()
        assert machine.stop() == 0


def descriptors(pid):
    """How many there are but for the stats of processes at work: those are kept open, each once."""
    folder = f"/proc/{pid}/fd"
    targets = []
    for name in os.listdir(folder):
        try:
            targets.append(os.readlink(os.path.join(folder, name)))
        except FileNotFoundError:
            pass
    stats = [target for target in targets if re.fullmatch(r".*/proc/[0-9]+/stat( \(deleted\))?", target)]
    assert len(stats) == len(set(stats)) and len(stats) <= 512, stats
    return len(targets) - len(stats)


def test_many_reloads():
    """Each goes on where the one before ended: no joule, no descriptor, no gap."""
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)
        machine.start_measuring()
        before = descriptors(machine.daemon.pid)
        for _ in range(10):
            machine.daemon.send_signal(signal.SIGHUP)
            for _ in range(5):
                zone.add(1_000_003)
                time.sleep(0.05)
        time.sleep(0.3)
        assert descriptors(machine.daemon.pid) <= before  # one may have been a client's
        assert machine.stop() == 0
        assert machine.stored_uj() == zone.true_uj
        assert machine.query("SELECT count(*) FROM event WHERE kind = 'gap'") == [(0,)]


def test_two_daemons():
    with Machine() as machine:
        machine.zone("intel-rapl:0", "package-0")
        machine.start()
        machine.wait_for("ready")
        answer = run("--config", machine.config)
        assert answer.returncode == 1 and "another greend runs" in answer.stderr, answer.stderr
        assert machine.stop() == 0


def test_two_daemons_of_one_database():
    """Each would book the host's energy: the second does not start."""
    with Machine() as machine:
        machine.zone("intel-rapl:0", "package-0")
        machine.start()
        machine.wait_for("ready")
        machine.options["runtime"]["directory"] = os.path.join(machine.folder, "run-of-another")
        machine.write_config()
        answer = run("--config", machine.config)
        assert answer.returncode == 1 and "another greend writes" in answer.stderr, answer.stderr
        assert machine.stop() == 0


def test_a_ring_that_is_back():
    """A run with another runtime directory, and back: nothing is booked twice. Then a store that
    comes late, and kill -9 right after it came: nothing is lost."""
    with Machine({"store": {"flush": "10s"}}) as machine:
        zone = machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000)

        def use():
            for _ in range(10):
                zone.add(1_000_003)
                time.sleep(0.05)

        first = machine.options["runtime"]["directory"]
        for directory in (first, os.path.join(machine.folder, "run-by-hand"), first):
            machine.options["runtime"]["directory"] = directory
            machine.write_config()
            machine.start_measuring()
            use()
            assert machine.stop() == 0
            assert machine.stored_uj() == zone.true_uj
        aside = machine.database + ".aside"
        os.rename(machine.database, aside)
        os.mkdir(machine.database)
        machine.start()
        use()
        machine.kill()
        machine.start()
        use()
        os.rmdir(machine.database)
        os.rename(aside, machine.database)
        before = machine.stored_uj()
        while machine.stored_uj() == before:
            time.sleep(0.02)
        machine.kill()
        machine.start()
        use()
        assert machine.stop() == 0
        assert machine.stored_uj() == zone.true_uj


def test_port_taken_and_ipv6():
    with socket.socket() as taken, Machine() as machine:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        machine.zone("intel-rapl:0", "package-0")
        port = taken.getsockname()[1]
        machine.options["http"]["listen"] = f"127.0.0.1:{port} [::1]:0"
        machine.write_config()
        machine.start()
        machine.wait_for(f"cannot listen on .*127.0.0.1:{port}.*in use")
        if "[::1]" in machine.url:
            assert machine.metrics()
        assert machine.stop() == 0


def test_no_meter_is_an_estimate():
    with Machine() as machine:
        machine.start()
        machine.wait_for("ready")
        end = time.time() + 4
        while time.time() < end:
            pass
        metrics = machine.metrics()
        assert any('source="model"' in name for name in metrics), metrics.keys()
        assert not any('source="rapl"' in name for name in metrics)
        assert machine.stop() == 0
        table = machine.ctl("report", "--database", machine.database, "--since", "-1h").stdout
        assert "ESTIMATE" in table, table


def test_without_rights():
    if os.geteuid() != 0:
        return "needs root to give rights up"
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0")
        os.chmod(os.path.join(zone.folder, "energy_uj"), 0o400)
        os.chmod(machine.folder, 0o755)
        os.chmod(os.path.join(machine.folder, "run"), 0o700)
        machine.options["store"]["flush"] = "1s"
        machine.write_config()
        # From where that user may read it: root's own folder is closed to others.
        machine.program = shutil.copy(machine.program, machine.folder)
        machine.start(user=65534, group=65534, extra_groups=[])
        machine.wait_for(r"cannot make the ring .*permission denied|cannot make the ring .*Permission denied")
        machine.wait_for(r"cannot open the database .*write access")
        machine.wait_for("ready")
        time.sleep(2)
        metrics = machine.metrics()
        assert metrics['greend_collector_success{collector="process"}'] == "1"
        assert any("greend_workload_cpu_seconds_total" in name for name in metrics)
        assert machine.stop() == 0
    return None


def test_notifies_the_service_manager():
    """READY when frames appear, WATCHDOG as long as they do, RELOADING, STOPPING."""
    with Machine() as machine, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        machine.zone("intel-rapl:0", "package-0")
        path = os.path.join(machine.folder, "notify")
        manager.bind(path)
        manager.settimeout(10)
        machine.start(wait=False, env={**os.environ, "NOTIFY_SOCKET": path,
                                       "WATCHDOG_USEC": "2000000"})

        def heard(word):
            for _ in range(100):
                if word in manager.recv(4096).decode():
                    return True
            return False

        assert heard("READY=1") and heard("WATCHDOG=1") and heard("WATCHDOG=1")
        machine.daemon.send_signal(signal.SIGHUP)
        assert heard("RELOADING=1") and heard("READY=1") and heard("WATCHDOG=1")
        machine.daemon.send_signal(signal.SIGTERM)
        assert heard("STOPPING=1")
        assert machine.daemon.wait(10) == 0
        machine.daemon = None


def test_hostile_names():
    """A process whose name is a page of evil: escaped in the metrics, the table, JSON and CSV."""
    source = ("import ctypes,time\n"
              "ctypes.CDLL(None).prctl(15, b'a\"b\\\\\\n\\xff{)=', 0, 0, 0)\n"
              "e=time.time()+5\n"
              "while time.time()<e: pass\n")
    with Machine() as machine:
        zone = machine.zone("intel-rapl:0", "package-0")
        machine.start()
        machine.wait_for("ready")
        evil = subprocess.Popen(["python3", "-c", source])
        for _ in range(40):
            zone.add(3_000_000)
            time.sleep(0.1)
        evil.wait()
        zone.add(1)
        time.sleep(1.5)
        metrics = machine.metrics()
        assert any('\\"b' in name and "\\\\x0a" in name and "\\\\xff" in name for name in metrics), metrics
        assert machine.stop() == 0
        for form in ("table", "csv", "json"):
            answer = machine.ctl("report", "--database", machine.database, "--since", "-1h",
                                 "--format", form)
            assert answer.returncode == 0 and "x0a" in answer.stdout, answer.stdout
            assert "\x1b" not in answer.stdout


def main():
    skipped = []
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            print(name, flush=True)
            reason = test()
            if reason:
                skipped.append(f"{name}: {reason}")
    if skipped:
        skip("; ".join(skipped))


if __name__ == "__main__":
    main()
