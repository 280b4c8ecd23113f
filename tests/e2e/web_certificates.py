#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Certificates of clients, as the web file asks for them: missing, wrong, expired, for another purpose or of
another name, and right; and a server's certificate that has expired."""

import datetime
import json
import os
import re
import signal
import subprocess
import time

from certificates import Authority, write
from machine import Machine


class Web(Machine):
    def __init__(self):
        super().__init__({"http": {"web_file": "web.yml"}})
        self.options["http"]["web_file"] = os.path.join(self.folder, "web.yml")
        self.write_config()
        self.authority = Authority(self.folder)
        stranger = Authority(self.folder, "stranger")
        self.authority.sign("server", "serverAuth")
        self.clients = {
            "none": None,
            "right": self.authority.sign("right", "clientAuth", "DNS:prometheus.example,IP:192.0.2.7"),
            "other": self.authority.sign("other", "clientAuth", "DNS:prometheus.example.evil"),
            "expired": self.authority.sign("expired", "clientAuth", "DNS:prometheus.example", days=-1),
            "purpose": self.authority.sign("purpose", "serverAuth", "DNS:prometheus.example"),
            "stranger": stranger.sign("foreign", "clientAuth", "DNS:prometheus.example"),
            "self-signed": (stranger.file, stranger.key),
        }

    def use(self, more):
        """Starts greend, or has it read a new web file."""
        write(os.path.join(self.folder, "web.yml"),
              f"tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n{more}")
        if not self.daemon:
            self.start()
            return
        offset = len(self.log_text().encode())
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_for("configuration read again", offset)
        self.url = self.wait_for(r"listening on (https://\S+)", offset)

    def curl(self, *arguments):
        return subprocess.run(["curl", "-s", "-m", "20", *arguments, self.url + "metrics"],
                              capture_output=True, text=True, check=False)

    def served(self):
        """The names of the clients that are answered."""
        names = set()
        for name, files in self.clients.items():
            for version in ("1.2", "1.3"):
                done = self.curl("--cacert", self.authority.file, f"--tlsv{version}", "--tls-max", version,
                                 *(("--cert", files[0], "--key", files[1]) if files else ()))
                if done.returncode == 0 and "greend_build_info" in done.stdout:
                    names.add((name, version))
                else:
                    assert done.stdout == "", (name, done.stdout)
        both = {name for name, _ in names}
        assert len(names) == 2 * len(both), f"TLS 1.2 and 1.3 differ: {names}"
        return both


def check_expiry(web, verdict, healthy):
    """When it ends stands in /metrics; what that means in the status board, and in doctor."""
    text = web.curl("-k").stdout
    told = re.search(r"^greend_web_certificate_expiry_timestamp_seconds (\d+)$", text, re.M)
    end = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in",
                          os.path.join(web.folder, "server.crt")], capture_output=True, text=True, check=True).stdout
    wanted = datetime.datetime.fromisoformat(end.strip().removeprefix("notAfter=").replace("Z", "+00:00"))
    assert told and int(told.group(1)) == wanted.timestamp(), (told, end)
    item = f'greend_collector_item_success{{collector="web",item="certificate"}} {healthy}\n'
    for _ in range(100):  # one edition a second
        if item in text:
            break
        time.sleep(0.1)
        text = web.curl("-k").stdout
    assert item in text, text
    report = json.loads(web.ctl("doctor", "--config", web.config, "--format", "json").stdout)
    check = [check for check in report["checks"] if check["id"] == "certificate"][0]
    assert check["verdict"] == verdict, check
    assert verdict == "ok" or check["mend"] == ["systemctl", "reload", "greend"], check


def main():
    everybody = {"none", "right", "other", "expired", "purpose", "stranger", "self-signed"}
    with Web() as web:
        web.use("")
        assert web.served() == everybody
        check_expiry(web, "warning", 0)  # of two days
        web.use("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n")
        assert web.served() == {"right", "other"}, web.served()
        web.use("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
                "  client_allowed_sans: [other.example, prometheus.example]\n")
        assert web.served() == {"right"}, web.served()
        web.use("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
                "  client_allowed_sans: [192.0.2.7]\n")
        assert web.served() == {"right"}, web.served()
        web.use("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n")
        assert web.served() == {"none", "right", "other"}, web.served()
        web.use("  client_auth_type: RequireAnyClientCert\n")
        assert web.served() == everybody - {"none"}, web.served()
        web.use("  client_auth_type: RequestClientCert\n")
        assert web.served() == everybody, web.served()

        # An expired certificate of the server: told, and served to who does not mind.
        web.authority.sign("server", "serverAuth", days=-1)
        web.use("")
        web.wait_for(r"server\.crt: the certificate has expired on ")
        assert web.curl("--cacert", web.authority.file).returncode == 60
        assert "greend_build_info" in web.curl("-k").stdout
        check_expiry(web, "fault", 0)
        web.authority.sign("server", "serverAuth", days=15)
        web.use("")
        check_expiry(web, "ok", 1)
        assert web.stop() == 0
    print("certificates: asked for, verified and refused as they have to be")


main()
