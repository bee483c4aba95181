#!/bin/sh
# run.sh BUILD [DEPTH | full]: explore every sequence of 5 events, or of DEPTH,
# with the program in the CMake build BUILD; tests/README.md must have the
# figures of 4. Those of the last event, which several processes share, differ a
# little, by which of two states that are merged comes first. Then break the
# rules of the machine, one at a time. `full` explores 6 events. All parts run,
# also after a failure.
set -u

build=${1:?usage: run.sh BUILD [DEPTH | full]}
depth=${2:-5}
here=$(dirname "$0")
explore=$build/tests/explore/explore
figures=$build/explore.txt
failed=""

cmake --build "$build" --target explore -j "$(nproc)" || exit 1
if [ "$depth" = full ]; then
    depth=6
fi

echo "== sequences that broke a rule once"
while read -r sequence; do
    case $sequence in
    "" | "#"*) continue ;;
    esac
    # Its words are the start and the events.
    # shellcheck disable=SC2086
    if ! "$explore" $sequence >"$figures" </dev/null; then
        cat "$figures"
        echo "    $sequence"
        failed="$failed sequence"
    fi
done <"$here/sequences"

echo "== every sequence"
"$explore" "$depth" >"$figures" || failed="$failed rules"
while IFS= read -r line; do
    echo "$line"
    case $line in
    "4 events:"*)
        if [ "$depth" -gt 4 ] &&
            ! grep -qxF -e "$line" "$here/../README.md"; then
            echo "    which is not so in tests/README.md"
            failed="$failed README"
        fi
        ;;
    esac
done <"$figures"

echo "== mutations"
/usr/bin/python3 -B "$here/../simulation/mutate.py" --explore "$build" ||
    failed="$failed mutations"

if [ -n "$failed" ]; then
    echo "run.sh: failed:$failed" >&2
    exit 1
fi
