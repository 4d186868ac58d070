#!/usr/bin/env bash
# An installed Cicada is found by find_package(cicada), and a program built against it runs.
#   package_test.sh CMAKE BUILD_TREE CXX_COMPILER
set -euo pipefail

cmake=$1 build_tree=$2 compiler=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$cmake" --install "$build_tree" --prefix "$scratch/prefix" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
# A copy, so that a path into the project's sources cannot help.
cp "$here/CMakeLists.txt" "$here"/print_id*.cpp "$scratch/"
"$cmake" -S "$scratch" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/prefix" -DCMAKE_CXX_COMPILER="$compiler"
"$cmake" --build "$scratch/build"

expected=8000000000000000000000000000000000000000000000000000000000000001
for program in "$scratch"/build/print_id*; do
  [[ -x $program && -f $program ]] || continue
  printed=$("$program")
  [[ $printed == "$expected" ]] || { echo "$(basename "$program") printed '$printed', expected '$expected'"; exit 1; }
  echo "$(basename "$program") printed $printed"
done
if grep -rn --include='*.cmake' -e "$build_tree" "$scratch/prefix"; then
  echo "the installed package names the build tree"
  exit 1
fi
