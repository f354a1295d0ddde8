#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft build on stand-ins for its tools: an interruption keeps the seeds that were placed, and
# --resume places only the others; it is told once, wherever it comes. One build at a time in a folder.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/interrupt.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "FAIL: $*"; cat "$dir/err"; bad=1; }
. tests/common/stand_in_tools.sh
export MHZ=83.5
build() { echo "$weft" build ulx3s-25f -o "$dir/a" --progress none "$@"; }
told_once() { [ "$(grep -c "^error" "$dir/err")" = 1 ] && grep -q "the same command with --resume" "$dir/err"; }
calls() { paste -sd ' ' "$CALLS"; }

# One at a time: the first has ended, the second is killed, the third was not started.
interrupt seed2 $(build --seeds 3)
got=$?
[ $got -eq 130 ] && told_once || fail "interrupted behind seed 1: exit $got"
[ "$(calls)" = "1 2" ] || fail "not interrupted in seed 2: $(calls)"
[ -s "$dir/a/seed1/stage.sum" ] && [ ! -e "$dir/a/seed2" ] && [ ! -e "$dir/a/seed3" ] || fail "seeds: $(ls "$dir/a")"
interrupt pack $(build --seeds 3 --resume)
got=$?
[ $got -eq 130 ] && told_once || fail "interrupted in the packer: exit $got"
[ "$(calls)" = "1 2 2 3" ] || fail "placed with --resume: $(calls)"
[ ! -e "$dir/a/pack" ] || fail "half a bitstream"
$(build --seeds 3 --resume) >"$dir/out" 2>"$dir/err" || fail "resumed: exit $?"
[ "$(calls)" = "1 2 2 3" ] && [ -s "$dir/a/pack/ulx3s-25f.bit" ] || fail "resumed behind the packer: $(calls)"
# A second build in the folder is refused before it writes a line of its own machine
sha256sum "$dir"/a/*.sv >"$dir/packages"
flock "$dir/a/.lock" $(build -c stress) >"$dir/out" 2>"$dir/err"
got=$?
[ $got -eq 3 ] && grep -q "another build works in it" "$dir/err" || fail "two builds in a folder: exit $got"
sha256sum -c --quiet "$dir/packages" || fail "a build that was refused changed the packages of the one that runs"
# A packer that fails is an error of its own, with its log
printf '#!/bin/sh\necho "ERROR: no such row"\nexit 3\n' >"$dir/venv/bin/yowasp-ecppack"
$(build --seeds 3) >"$dir/out" 2>"$dir/err"
got=$?
[ $got -eq 8 ] && grep -q "no such row" "$dir/err" && grep -q "read $dir/a/pack.log" "$dir/err" || fail "the packer failed: exit $got"
exit $bad
