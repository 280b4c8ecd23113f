#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Installs the distribution packages that greend is built from, and nothing else.
#
#   sh packaging/dependencies.sh [GROUP ...]
#
# Groups: build (the default), run (what the quick start calls besides), deb and rpm (what builds packages),
# tests (what the tests call), and what is called besides by tests/coverage.sh (coverage), tests/analyse.sh
# (analyse), tests/other-machines.sh (machines: Debian on amd64 alone) and tests/e2e/qemu.sh (qemu: the same).
# Debian, Ubuntu (apt-get), Fedora, RHEL and their kin (dnf). Asks nothing. Packages that are there
# already are left as they are. Needs root, or sudo that asks for no password.
# With GREEND_DRY_RUN=1 the commands are printed and not run.
set -eu

[ $# -gt 0 ] || set -- build

say() {
    printf 'dependencies.sh: %s\n' "$*" >&2
}

# Runs a command as root.
as_root() {
    if [ -n "${GREEND_DRY_RUN:-}" ]; then
        printf '%s\n' "$*"
    elif [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n true || {
            say "sudo wants a password. Run this once: sudo $*"
            exit 1
        }
        sudo -n "$@"
    else
        say "packages are missing and this is not root. Run as root: $*"
        exit 1
    fi
}

unknown_group() {
    say "unknown group '$1': expected build, run, deb, rpm, tests, coverage, analyse, machines or qemu"
    exit 2
}

debian_packages() {
    for group in "$@"; do
        case $group in
        build)
            echo gcc libc6-dev meson ninja-build pkg-config libsystemd-dev libsensors-dev \
                libsqlite3-dev libmicrohttpd-dev libinih-dev libjansson-dev zlib1g-dev gettext \
                libyaml-dev libgnutls28-dev libcrypt-dev
            ;;
        run) echo curl ca-certificates ;;
        deb) echo build-essential dpkg-dev debhelper systemd ;;
        rpm) echo rpm ;;
        tests)
            echo libcmocka-dev prometheus sqlite3 tzdata python3 shellcheck clang libclang-rt-dev clang-format clang-tidy \
                valgrind systemd-container mmdebstrap util-linux ccache \
                iproute2 procps binutils groff-base zsh curl openssl build-essential dpkg-dev debhelper lintian rpm rpmlint
            ;;
        coverage) echo gcovr ;;
        analyse) echo cppcheck clang-tools ;;
        machines)
            echo gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user mmdebstrap
            ;;
        qemu) echo qemu-system-x86 acpica-tools mmdebstrap e2fsprogs openssl ;;
        *) unknown_group "$group" ;;
        esac
    done
}

fedora_packages() {
    for group in "$@"; do
        case $group in
        build)
            echo gcc meson ninja-build pkgconf-pkg-config systemd-devel lm_sensors-devel \
                sqlite-devel libmicrohttpd-devel inih-devel jansson-devel zlib-devel gettext \
                libyaml-devel gnutls-devel libxcrypt-devel
            ;;
        run) echo curl ;;
        deb) say "a .deb is built on Debian or Ubuntu" && exit 2 ;;
        rpm) echo rpm-build systemd-rpm-macros ;;
        tests)
            echo libcmocka-devel sqlite tzdata python3 ShellCheck clang compiler-rt clang-tools-extra valgrind ccache \
                systemd-container util-linux iproute procps-ng libasan libubsan libtsan binutils groff zsh curl openssl \
                rpm-build rpmlint systemd-rpm-macros
            ;;
        coverage) echo gcovr ;;
        analyse) echo cppcheck clang-analyzer ;;
        machines) say "the other machines are Debian's: on Debian or Ubuntu" && exit 2 ;;
        qemu) say "the machine that tests/e2e/qemu.sh makes is Debian's: on Debian or Ubuntu" && exit 2 ;;
        *) unknown_group "$group" ;;
        esac
    done
}

debian_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The arguments that a check does not find installed.
missing() {
    check=$1
    shift
    for package in "$@"; do
        "$check" "$package" || printf '%s ' "$package"
    done
}

install_debian() {
    packages=$(debian_packages "$@") || exit 2
    # shellcheck disable=SC2086 # package names hold no blanks
    wanted=$(missing debian_installed $packages)
    [ -n "$wanted" ] || return 0
    say "installing: $wanted"
    as_root apt-get -q -o DPkg::Lock::Timeout=300 update
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        --no-install-recommends install $wanted
}

fedora_installed() {
    rpm -q --whatprovides "$1" >/dev/null 2>&1
}

install_fedora() {
    packages=$(fedora_packages "$@") || exit 2
    # shellcheck disable=SC2086
    wanted=$(missing fedora_installed $packages)
    [ -n "$wanted" ] || return 0
    say "installing: $wanted"
    # RHEL and its kin keep -devel packages in CodeReady Builder, under one of these names.
    enable=
    for repository in crb powertools "codeready-builder-for-rhel-9-$(uname -m)-rpms"; do
        if dnf -q repolist --all 2>/dev/null | grep -q "^$repository "; then
            enable="--enablerepo=$repository"
        fi
    done
    # shellcheck disable=SC2086
    as_root dnf -y --setopt=install_weak_deps=False $enable install $wanted
}

# The dry run shows the commands of a system that this machine is not.
manager=${GREEND_PACKAGE_MANAGER:-}
if [ -z "$manager" ]; then
    for candidate in apt-get dnf; do
        command -v "$candidate" >/dev/null 2>&1 && manager=$candidate && break
    done
fi

case $manager in
apt-get) install_debian "$@" ;;
dnf) install_fedora "$@" ;;
*)
    say "neither apt-get nor dnf is here. Install these, under your system's names:"
    debian_packages "$@" >&2
    exit 1
    ;;
esac
