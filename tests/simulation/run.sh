#!/bin/sh
# run.sh BUILD [RUNS]: build the simulation in the CMake build BUILD, and run it
# for 25 s, or RUNS worlds; then break the rules of the machine, one at a time.
# The fleet runs at the same time, and core/README.md must have its table. All
# parts run, also after a failure.
set -u

build=${1:?usage: run.sh BUILD [RUNS]}
runs=${2:-}
here=$(dirname "$0")
programs=$build/tests/simulation
failed=""

cmake --build "$build" --target simulation fleet -j "$(nproc)" || exit 1
"$programs/fleet" >"$build/fleet.md" &
fleet=$!

echo "== worlds"
if [ -n "$runs" ]; then
    "$programs/simulation" --runs "$runs" || failed="$failed worlds"
else
    "$programs/simulation" --seconds 25 || failed="$failed worlds"
fi

echo "== mutations"
/usr/bin/python3 -B "$here/mutate.py" "$build" || failed="$failed mutations"

echo "== a fleet"
wait $fleet || failed="$failed fleet"
while IFS= read -r line; do
    echo "$line"
    if ! grep -qxF -e "$line" "$here/../../core/README.md"; then
        echo "    which is not so in core/README.md"
        failed="$failed README"
    fi
done <"$build/fleet.md"

if [ -n "$failed" ]; then
    echo "run.sh: failed:$failed" >&2
    exit 1
fi
