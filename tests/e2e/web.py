#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""The web file of a running greend: TLS and passwords on a socket of the service manager, guessing, clients
that mean no good, reloads; and that it goes on measuring and answering the watchdog meanwhile."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
import warnings

from certificates import RENEWED_4, SECRET_10, SECRET_4, Authority, write
from machine import Machine

BASIC = {"secret": "cHJvbWV0aGV1czpzZWNyZXQ=", "renewed": "cHJvbWV0aGV1czpyZW5ld2Vk",
         "wrong": "cHJvbWV0aGV1czp3cm9uZw=="}


class Watchdog:
    """Listens to what greend tells systemd. WATCHDOG_USEC is two seconds: it tells each half second."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.rings = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            if b"WATCHDOG=1" in self.socket.recv(4096):
                self.rings.append(time.monotonic())

    def longest_silence(self, begin):
        """Up to now, of the time since `begin`."""
        moments = [begin, *(ring for ring in self.rings if ring > begin), time.monotonic()]
        return max(later - earlier for earlier, later in zip(moments, moments[1:]))


class Web(Machine):
    """A greend with TLS and a password, on a socket that the test holds as systemd does."""

    def __init__(self):
        super().__init__()
        self.web_file = os.path.join(self.folder, "web.yml")
        self.options["http"]["web_file"] = self.web_file
        self.write_config()
        self.authority = Authority(self.folder)
        self.authority.sign("server", "serverAuth")
        self.watchdog = Watchdog(self.folder)
        self.held = socket.socket()
        self.held.bind(("127.0.0.1", 0))
        self.held.listen(64)
        self.port = self.held.getsockname()[1]
        self.context = ssl.create_default_context(cafile=self.authority.file)

    def write_web(self, hashed, more=""):
        write(self.web_file, "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
              f"{more}basic_auth_users:\n  prometheus: {hashed}\n")

    def start_web(self):
        self.prefix = ["sh", "-c",
                       f'exec 3<&{self.held.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh"]
        environment = {**os.environ, "NOTIFY_SOCKET": self.watchdog.path, "WATCHDOG_USEC": "2000000"}
        self.start(pass_fds=(self.held.fileno(),), env=environment)
        assert self.url == f"https://127.0.0.1:{self.port}/", self.url

    def reload(self, pattern):
        offset = len(self.log_text().encode())
        self.daemon.send_signal(signal.SIGHUP)
        return self.wait_for(pattern, offset)

    def connect(self, source="127.0.0.1"):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=120,
                                           source_address=(source, 0))

    def ask(self, password=None, source="127.0.0.1", connection=None, path="/metrics"):
        """(status, headers, body) of one request."""
        own = connection or self.connect(source)
        own.request("GET", path, headers={"Authorization": "Basic " + BASIC[password]} if password else {})
        answer = own.getresponse()
        body = answer.read()
        if not connection:
            own.close()
        return answer.status, answer.headers, body

    def cpu(self):
        """Ticks of CPU that each thread of greend has used."""
        used = {}
        for task in os.listdir(f"/proc/{self.daemon.pid}/task"):
            with open(f"/proc/{self.daemon.pid}/task/{task}/stat", encoding="ascii") as file:
                head, tail = file.read().rsplit(")", 1)
            fields = tail.split()
            used[head.split("(", 1)[1]] = int(fields[11]) + int(fields[12])
        return used

    def curl(self, *arguments):
        return subprocess.run(["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", *arguments,
                               self.url + "metrics"], capture_output=True, text=True, check=False)


def check_passwords(web):
    trusted = ("--cacert", web.authority.file)
    assert web.curl().returncode == 60, "curl trusts an unknown certificate"
    assert web.curl(*trusted).stdout == "401"
    assert web.curl(*trusted, "-u", "prometheus:wrong").stdout == "401"
    assert web.curl(*trusted, "-u", "nobody:secret").stdout == "401"
    assert web.curl(*trusted, "-u", "prometheus:secret").stdout == "200"
    web.wait_for("wrong password for user 'prometheus' from 127.0.0.1")
    web.wait_for("unknown user from 127.0.0.1")
    status, headers, body = web.ask()
    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="greend", charset="UTF-8"')
    assert b"greend_" not in body
    status, headers, body = web.ask("secret")
    assert status == 200 and b"greend_build_info" in body
    assert headers["X-Frame-Options"] == "deny"
    for path in ("/", "/healthz", "/nothing"):
        assert web.ask(path=path)[0] == 401
    assert web.ask("secret", path="/")[0] == 200
    assert web.ask("secret", path="/nothing")[0] == 404
    # Several requests on one connection; each is judged by itself.
    connection = web.connect()
    assert [web.ask(password, connection=connection)[0] for password in ("secret", None, "secret")] == \
        [200, 401, 200]
    # Two at once: whichever of the two is right.
    for first, second in (("secret", "wrong"), ("wrong", "secret"), ("secret", "secret")):
        connection = web.connect()
        connection.putrequest("GET", "/metrics")
        connection.putheader("Authorization", "Basic " + BASIC[first])
        connection.putheader("authorization", "Basic " + BASIC[second])
        connection.endheaders()
        assert connection.getresponse().status == 401, (first, second)
    connection.close()


def check_versions(web):
    """TLS 1.2 and 1.3, nothing older, and no clear text."""
    for version, fits in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                          (ssl.TLSVersion.TLSv1_3, True)):
        context = ssl.create_default_context(cafile=web.authority.file)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the oldest is old
            context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", web.port), timeout=10) as plain:
            try:
                context.wrap_socket(plain, server_hostname="127.0.0.1").close()
                assert fits, version
            except ssl.SSLError:
                assert not fits, version
    # TLS 1.2 can agree on new keys, which costs the server a handshake each time: not here.
    session = subprocess.run(["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{web.port}"], input=b"R\n",
                             capture_output=True, timeout=60, check=False)
    begun, asked, after = session.stderr.partition(b"RENEGOTIATING")
    assert b"depth=0" in begun and asked and b"depth=0" not in after, session
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as plain:
        plain.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"greend_" not in plain.recv(4096)


def check_one_address(web):
    """Six at once; then not even the right password, until it has waited."""
    begin = time.monotonic()
    connections = [web.connect("127.0.0.99") for _ in range(8)]
    for connection in connections:
        connection.request("GET", "/metrics", headers={"Authorization": "Basic " + BASIC["wrong"]})
    status, headers, _ = web.ask("secret", "127.0.0.99")
    assert (status, headers["Retry-After"]) == (429, "5")
    assert time.monotonic() - begin < 5, "this machine is too slow to tell"
    statuses = sorted(connection.getresponse().status for connection in connections)
    assert statuses == 6 * [401] + 2 * [429], statuses


def check_guessing(web):
    """200 wrong passwords from 20 addresses, each of which would take 80 ms of a CPU."""
    begin = time.monotonic()
    used = web.cpu()
    statuses = []

    def guess(source):
        statuses.extend(web.ask("wrong", source)[0] for _ in range(10))

    guessers = [threading.Thread(target=guess, args=(f"127.0.0.{100 + i}",)) for i in range(20)]
    for guesser in guessers:
        guesser.start()
    # Who knew the password before is served at once, strangers or not.
    slowest = 0
    while any(guesser.is_alive() for guesser in guessers):
        asked = time.monotonic()
        assert web.ask("secret")[0] == 200
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)
    for guesser in guessers:
        guesser.join()
    elapsed = time.monotonic() - begin
    assert len(statuses) == 200 and set(statuses) == {401, 429}, statuses
    hashed = statuses.count(401)
    assert 8 <= hashed <= 17 + elapsed, (hashed, elapsed)
    used = {name: ticks - used[name] for name, ticks in web.cpu().items()}
    assert used["greend-helper"] > used["greend"], f"hashed elsewhere than in the helper thread: {used}"
    silence = web.watchdog.longest_silence(begin)
    assert silence < 2, f"the watchdog heard nothing for {silence:.1f} s"
    assert slowest < 5, f"a scrape took {slowest:.1f} s"
    print(f"200 guesses: {hashed} hashed in {elapsed:.1f} s, watchdog silent for {silence:.2f} s, "
          f"slowest scrape {slowest:.2f} s")


def check_hostile(web):
    # Handshakes that nobody ends, more than there are places.
    hanging = [socket.create_connection(("127.0.0.1", web.port)) for _ in range(100)]
    hanging[0].sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    assert web.ask("secret")[0] == 200
    # Asks and asks, and never reads.
    deaf = web.context.wrap_socket(socket.create_connection(("127.0.0.1", web.port)),
                                   server_hostname="127.0.0.1")
    deaf.settimeout(0.2)
    request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + BASIC["secret"].encode() + \
        b"\r\n\r\n"
    try:
        for _ in range(2000):
            deaf.sendall(request)
    except OSError:
        pass
    assert web.ask("secret")[0] == 200
    # 10,000 headers.
    many = web.context.wrap_socket(socket.create_connection(("127.0.0.1", web.port)),
                                   server_hostname="127.0.0.1")
    many.settimeout(10)
    try:
        many.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n" +
                     b"".join(b"X-%d: y\r\n" % i for i in range(10000)) + b"\r\n")
        answer = many.recv(4096)
    except OSError:
        answer = b""
    assert b"greend_" not in answer and (answer == b"" or answer.startswith(b"HTTP/1.1 4")), answer
    assert web.ask("secret")[0] == 200
    for connection in (*hanging, deaf, many):
        connection.close()


def served_certificate(web):
    return ssl.get_server_certificate(("127.0.0.1", web.port))


def check_reload(web):
    with open(web.web_file, encoding="utf-8") as file:
        before = file.read()
    for wrong, mode, said in (
            (before + "nonsense: 1\n", 0o640, r"web\.yml:\d+:1: 'nonsense' is not known here"),
            (before, 0o644, r"web\.yml: every user of this machine may read .*chgrp greend \S*web\.yml && "
                            r"chmod 0640 \S*web\.yml")):
        write(web.web_file, wrong, mode)
        web.reload(said + r"[^\n]*\n[^\n]*greend goes on with the one it has")
        assert web.ask("secret")[0] == 200
    write(web.web_file, before)
    os.chmod(os.path.join(web.folder, "server.key"), 0o604)
    web.reload(r"server\.key: every user of this machine may read [^\n]*\n[^\n]*goes on with the one it has")
    assert web.ask("secret")[0] == 200

    # A new password, and a new certificate.
    old = served_certificate(web)
    web.authority.sign("server", "serverAuth")
    web.write_web(RENEWED_4)
    web.reload("configuration read again")
    assert served_certificate(web) != old
    assert web.ask("secret")[0] == 401
    assert web.ask("renewed")[0] == 200

    # A reload while passwords are being hashed.
    web.write_web(SECRET_10)
    web.reload("configuration read again")
    connections = [web.connect(f"127.0.0.{30 + i}") for i in range(3)]
    for connection in connections:
        connection.request("GET", "/metrics", headers={"Authorization": "Basic " + BASIC["wrong"]})
    connections.pop().close()  # gone while it is
    assert web.ask("secret")[0] == 200
    for connection in connections:
        connection.close()
    connections = [web.connect(f"127.0.0.{40 + i}") for i in range(3)]
    for connection in connections:
        connection.request("GET", "/metrics", headers={"Authorization": "Basic " + BASIC["wrong"]})
    web.write_web(SECRET_4)
    web.reload("configuration read again")
    assert web.ask("secret")[0] == 200


def main():
    with Web() as web:
        web.write_web(SECRET_10, "http_server_config:\n  headers:\n    X-Frame-Options: deny\n")
        web.start_web()
        check_passwords(web)
        check_versions(web)
        check_one_address(web)
        check_guessing(web)
        check_hostile(web)
        check_reload(web)
        assert web.stop() == 0
        web.held.close()
    print("TLS, passwords, guessing, hostile clients and reloads: as they have to be")


main()
