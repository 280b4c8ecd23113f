# shellcheck shell=sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# For what runs inside a booted machine and has greend serve by TLS and a password.

# web_file FOLDER: names a web file in the configuration, with the certificate and the key that stand in FOLDER; key
# and web file are readable by group greend. Which may take effect by a restart or by a reload.
web_file() {
    install -m 0644 "$1/tls.crt" /etc/greend/tls.crt
    install -g greend -m 0640 "$1/tls.key" /etc/greend/tls.key
    install -g greend -m 0640 /dev/null /etc/greend/web.yml
    cat >/etc/greend/web.yml <<'END'
tls_server_config:
  cert_file: tls.crt
  key_file: tls.key
basic_auth_users:
  prometheus: $2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u
END
    mkdir -p /etc/greend/greend.conf.d
    printf '[http]\nweb_file=/etc/greend/web.yml\n' >/etc/greend/greend.conf.d/web.conf
}

# asked PASSWORD: the status that a scrape with it is answered with.
asked() {
    curl -s -m 60 -o /dev/null -w '%{http_code}' --cacert /etc/greend/tls.crt -u "prometheus:$1" https://127.0.0.1:9841/metrics || true
}

# serves: waits, at most a minute, until the right password is answered; a wrong one is refused, and so is clear text.
serves() {
    for _ in $(seq 60); do
        [ "$(asked secret)" != 200 ] || break
        sleep 1
    done
    [ "$(asked secret)" = 200 ]
    [ "$(asked wrong)" = 401 ]
    if curl -s -m 60 http://127.0.0.1:9841/metrics | grep -aq '^greend_'; then
        return 1
    fi
}
