#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# A whole machine, emulated: Debian's own kernel, a real systemd, udev, AppArmor and cgroup v2; a real lm75 and
# a real ACPI power meter (the kernel's drivers on emulated hardware), an energy meter that appears while
# greend runs, taskstats under systemd. It is booted twice: as Debian boots (qemu-inside.sh), and with cgroup v1
# alone, no IPv6 and the kernel in FIPS mode (qemu-legacy.sh). By hand or nightly, since it takes many minutes:
#
#   sh packaging/dependencies.sh build deb qemu
#   meson test -C build --suite long qemu -v
#
# Needs root. The machine's packages come from Debian's mirror, once: they are kept in $GREEND_CACHE (the build
# folder). GREEND_DEB names a package that is built already; GREEND_BOOTS says which boots (inside legacy);
# GREEND_LOGS is a folder that keeps their logs.
#
#   qemu.sh BUILD_FOLDER SOURCE_FOLDER
set -eu
build=$1
source=$2
release=bookworm
here=$source/tests/e2e
# shellcheck source=tests/packaging/built-packages.sh
. "$source/tests/packaging/built-packages.sh"

skip() {
    echo "$*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "needs root"
[ "$(uname -m)" = x86_64 ] || skip "the machine that is emulated is an x86-64, from packages of this machine's own kind"
for program in qemu-system-x86_64 iasl mmdebstrap mkfs.ext4 dpkg-buildpackage dh openssl; do
    command -v $program >/dev/null ||
        skip "$program is not installed: sh packaging/dependencies.sh build deb qemu"
done

# What greend links, what the machine is made of, what the scripts call in there. Debian's kernel, since the
# cloud one has no sensors; its headers, to build the energy meter with.
include=systemd-sysv,dbus,udev,kmod,apparmor,linux-image-amd64,linux-headers-amd64,make,initramfs-tools,i2c-tools,lm-sensors
include=$include,libmicrohttpd12,libsensors5,libsqlite3-0,libinih1,libjansson4,libyaml-0-2,sqlite3,procps,perl-base,curl
cache=${GREEND_CACHE:-$build}/qemu-root-$release-$(echo "$include" | cksum | cut -d ' ' -f 1)
if [ ! -e "$cache.done" ]; then
    rm -rf "$cache"
    # A small initrd, and only one: it is set before the kernel comes.
    # shellcheck disable=SC2016 # $1 is the hook's
    mmdebstrap -q --variant=minbase --include="$include" \
        --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"' \
        --essential-hook='printf "MODULES=list\nCOMPRESS=gzip\n" >"$1/etc/initramfs-tools/conf.d/small"' \
        --essential-hook='printf "virtio_pci\nvirtio_blk\next4\n" >"$1/usr/share/initramfs-tools/modules.d/small"' \
        "$release" "$cache" || skip "cannot make a Debian root: no package mirror?"
    touch "$cache.done"
fi

scratch=$(mktemp -d)
logs=${GREEND_LOGS:-$scratch}
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/media" "$scratch/root" "$scratch/upper" "$scratch/work" "$logs"
mount -t overlay overlay -o "lowerdir=$cache,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root" ||
    skip "may not mount an overlay"
trap 'umount -R "$scratch/root" 2>/dev/null || true; rm -rf --one-file-system "$scratch"' EXIT
root=$scratch/root

# or_show LOG COMMAND...: quiet unless it fails.
or_show() {
    log=$1
    shift
    "$@" >"$log" 2>&1 || {
        cat "$log"
        exit 1
    }
}

deb=${GREEND_DEB:-}
if [ -z "$deb" ]; then
    packages=$(built_packages deb "$build/packages" "$source")
    deb=$(ls "$packages"/greend_*.deb)
fi
cp "$deb" "$scratch/media/greend.deb"
cp "$here/qemu-common.sh" "$here/qemu-inside.sh" "$here/qemu-legacy.sh" "$here/web-inside.sh" "$scratch/media/"

or_show "$scratch/tls.log" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$scratch/media/tls.key" -out "$scratch/media/tls.crt"

# The energy meter, with the machine's own compiler, for the machine's own kernel.
mkdir "$root/root/module"
cp "$here/qemu/fake_rapl.c" "$root/root/module/"
echo 'obj-m := fake_rapl.o' >"$root/root/module/Kbuild"
# shellcheck disable=SC2016 # $headers is the machine's
or_show "$scratch/module.log" chroot "$root" sh -c \
    'for headers in /lib/modules/*/build; do make -s -C "$headers" M=/root/module modules || exit 1; done'
cp "$root/root/module/fake_rapl.ko" "$scratch/media/"
or_show "$scratch/iasl.log" iasl -p "$scratch/power_meter" "$here/qemu/power_meter.asl"

# What runs at the end of a boot: the script that the kernel's command line names.
cat >"$root/etc/systemd/system/e2e.service" <<'END'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStartPre=/bin/mount -o ro /dev/vdb /mnt
ExecStart=/bin/sh /mnt/boot.sh
[Install]
WantedBy=default.target
END
cat >"$scratch/media/boot.sh" <<'END'
script=$(sed -n 's/.*greend_script=\([a-z]*\).*/\1/p' /proc/cmdline)
(sh -eux "/mnt/qemu-$script.sh" && echo 'result: passed') >/dev/ttyS1 2>&1
systemctl --no-block poweroff
END
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -s ../e2e.service "$root/etc/systemd/system/default.target.wants/e2e.service"
# Nobody logs in, and no timer may wake while shares are measured.
rm -f "$root/etc/systemd/system/getty.target.wants/"*
for timer in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
    ln -sf /dev/null "$root/etc/systemd/system/$timer.timer"
done

# The compiler's headers have done their work, and are most of the machine's files.
mkdir "$scratch/empty"
mount --bind "$scratch/empty" "$root/usr/src"
truncate -s 4G "$scratch/base.ext4"
or_show "$scratch/mkfs.log" mkfs.ext4 -q -d "$root" "$scratch/base.ext4"
truncate -s 64M "$scratch/media.ext4"
or_show "$scratch/mkfs.log" mkfs.ext4 -q -d "$scratch/media" "$scratch/media.ext4"
kernel=$(ls "$root"/boot/vmlinuz-*)
initrd=$(ls "$root"/boot/initrd.img-*)

# machine SCRIPT ACPI_TABLE [KERNEL_ARGUMENT...]: boots it, runs the script in it, shows what it says.
machine() {
    script=$1
    table=$2
    shift 2
    status=0
    # No KVM, so that it runs where there is none.
    timeout 3500 qemu-system-x86_64 -accel tcg,thread=multi -M q35 -cpu max -smp 2 -m 1024 -nodefaults \
        -nographic -no-reboot -kernel "$kernel" -initrd "$initrd" \
        -append "root=/dev/vda rw console=ttyS0 panic=-1 greend_script=$script $*" \
        -drive "file=$scratch/base.ext4,if=virtio,format=raw,snapshot=on" \
        -drive "file=$scratch/media.ext4,if=virtio,format=raw,readonly=on" \
        -chardev "file,id=console,path=$logs/$script.console" -serial chardev:console \
        -chardev "file,id=log,path=$logs/$script.log" -serial chardev:log \
        ${table:+-acpitable "file=$table"} </dev/null >"$scratch/qemu" 2>&1 || status=$?
    echo "== $script"
    tr -d '\r' <"$logs/$script.log" >"$scratch/log"
    cat "$scratch/log"
    grep -qx 'result: passed' "$scratch/log" || {
        echo "$script: qemu ended with status $status"
        tail -n 40 "$scratch/qemu" "$logs/$script.console"
        exit 1
    }
}

for boot in ${GREEND_BOOTS:-inside legacy}; do
    case $boot in
    inside) machine inside "$scratch/power_meter.aml" ;;
    legacy)
        machine legacy '' systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1 \
            ipv6.disable=1 fips=1
        ;;
    *) echo "qemu.sh: unknown boot $boot" >&2 && exit 2 ;;
    esac
done
