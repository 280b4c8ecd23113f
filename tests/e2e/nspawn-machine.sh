# shellcheck shell=sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# A machine with a booted systemd, thrown away afterwards; for the tests that source it. Needs root,
# systemd-nspawn and mmdebstrap. Sets $scratch, a folder of the test's own.

skip() {
    echo "$*"
    exit 77
}

# machine_new CACHE_FOLDER: the machine's files are in $scratch/root, and what it shares in $scratch/media.
machine_new() {
    # shellcheck source=/dev/null
    suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    command -v systemd-nspawn >/dev/null || skip "systemd-nspawn is not installed"
    command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed (or this is not Debian)"
    unshare -n true 2>/dev/null || skip "may not make a network namespace"

    # What greend links, and what the tests call in there.
    include=systemd-sysv,dbus,udev,libmicrohttpd12,libsensors5,libsqlite3-0,libinih1,libjansson4,libyaml-0-2,sqlite3,procps,curl,rpm
    cache=${GREEND_CACHE:-$1}/nspawn-root-$suite-$(echo "$include" | cksum | cut -d ' ' -f 1)
    # Whoever comes second waits for the first.
    (
        flock 9
        [ -e "$cache.done" ] || {
            rm -rf "$cache"
            mmdebstrap -q --variant=minbase --include="$include" "$suite" "$cache" && touch "$cache.done"
        }
    ) 9>"$cache.lock" || skip "cannot make a Debian root: no package mirror?"

    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    mkdir -p "$scratch/root" "$scratch/media" "$scratch/upper" "$scratch/work"
    mount -t overlay overlay \
        -o "lowerdir=$cache,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root" ||
        skip "may not mount an overlay"
    trap 'umount "$scratch/root" 2>/dev/null || true; rm -rf "$scratch"' EXIT
}

# machine_run SCRIPT...: boots the machine, runs the scripts in it, one after the other as one (sh -eux), and switches
# it off. Shows their output; fails as they do.
machine_run() {
    cat "$(dirname "$1")/inside.sh" "$@" >"$scratch/media/run.sh"
    cat >"$scratch/root/etc/systemd/system/e2e.service" <<END
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c '/bin/sh -eux /mnt/e2e/run.sh >/mnt/e2e/log 2>&1 && echo passed >/mnt/e2e/result; systemctl --no-block poweroff'
[Install]
WantedBy=default.target
END
    mkdir -p "$scratch/root/etc/systemd/system/default.target.wants"
    ln -s ../e2e.service "$scratch/root/etc/systemd/system/default.target.wants/e2e.service"
    timeout 300 unshare -n sh -c "ip link set lo up 2>/dev/null; exec systemd-nspawn -q -D '$scratch/root' \
        --register=no --keep-unit --bind='$scratch/media:/mnt/e2e' --capability=all --boot </dev/null" \
        >"$scratch/console" 2>&1 || true
    cat "$scratch/media/log" 2>/dev/null || cat "$scratch/console"
    grep -q passed "$scratch/media/result" 2>/dev/null
}
