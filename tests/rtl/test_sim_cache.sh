#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The simulator cache, with a stub machine that builds in seconds: concurrent
# first uses build once, a kill in mid-build harms nothing, a change is never
# answered by a stale simulator, absent tools and foreign folders are errors.
set -u
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
command -v verilator >/dev/null && command -v g++ >/dev/null || { echo "SKIP sim_cache: no verilator or g++"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/root/rtl" "$dir/cache"
cp -r sim "$dir/root/sim"
cp tests/rtl/top/weft_top.sv "$dir/root/rtl/weft_top.sv"
WEFT_ROOT=$dir/root XDG_CACHE_HOME=$dir/cache
export WEFT_ROOT XDG_CACHE_HOME
bad=0
fail() { echo "FAIL: $*"; bad=1; }
use() { "$build/weft" run "$dir/net.weft" --backend rtl --seed 1 --progress none >>"$dir/out" 2>&1; }
count() { find "$dir/cache/weft" -maxdepth 1 -name "$1" | wc -l; }

"$build/weft" compile tests/fuzz/corpus/model/own_conv.tflite -c tiny -o "$dir/net.weft" || exit 1

# A kill in mid-build: nothing whole is left, and the next use builds.
setsid "$build/weft" run "$dir/net.weft" --backend rtl --seed 1 --progress none >/dev/null 2>&1 &
pid=$!
for _ in $(seq 100); do
  [ "$(count 'work-*' 2>/dev/null)" -gt 0 ] && break
  sleep 0.05
done
[ "$(count 'work-*')" -gt 0 ] || fail "no build was under way"
kill -KILL $pid
wait $pid 2>/dev/null
[ "$(count 'sim-*.so')" -eq 0 ] || fail "a simulator after a kill in mid-build"

# A compiler that outlives its weft writes on while its folder is removed.
left=$dir/cache/weft/work-$(basename "$dir"/cache/weft/lock-* | sed 's/lock-//').1
rm -f "$dir"/cache/weft/build-*.log   # there again when old folders were removed
( i=0
  while [ $i -lt 5 ]; do
    mkdir -p "$left" && : >"$left/$(date +%N)"
    [ "$(cat "$dir"/cache/weft/build-*.log | wc -c)" -eq 0 ] || i=$((i + 1))
    sleep 0.05
  done ) 2>/dev/null &
writer=$!

# Concurrent first uses: both work, one simulator, one log, no work folder.
use & first=$!
use & second=$!
wait $first || fail "first concurrent use: exit $?"
wait $second || fail "second concurrent use: exit $?"
kill -0 $writer 2>/dev/null && fail "the build ended before the writer: this test sees nothing"
[ "$(count 'sim-*.so')" -eq 1 ] || fail "$(count 'sim-*.so') simulators of one machine"
[ "$(count 'work-*')" -eq 0 ] || fail "a work folder is left"
[ "$(grep -c 'verilated.cpp' "$dir"/cache/weft/build-*.log)" -eq 1 ] || fail "it was not built exactly once"
[ "$(stat -c %a "$dir/cache/weft")" = 700 ] || fail "the cache folder has mode $(stat -c %a "$dir/cache/weft")"

# Used again without building; but a change must not be answered by the old one.
mkdir "$dir/bin"
printf '#!/bin/sh\nexit 3\n' >"$dir/bin/make"
chmod +x "$dir/bin/make"
PATH=$dir/bin:$PATH use || fail "a cached simulator wants a build"
echo "// changed" >>"$dir/root/rtl/weft_top.sv"
PATH=$dir/bin:$PATH use
[ $? -eq 8 ] || fail "changed RTL, build impossible: not exit 8"
[ "$(count 'sim-*.so')" -eq 1 ] || fail "a failed build left a simulator"
[ "$(count 'work-*')" -eq 0 ] || fail "a failed build left its work folder"

# A simulator that lost its end is built again, never loaded.
library=$(find "$dir/cache/weft" -maxdepth 1 -name 'sim-*.so')
sed -i '/^\/\/ changed$/d' "$dir/root/rtl/weft_top.sv"
truncate -s 20000 "$library"
use || fail "a truncated simulator: exit $?"
[ "$(stat -c %s "$library")" -gt 20000 ] || fail "a truncated simulator was not built again"

# Folders above the cache are made; a space is refused before anything is built.
( XDG_CACHE_HOME=$dir/deep/er/cache; PATH=$dir/bin:$PATH; use ); [ -d "$dir/deep/er/cache/weft" ] || fail "folders above the cache"
( XDG_CACHE_HOME="$dir/a b"; use ); [ $? -eq 3 ] || fail "a cache path with a space: not exit 3"

# Another Verilator is another simulator, never the old one.
printf '#!/bin/sh\nexit 3\n' >"$dir/bin/verilator"
chmod +x "$dir/bin/verilator"
PATH=$dir/bin:$PATH use
[ $? -eq 8 ] || fail "another verilator, build impossible: not exit 8"

# No Verilator at all: exit 8, and the message names the package.
mkdir "$dir/few"
for t in g++ gcc make sh; do ln -s "$(command -v $t)" "$dir/few/$t"; done
PATH=$dir/few "$build/weft" run "$dir/net.weft" --backend rtl --seed 1 --progress none >"$dir/none" 2>&1
[ $? -eq 8 ] || fail "no verilator: not exit 8"
grep -q 'apt-get install verilator' "$dir/none" || fail "no verilator: $(cat "$dir/none")"

# A cache that others can write into is not executed from.
rm -rf "$dir/cache/weft"
ln -s "$dir/root" "$dir/cache/weft"
use
[ $? -eq 3 ] || fail "a symbolic link as the cache folder: not exit 3"

[ $bad -eq 0 ] && echo "cache: killed build, concurrent uses, stale, tools, folder: as decided"
[ $bad -eq 0 ] || tail -n 20 "$dir/out"
exit $bad
