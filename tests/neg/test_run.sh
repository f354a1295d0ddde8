#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The runner itself: a failure, a time-out and a killed test are red, a skip is
# counted and is not green by silence.
set -u
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
bad=0
script() { printf '#!/bin/sh\n%s\n' "$2" >"$t/$1"; chmod +x "$t/$1"; }
script pass 'exit 0'
script fail 'echo reason; exit 3'
script skip 'echo needs a thing; exit 77'
script slow 'sleep 20'
script case 'echo "[  SKIPPED ] one"; echo "[  SKIPPED ] 1 test(s), listed below:"'
expect() { # exit code, text, tests
  want=$1 text=$2; shift 2
  BUILD=$t WEFT_TEST_TIMEOUT=2 tests/run.sh "$@" >"$t/out" 2>&1
  status=$?
  { [ $status -eq "$want" ] && grep -qF -- "$text" "$t/out"; } || { bad=$((bad + 1)); echo "$*: exit $status"; cat "$t/out"; }
}
expect 0 "1 tests ran, 0 failed, 0 skipped" "$t/pass"
expect 1 "reason" "$t/pass" "$t/fail"
expect 1 "2 tests ran, 1 failed" "$t/pass" "$t/fail"
expect 1 "exit 124" "$t/slow"
expect 0 "1 tests ran, 0 failed, 1 skipped" "$t/pass" "$t/skip"
expect 0 "SKIPPED tests need WEFT_MODELS" "$t/skip"
expect 0 "1 cases skipped in others" "$t/case"
expect 1 "1 failed" "$t/absent"
echo "8 cases, $bad bad"
[ $bad -eq 0 ]
