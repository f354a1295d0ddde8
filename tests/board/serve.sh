# SPDX-License-Identifier: Apache-2.0
# Sourced: serve KIND BOARD MACHINE [key=value]... starts board-serve and sets
# $port; unserve ends it. One board at a time; needs $build and $t (a folder).
serve() {
  rm -f "$t/in" "$t/path"
  mkfifo "$t/in"
  "$build/board-serve" "$@" <"$t/in" >"$t/path" 2>"$t/serve.log" &
  serve_pid=$!
  exec 9>"$t/in"
  for _ in $(seq 1 6000); do      # the simulator is built first
    [ -s "$t/path" ] && break
    kill -0 "$serve_pid" 2>/dev/null || break
    sleep 0.1
  done
  port=$(cat "$t/path")
  [ -n "$port" ] || { echo "board-serve $*: $(cat "$t/serve.log")"; exit 1; }
}
unserve() {
  exec 9>&-
  wait "$serve_pid"
}
