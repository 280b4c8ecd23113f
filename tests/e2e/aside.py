# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Processes that see each other and nobody else: a PID namespace, and a /proc in which the machine has
no other work than theirs."""

import ctypes
import os
import shutil
import subprocess
import sys

CLONE_NEWPID = 0x20000000

# For who is not root: to be it, of namespaces of one's own.
AS_ROOT = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]

# Takes over who lost their parent, and takes all along when it ends.
INIT = "until false; do sleep 1000 & wait; done"
OWN_PROC = 'mount -t proc proc /proc && mount --bind "$0" /proc/stat && exec "$@"'


def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def become_root():
    """Begins anew as root of a user namespace, where that is needed and allowed."""
    if os.geteuid() != 0 and shutil.which("unshare") and subprocess.run(
            [*AS_ROOT, "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        os.execvp(AS_ROOT[0], [*AS_ROOT, sys.executable, *sys.argv])


class Aside:
    """Raises OSError where that is not allowed."""

    def __init__(self, folder, cpus):
        self.cpus = cpus
        self.init = None
        self.path = os.path.join(folder, "stat")
        self.stat = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o644)
        self.outside = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self.turn(0)
        call("unshare", CLONE_NEWPID)
        try:
            self.init = subprocess.Popen(["sh", "-c", INIT], stdin=subprocess.DEVNULL)
            self.inside = os.open("/proc/self/ns/pid_for_children", os.O_RDONLY)
        finally:
            call("setns", self.outside, CLONE_NEWPID)
        self.try_it()

    def try_it(self):
        found = self.popen(self.own_proc() + ["cat", "/proc/stat"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
        text, error = found.communicate()
        if not text.startswith(b"cpu  "):
            self.end()
            raise OSError(error.decode(errors="replace").strip())

    def own_proc(self):
        """What a command begins with that sees this /proc."""
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", OWN_PROC, self.path]

    def popen(self, arguments, **how):
        call("setns", self.inside, CLONE_NEWPID)
        try:
            return subprocess.Popen(arguments, **how)
        finally:
            call("setns", self.outside, CLONE_NEWPID)

    def turn(self, busy_ticks):
        """What the machine has done, in ticks: in place, in one piece and always as long."""
        each = busy_ticks // self.cpus
        lines = [f"cpu  {busy_ticks:012d} 0 0 50 60 0 0 0 0 0"]
        lines += [f"cpu{i} {each:012d} 0 0 50 60 0 0 0 0 0" for i in range(self.cpus)]
        os.pwrite(self.stat, ("\n".join(lines) + "\nintr 0\n").encode(), 0)

    def end(self):
        if self.init:
            self.init.kill()
            self.init.wait()
            self.init = None
