# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Certificates for tests, made by openssl in a folder of the test's own, and hashes of passwords."""

import os
import subprocess

# Of "secret" and of "renewed", as crypt(3) makes them; the number is the cost.
SECRET_4 = "$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
SECRET_10 = "$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"
RENEWED_4 = "$2y$04$abcdefghijklmnopqrstuu5RbLj3eKs.ur5Itp3gD97Uaai3FU28K"

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)


def write(path, text, mode=0o640):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class Authority:
    """Signs certificates. `file` is its own."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.file = os.path.join(folder, name + ".crt")
        self.key = os.path.join(folder, name + ".key")
        openssl("req", "-x509", *NEW_KEY, "-keyout", self.key, "-out", self.file, "-subj", f"/CN={name}",
                "-days", "2")

    def sign(self, name, usage, san="IP:127.0.0.1", days=2):
        """(certificate, key): paths. A negative number of days: it has expired."""
        crt, key, csr = (os.path.join(self.folder, f"{name}.{end}") for end in ("crt", "key", "csr"))
        openssl("req", "-new", *NEW_KEY, "-keyout", key, "-out", csr, "-subj", f"/CN={name}")
        write(csr + ".ext", f"subjectAltName={san}\nextendedKeyUsage={usage}\n")
        openssl("x509", "-req", "-in", csr, "-CA", self.file, "-CAkey", self.key, "-set_serial",
                str(int.from_bytes(os.urandom(8), "big") >> 1), "-days", str(days), "-extfile", csr + ".ext",
                "-out", crt)
        os.chmod(key, 0o640)
        return crt, key
