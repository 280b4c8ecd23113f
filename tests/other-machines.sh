#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Other machines than this one, by Debian's cross compilers: a big-endian one (s390x) and one of 32 bits (i386). greend is
# built for each, and what can be is run under qemu's user emulation: all unit tests, the replay of all fuzz
# corpora, parsers, the ring's file and the store.
#
#   sh tests/other-machines.sh [i386|s390x]...     both; builds in build-machines
#
# Not in CI: minutes to build, and emulation is slow. Debian on amd64 alone.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/build-machines
mkdir -p "$out"
sh packaging/dependencies.sh build machines

# What watches living processes would see the emulator's; what computes for long takes hours there.
suites="--suite unit --suite fuzz"
others="cgroup cpu_packages exit_record parse_proc rapl reading ring_file smbios store"

# sysroot ARCHITECTURE: what greend links, unpacked and not installed.
sysroot() {
    root=$out/$1/root
    [ ! -e "$root.done" ] || return 0
    rm -rf "$root"
    mkdir -p "$out/$1"
    # shellcheck source=/dev/null
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # The release alone, from where this machine has it.
    # shellcheck disable=SC2016
    from=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" "Created-By: Packages" | head -n 1)
    mmdebstrap -q --variant=extract --architectures="$1" \
        --include=libc6-dev,libsystemd-dev,libsensors-dev,libsqlite3-dev,libmicrohttpd-dev,libinih-dev,libjansson-dev \
        --include=zlib1g-dev,libyaml-dev,libgnutls28-dev,libcrypt-dev,libcmocka-dev,tzdata \
        "$suite" "$root" "deb $from $suite main" || return 1
    # Links to the root of a machine are to be links to this folder.
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -snf "$root$(readlink "$link")" "$link"
    done
    touch "$root.done"
}

# machine ARCHITECTURE TRIPLET CPU-FAMILY CPU ENDIAN: built and tested.
machine() {
    sysroot "$1" || return 1
    build=$out/$1/build
    cat >"$out/$1/cross.ini" <<END
[binaries]
c = ['$2-gcc', '--sysroot=$root']
ar = '$2-ar'
strip = '$2-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-$1', '-L', '$root']
[properties]
sys_root = '$root'
pkg_config_libdir = ['$root/usr/lib/$1-linux-gnu/pkgconfig', '$root/usr/share/pkgconfig']
needs_exe_wrapper = true
[host_machine]
system = 'linux'
cpu_family = '$3'
cpu = '$4'
endian = '$5'
END
    [ -f "$build/build.ninja" ] || meson setup "$build" --cross-file "$out/$1/cross.ini" -Dwerror=true || return 1
    ninja -C "$build" build.ninja >/dev/null || return 1 # it may know nothing of new tests
    # shellcheck disable=SC2086 # names of tests hold no blanks
    python3 tests/totals.py targets "$build" $suites $others >"$build/targets" || return 1
    xargs ninja -C "$build" daemon/greend ctl/greend-ctl <"$build/targets" || return 1
    status=0
    # shellcheck disable=SC2086
    meson test -C "$build" --no-rebuild --timeout-multiplier 20 --print-errorlogs $suites || status=1
    # shellcheck disable=SC2086
    meson test -C "$build" --no-rebuild --timeout-multiplier 20 --print-errorlogs --logbase others $others || status=1
    return $status
}

[ $# -gt 0 ] || set -- i386 s390x
failed=0
for name in "$@"; do
    case $name in
    i386) machine i386 i686-linux-gnu x86 i686 little || failed=1 ;;
    s390x) machine s390x s390x-linux-gnu s390x s390x big || failed=1 ;;
    *) printf 'other-machines.sh: unknown machine %s: expected i386 or s390x\n' "$name" >&2 && exit 2 ;;
    esac
done
exit $failed
