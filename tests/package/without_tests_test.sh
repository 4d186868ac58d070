#!/usr/bin/env bash
# The programs are configured without anything that only tests need, and building them builds no test and no benchmark.
#   without_tests_test.sh CMAKE SOURCE_FOLDER CXX_COMPILER
set -euo pipefail

cmake=$1 source_folder=$2 compiler=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

hidden=()
for package in Catch2 rapidcheck Python3; do
  hidden+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON")
done
"$cmake" -S "$source_folder" -B "$scratch" -G Ninja -D CMAKE_CXX_COMPILER="$compiler" -D CICADA_TESTS=OFF "${hidden[@]}" \
  >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }

inputs=$(ninja -C "$scratch" -t inputs cicada-sim cicada-node | grep '\.cpp$')
grep -q '/tools/cicada-sim/main\.cpp$' <<<"$inputs" || { echo "cicada-sim is built without its main.cpp?"; exit 1; }
if grep -E '/(tests|tools/bench|tools/examples)/' <<<"$inputs"; then
  echo "the programs are built with what they do not need (above)"
  exit 1
fi
