#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Sockets that the service manager holds (sd_listen_fds(3)): greend answers on them and opens none of its
own, also after a reload, and says which wishes of greend.conf they overrule."""

import re
import signal
import socket
import urllib.request

from machine import Machine


def listener():
    """A listening socket that blocks, as systemd passes it."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen(8)
    return held, held.getsockname()[1]


def healthy(port):
    """Whether somebody answers there; 503 is an answer, too."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return b"greend_build_info" in answer.read()
    except OSError:
        return False


def start_with(machine, held, count=1):
    """Starts greend as systemd would: the sockets begin at descriptor 3, LISTEN_PID is its own."""
    machine.prefix = ["sh", "-c", f'exec 3<&{held.fileno()}; LISTEN_PID=$$ LISTEN_FDS={count} exec "$@"', "sh"]
    machine.start(pass_fds=(held.fileno(),))


def main():
    held, port = listener()
    other, own = listener()
    other.close()
    with Machine({"http": {"listen": f"127.0.0.1:{own}"}}) as machine:
        start_with(machine, held)
        assert machine.url == f"http://127.0.0.1:{port}/", machine.url
        machine.wait_for(rf"\[http\] listen=127\.0\.0\.1:{own} has no effect.*greend\.socket")
        assert healthy(port)
        assert not healthy(own), "greend opened the socket of greend.conf besides"

        # The same socket after a reload, and no warning where greend.conf says the same.
        machine.options["http"]["listen"] = f"127.0.0.1:{port}"
        machine.write_config()
        offset = len(machine.log_text().encode())
        machine.daemon.send_signal(signal.SIGHUP)
        machine.wait_for(r"configuration read again", offset)
        assert healthy(port)
        assert "has no effect" not in machine.log_text(offset)

        machine.options["http"]["listen"] = "off"
        machine.write_config()
        offset = len(machine.log_text().encode())
        machine.daemon.send_signal(signal.SIGHUP)
        machine.wait_for(r"listen=off has no effect", offset)
        machine.wait_for(r"configuration read again", offset)
        assert healthy(port)
        assert machine.stop() == 0

        # Sockets that were meant for another process are not touched.
        machine.options["http"]["listen"] = "127.0.0.1:0"
        machine.write_config()
        machine.prefix = ["env", "LISTEN_PID=1", "LISTEN_FDS=1"]
        machine.start()
        assert re.search(r":(\d+)/$", machine.url).group(1) != str(port)
        assert machine.stop() == 0
    held.close()
    print("sockets of the service manager: served, kept over reloads, told about")


main()
