#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""greend-ctl doctor --capture on a machine full of secrets: none of them is in the archive, and greend sees
on it the domains that it saw on the machine."""

import os
import re
import subprocess
import tarfile

from machine import Machine

SECRETS = {
    "host": "srv-paie-03", "domain": "intra.example", "person": "alice", "other person": "bobmartin",
    "uid": "1517", "serial": "CZJ8290K2P", "asset": "INV0004711", "uuid": "4c4c4544-0031-3110-8046",
    "uuid without marks": "4c4c454400313110", "mac": "a0:36:9f:01:02:03", "mac of hwmon": "a0_36_9f_01_02_03",
    "processor serial": "00000000deadbeef", "container": "3f2a91c0" * 8, "pod": "0a1b2c3d_1111_2222_3333_444455556666",
    "container name": "payroll-db", "machine": "guest-paie", "command line": "--password=hunter2",
    "unit": "paie-export", "mount": "nas-paie", "machine id": "b08dfa6083e7567a1921a715000001fb",
    "kernel": "paie-build",
}


def put(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make(machine, proc):
    sys = machine.sysfs
    machine.zone("intel-rapl:0", "package-0", power_uw=205_000_000, start=1)
    machine.zone("intel-rapl:0:0", "dram", start=1)
    machine.zone("intel-rapl:1", "package-1", power_uw=205_000_000, start=1)
    put(sys, "class/powercap/intel-rapl:0/device/serial", SECRETS["serial"])
    for cpu in range(4):
        put(sys, f"devices/system/cpu/cpu{cpu}/topology/physical_package_id", f"{cpu // 2}\n")
        put(sys, f"devices/system/cpu/cpu{cpu}/topology/core_id", f"{cpu % 2}\n")
    put(sys, "devices/system/cpu/online", "0-3\n")
    put(sys, "class/dmi/id/sys_vendor", "Dell Inc.\n")
    put(sys, "class/dmi/id/product_name", f"PowerEdge R740 {SECRETS['uuid without marks']}\n")
    put(sys, "class/dmi/id/product_serial", SECRETS["serial"] + "\n")
    put(sys, "class/dmi/id/product_uuid", SECRETS["uuid"] + "\n")
    put(sys, "class/dmi/id/chassis_asset_tag", SECRETS["asset"] + "\n")
    put(sys, "class/hwmon/hwmon0/name", "coretemp\n")
    put(sys, "class/hwmon/hwmon0/temp1_input", "41000\n")
    put(sys, "class/hwmon/hwmon0/temp1_label", "Package id 0\n")
    put(sys, "class/hwmon/hwmon0/device/serial_number", SECRETS["serial"])
    put(sys, "class/hwmon/hwmon1/name", f"ps_battery_{SECRETS['mac of hwmon']}\n")
    put(sys, "class/hwmon/hwmon1/in1_label", f"port {SECRETS['mac']}\n")
    put(sys, "class/hwmon/hwmon1/in1_input", f"12000 {SECRETS['host']}\n")
    put(sys, "class/net/eth0/address", SECRETS["mac"] + "\n")
    put(sys, "fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n")
    container, pod = SECRETS["container"], SECRETS["pod"]
    for group in ("system.slice", f"system.slice/{SECRETS['unit']}.service",
                  f"system.slice/sync@{SECRETS['person']}.service",
                  f"system.slice/docker-{container}.scope", f"docker/{container}",
                  f"kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{pod}.slice/"
                  f"cri-containerd-{container}.scope",
                  f"machine.slice/machine-qemu\\x2d3\\x2d{SECRETS['machine'].replace('-', 'x')}.scope",
                  f"lxc.payload.{SECRETS['container name']}",
                  "user.slice", f"user.slice/user-{SECRETS['uid']}.slice",
                  f"user.slice/user-{SECRETS['uid']}.slice/user@{SECRETS['uid']}.service",
                  f"user.slice/user-{SECRETS['uid']}.slice/session-3.scope",
                  f"home-{SECRETS['other person']}"):
        put(sys, f"fs/cgroup/{group}/cpu.stat", f"usage_usec 5000\n{SECRETS['person']} 5\n")
        put(sys, f"fs/cgroup/{group}/cgroup.procs", "4242\n")
        put(sys, f"fs/cgroup/{group}/memory.current", "1048576\n")
    put(proc, "cpuinfo", "".join(
        f"processor\t: {cpu}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
        f"model name\t: Intel(R) Xeon(R) Gold 6430\nphysical id\t: {cpu // 2}\ncpu cores\t: 2\n"
        f"flags\t\t: fpu vme\n\n" for cpu in range(4)) + f"Serial\t\t: {SECRETS['processor serial']}\n")
    put(proc, "stat", "cpu  100 0 100 1000 0 0 0 0 0 0\n" + "".join(
        f"cpu{cpu} 25 0 25 250 0 0 0 0 0 0\n" for cpu in range(4)) + "btime 1793530000\n")
    put(proc, "meminfo", "MemTotal:       16384000 kB\nMemFree:         8192000 kB\n")
    put(proc, "loadavg", "0.00 0.01 0.05 1/103 4242\n")
    put(proc, "uptime", "1000.00 3900.00\n")
    put(proc, "mounts", f"proc /proc proc rw,hidepid=2 0 0\n//{SECRETS['mount']}/{SECRETS['person']} "
        f"/home/{SECRETS['person']} cifs rw,username={SECRETS['person']} 0 0\n"
        "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n")
    put(proc, "sys/kernel/perf_event_paranoid", "3\n")
    put(proc, "sys/kernel/osrelease", f"6.1.0-{SECRETS['kernel']}\n")
    put(proc, "sys/kernel/hostname", SECRETS["host"] + "\n")
    put(proc, "sys/kernel/random/boot_id", SECRETS["uuid"] + "\n")
    put(proc, "version", f"Linux version 6.1 ({SECRETS['person']}@{SECRETS['host']}.{SECRETS['domain']})\n")
    put(proc, "4242/cmdline", SECRETS["command line"])
    put(proc, "4242/comm", SECRETS["container name"] + "\n")
    put(proc, "4242/status", f"Name:\t{SECRETS['container name']}\nUid:\t{SECRETS['uid']}\n")
    put(proc, "4242/cgroup", f"0::/system.slice/{SECRETS['unit']}.service\n")
    put(proc, "etc/machine-id", SECRETS["machine id"])


def domains(machine, *roots):
    """What greend calls the domains of a machine, and where each comes from."""
    machine.prefix = []
    machine.options["sampling"].update(dict(roots))
    machine.write_config()
    machine.start_measuring()
    found = sorted(re.search(r"\{(.*)\}", name).group(1) for name in machine.metrics()
                   if name.startswith("greend_energy_joules_total{"))
    assert machine.stop() == 0
    return found


def main():
    with Machine({"model": {"rest": "auto"}}) as machine:
        proc = os.path.join(machine.folder, "proc")
        archive = os.path.join(machine.folder, "machine.tar")
        make(machine, proc)
        seen = domains(machine, ("procfs", proc))
        answer = machine.ctl("doctor", "--capture", archive, "--sysfs", machine.sysfs, "--procfs", proc)
        print(answer.stdout)
        assert answer.returncode == 0 and "machine.tar" in answer.stdout, answer
        assert os.stat(archive).st_mode & 0o777 == 0o600
        again = machine.ctl("doctor", "--capture", archive, "--sysfs", machine.sysfs)
        assert again.returncode == 1 and "is there already" in again.stderr, again

        with open(archive, "rb") as file:
            raw = file.read()
        for what, secret in SECRETS.items():
            # An octal size in a header may have the digits of a UID: names and contents are what counts.
            assert secret == SECRETS["uid"] or secret.encode() not in raw, f"{what} is in the archive"
        unpacked = os.path.join(machine.folder, "unpacked")
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            assert all(m.isfile() or m.isdir() for m in members)
            assert all((m.uid, m.gid, m.mtime) == (0, 0, 0) and not m.uname for m in members)
            tar.extractall(unpacked)
        names = [member.name for member in members]
        for name in names:
            assert SECRETS["uid"] not in name, name
        for member in members:
            path = os.path.join(unpacked, member.name)
            if os.path.isfile(path):
                assert SECRETS["uid"].encode() not in open(path, "rb").read(), member.name
        listing = "\n".join(names)
        for shape in (r"system\.slice/docker-[0-9a-f]{64}\.scope/", r"docker/[0-9a-f]{64}/",
                      r"user\.slice/user-1001\.slice/user@1001\.service/",
                      r"kubepods-burstable-pod\w{8}_\w{4}_\w{4}_\w{4}_\w{12}\.slice/cri-containerd-",
                      r"machine-qemu\\x2d3\\x2dunit\d+\.scope/", r"lxc\.payload\.unit\d+/",
                      r"system\.slice/unit\d+@\d+\.service/", r"system\.slice/unit\d+\.service/"):
            assert re.search(shape, listing), (shape, listing)
        # The same container has the same name wherever it stands.
        assert len(set(re.findall(r"[0-9a-f]{64}", listing))) == 1, listing
        assert "hidepid=2" in open(os.path.join(unpacked, "proc/mounts"), encoding="utf-8").read()

        os.unlink(os.path.join(machine.folder, "run", "ring"))
        os.unlink(machine.database)
        captured = domains(machine, ("sysfs", os.path.join(unpacked, "sys")),
                           ("procfs", os.path.join(unpacked, "proc")))
        print(captured)
        assert captured == seen and len(seen) >= 3, (captured, seen)

        here = os.path.join(machine.folder, "here.tar")
        answer = machine.ctl("doctor", "--capture", here)  # whatever machine this is
        assert answer.returncode == 0, answer
        with tarfile.open(here) as tar:
            assert any(name.endswith("proc/cpuinfo") for name in tar.getnames())
        with open(here, "rb") as file:
            assert len(os.uname().nodename) < 4 or os.uname().nodename.encode() not in file.read()
        answer = machine.ctl("doctor", "--capture", "/nonexistent/x.tar")
        assert answer.returncode == 1 and "cannot write" in answer.stderr, answer
        # Without tar there is a reason, and no file.
        path = os.path.join(machine.folder, "no.tar")
        answer = subprocess.run([os.environ["GREEND_CTL"], "doctor", "--capture", path],
                                env={**os.environ, "PATH": "/nonexistent"}, capture_output=True,
                                text=True, check=False)
        assert answer.returncode == 1 and "needs the program tar" in answer.stderr, answer
        assert not os.path.exists(path)


if __name__ == "__main__":
    main()
