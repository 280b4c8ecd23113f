#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# Shows greend at work on this machine: installs what it needs, builds it, lets it measure 20 seconds
# of load, prints the report and the head of one scrape, and stops it.
# Nothing is left outside this folder but distribution packages.
set -eu

cd "$(dirname "$0")/.."
seconds=${GREEND_SECONDS:-20}
build=build
demo=$build/quickstart

say() {
    printf '\n== %s\n' "$*"
}

say "packages"
sh packaging/dependencies.sh build run

say "build"
[ -f $build/build.ninja ] || meson setup $build -Dtests=disabled >$build.log 2>&1 || {
    cat $build.log
    exit 1
}
ninja -C $build >$build.log 2>&1 || {
    cat $build.log
    exit 1
}
tail -n 1 $build.log
rm -f $build.log

rm -rf $demo
mkdir -p $demo/run
cat >$demo/greend.conf <<END
[runtime]
directory=$PWD/$demo/run
[store]
database=$PWD/$demo/greend.db
flush=2s
[http]
listen=127.0.0.1:0
END

say "greend measures $seconds seconds of load (sha256sum on one CPU)"
begin=$(date +%s)
$build/daemon/greend --config $demo/greend.conf 2>$demo/greend.log &
greend=$!
load=
stop() {
    [ -z "$load" ] || kill "$load" 2>/dev/null || true
    kill "$greend" 2>/dev/null || true
    wait "$greend" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 1' INT TERM

url=
for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 1
    kill -0 "$greend" 2>/dev/null || {
        cat $demo/greend.log
        exit 1
    }
    url=$(sed -n 's|.*listening on \(http://[^ ]*\).*|\1|p' $demo/greend.log | head -n 1)
    [ -z "$url" ] || break
done

timeout "$seconds" sha256sum /dev/zero &
load=$!
wait "$load" || true
load=
sleep 3

say "what greend said"
cat $demo/greend.log

say "one scrape of ${url:-(no listener)}metrics: the head of it"
if [ -n "$url" ]; then
    curl -sS --noproxy '*' "${url}metrics" >$demo/metrics.txt
    grep -E '^greend_(energy|power|idle|workload_energy)' $demo/metrics.txt | head -n 12
    printf '(%s lines in all: %s)\n' "$(wc -l <$demo/metrics.txt)" "$demo/metrics.txt"
fi

kill "$greend"
wait "$greend" || true
trap - EXIT

say "greend-ctl report"
GREEND_LOCALEDIR="$PWD/$build/po" $build/ctl/greend-ctl report --database "$PWD/$demo/greend.db" --since "@$begin" --top 10
