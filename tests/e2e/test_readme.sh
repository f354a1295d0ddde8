#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands of README.md as they stand: what needs neither Verilator nor the board
# tools runs, of the others every option is known to its verb; files exist.
set -u
build=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0 bad=0
net=tests/models/cnn_mnist_int8.tflite
sed -n '/^```$/,/^```$/p' README.md | grep '^net=\|^build/weft ' | sed 's/ *# .*//; s/ && /\n/g' >"$dir/lines"
grep -q "^net=$net\$" "$dir/lines" || { echo "README.md names another network than this test"; bad=1; }
while read -r line; do
  case $line in net=*) continue ;; esac
  command=$(echo "$line" | sed "s|build/out|$dir/out|g; s|build/net.weft|$dir/net.weft|g; s|build/ex |$dir/ex |; s|^build/weft|$build/weft|")
  case $line in *' rtl'* | *'weft sim '* | *'weft doctor '* | *'weft explore '* | *'weft build '* | *'weft deploy '*)
    command="$command --help" ;;
  esac
  n=$((n + 1))
  eval "$command" >"$dir/said" 2>&1 </dev/null || { echo "FAILED: $line"; cat "$dir/said"; bad=1; }
done <"$dir/lines"
[ $n -ge 10 ] || { echo "only $n commands in README.md"; bad=1; }
"$build/weft" run "$dir/out/model.tflite" --input tests/models/mnist300_int8.bin --labels tests/models/mnist300_labels.txt |
  grep 'top-1 accuracy 29[0-9]/300' || { echo "the network of 'weft optimize' lost its accuracy"; bad=1; }
echo "$n commands of README.md"
exit $bad
