#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# greend.service on a booted systemd: it starts, is killed, goes on with the same ring, is restarted, and in
# the end the database holds what went through the meter. Needs root, systemd-nspawn and mmdebstrap.
#
#   nspawn.sh BUILD_FOLDER SOURCE_FOLDER
set -eu
build=$1
source=$2
# shellcheck source=tests/e2e/nspawn-machine.sh
. "$source/tests/e2e/nspawn-machine.sh"
machine_new "$build"

DESTDIR=$scratch/install meson install -C "$build" --no-rebuild >"$scratch/install.log" 2>&1 || {
    cat "$scratch/install.log"
    exit 1
}
tar -C "$scratch/install" -cf - . | tar -C "$scratch/root" --keep-directory-symlink -xf -
cp "$source/tests/e2e/nspawn-meter.pl" "$scratch/media/meter.pl"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$scratch/media/tls.key" -out "$scratch/media/tls.crt" \
    2>"$scratch/openssl.log" || {
    cat "$scratch/openssl.log"
    exit 1
}
machine_run "$source/tests/e2e/web-inside.sh" "$source/tests/e2e/nspawn-inside.sh"
