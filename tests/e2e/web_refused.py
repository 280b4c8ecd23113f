#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""What greend refuses to serve, and says: files that others may read, keys that do not fit, and clear text
beyond this machine. It measures all the same."""

import os
import re
import signal
import socket
import subprocess
import urllib.request

from certificates import SECRET_4, Authority, openssl, write
from machine import Machine

TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
USERS = f"basic_auth_users:\n  prometheus: {SECRET_4}\n"


class Web(Machine):
    def __init__(self):
        super().__init__()
        self.web_file = os.path.join(self.folder, "web.yml")
        self.options["http"]["web_file"] = self.web_file
        self.write_config()
        self.authority = Authority(self.folder)
        self.key = self.authority.sign("server", "serverAuth")[1]

    def path(self, name):
        return os.path.join(self.folder, name)

    def check(self, said, *prefix):
        """What --check-config says of the files as they are; '': nothing is wrong."""
        done = subprocess.run([*prefix, os.environ["GREEND"], "--config", self.config, "--check-config"],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C", "LANGUAGE": ""})
        assert done.returncode == (2 if said else 0), (said, done)
        assert re.search(said, done.stderr), (said, done.stderr)
        assert not re.search(r"\bsecret\b", done.stderr)
        return done.stderr


def check_files(web):
    write(web.web_file, TLS + USERS)
    web.check("")
    every = r"every user of this machine may read or write it, .*: chgrp greend (\S+) && chmod 0640 \1$"
    for mode in (0o644, 0o642, 0o641):
        os.chmod(web.web_file, mode)
        web.check(r"web\.yml: " + every)
    write(web.web_file, TLS, 0o644)  # it holds no secret
    web.check("")
    os.chmod(web.web_file, 0o646)
    web.check(r"web\.yml: every user of this machine may write it: chmod o-w ")
    os.chmod(web.web_file, 0o644)
    os.chmod(web.key, 0o644)
    told = web.check(r"server\.key: " + every)
    # What is told mends it.
    subprocess.run(["sh", "-ec", re.search(r"chmod 0640 \S+", told).group(0)], check=True)
    web.check("")
    os.chmod(web.path("server.crt"), 0o666)
    web.check(r"server\.crt: every user of this machine may write it: chmod o-w ")
    os.chmod(web.path("server.crt"), 0o644)
    for name in ("server.key", "server.crt", "web.yml"):
        os.rename(web.path(name), web.path("away"))
        web.check(rf"{name}: cannot be opened: No such file")
        os.mkdir(web.path(name))
        web.check(rf"{name}: expected a file")
        os.rmdir(web.path(name))
        os.rename(web.path("away"), web.path(name))
    web.check("")
    if os.geteuid() == 0:  # what root may read another may not
        os.chmod(web.folder, 0o711)
        os.chmod(web.config, 0o644)
        web.check(r"server\.key: cannot be read: permission denied; .*: chgrp greend \S+ && chmod 0640 ",
                  "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        os.mkdir(web.path("closed"), 0o700)
        write(web.web_file, TLS.replace("server.key", "closed/server.key"), 0o644)
        web.check(r"closed/server\.key: cannot be reached: a folder above it is closed ",
                  "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    write(web.web_file, "#" * (64 << 10) + "\n")
    web.check("web.yml: too large: expected at most 64 KiB")
    write(web.web_file, TLS.replace("key_file", "keyfile"))
    web.check(r"web\.yml:3:3: 'keyfile' is not known here: expected one of cert_file, key_file")


def check_documented(web):
    """The example of docs/security.md is right."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../docs/security.md"), encoding="utf-8") as file:
        example = re.search("```yaml\n(.*?)```", file.read(), re.DOTALL).group(1)
    assert "/etc/greend/tls.key" in example
    example = example.replace("/etc/greend/tls", web.path("server"))
    write(web.web_file, example)
    web.check("")


def check_keys(web):
    write(web.web_file, TLS)
    for text, said in (("", "expected a certificate in PEM"), ("nonsense\n", "expected a certificate in PEM"),
                       ("\0", "expected PEM, which is text")):
        write(web.path("server.crt"), text)
        web.check(r"server\.crt: " + said)
    web.authority.sign("other", "serverAuth")
    os.rename(web.path("other.crt"), web.path("server.crt"))
    web.check(r"server\.key: expected the key of the certificate in server\.crt")
    web.authority.sign("server", "serverAuth")
    openssl("pkey", "-in", web.key, "-aes128", "-passout", "pass:secret", "-out", web.key + ".locked")
    os.replace(web.key + ".locked", web.key)
    os.chmod(web.key, 0o600)
    web.check(r"server\.key: the key is encrypted with a password: .*openssl pkey -in KEY -out NEW")
    write(web.key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    web.check(r"server\.key: expected a private key in PEM")
    web.authority.sign("server", "serverAuth")
    write(web.web_file, TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: empty\n")
    write(web.path("empty"), "no certificate\n")
    web.check(r"empty: expected certificates in PEM of who signs")
    # Expired, or soon: told, and no error.
    write(web.web_file, TLS)
    web.authority.sign("server", "serverAuth", days=-1)
    assert re.search(r"server\.crt: the certificate has expired on \d{4}-\d\d-\d\d: ", web.check(""))
    web.authority.sign("server", "serverAuth", days=5)
    assert re.search(r"server\.crt: the certificate expires on \d{4}-\d\d-\d\d: renew it", web.check(""))
    web.authority.sign("server", "serverAuth", days=60)
    assert web.check("") == ""


def check_start(web):
    """With a wrong web file greend measures, and serves nobody, until it is mended."""
    write(web.web_file, TLS)
    os.chmod(web.key, 0o644)
    web.start(wait=False)
    web.wait_for(r"server\.key: every user of this machine may read")
    web.wait_for(r"metrics are not served, as the web file is wrong")
    web.wait_for("ready: a frame each")
    assert "listening on" not in web.log_text()
    os.chmod(web.key, 0o640)
    offset = len(web.log_text().encode())
    web.daemon.send_signal(signal.SIGHUP)
    web.wait_for(r"listening on https://", offset)
    assert web.stop() == 0


def reachable(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            return b"greend_build_info" in answer.read()
    except OSError:
        return False


def check_clear_text(web):
    # A socket of greend's own.
    web.options["http"] = {"listen": ":0 127.0.0.1:0"}
    web.write_config()
    web.start()
    assert re.search(r":0 is reached|\[::\]:\d+ is reached from beyond this machine and would be in clear text",
                     web.log_text()), web.log_text()
    assert len(re.findall("listening on http://127.0.0.1", web.log_text())) == 1
    assert web.stop() == 0

    # One of the service manager's.
    held = socket.socket()
    held.bind(("0.0.0.0", 0))
    held.listen(8)
    port = held.getsockname()[1]
    web.prefix = ["sh", "-c", f'exec 3<&{held.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh"]
    web.options["http"] = {}
    web.write_config()
    offset = len(web.log_text().encode())
    web.start(wait=False, pass_fds=(held.fileno(),))
    web.wait_for(rf"0\.0\.0\.0:{port} is reached from beyond this machine and would be in clear text: "
                 r"metrics are not served there\..*web_file=.*allow_cleartext=yes", offset)
    web.wait_for("ready: a frame each", offset)
    assert not reachable(port)

    # Allowed by name: a reload serves it, and warns.
    web.options["http"] = {"allow_cleartext": "yes"}
    web.write_config()
    offset = len(web.log_text().encode())
    web.daemon.send_signal(signal.SIGHUP)
    web.wait_for(r"0\.0\.0\.0:\d+ is reached from beyond this machine in clear text, as", offset)
    web.wait_for("configuration read again", offset)
    assert reachable(port)

    # Encrypted: nothing has to be allowed.
    write(web.web_file, TLS)
    web.options["http"] = {"web_file": web.web_file}
    web.write_config()
    offset = len(web.log_text().encode())
    web.daemon.send_signal(signal.SIGHUP)
    web.wait_for(rf"listening on https://0\.0\.0\.0:{port}/", offset)
    assert "is reached" not in web.log_text(offset)
    assert web.stop() == 0
    held.close()


def main():
    with Web() as web:
        check_files(web)
        check_documented(web)
        check_keys(web)
        check_start(web)
        check_clear_text(web)
    print("rights, keys, a wrong web file and clear text: refused, told, and measured on")


main()
