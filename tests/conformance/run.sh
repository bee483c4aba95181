#!/bin/sh
# run.sh BUILD: build the programs that are held against references, and hold
# them. Every reference is asked, also after a difference.
set -u

build=${1:?usage: run.sh BUILD}
here=$(dirname "$0")
failed=""

# hold NAME FILE: what NAME.py finds in a file of the build.
hold() {
    echo "== $1"
    /usr/bin/python3 -u -B "$here/$1.py" "$build/$2" || failed="$failed $1"
}

cmake --build "$build" --target conformance || exit 1
sh "$here/../unicode_data.sh" || exit 1
hold unicode core/libsegjob_core.a
hold endpoint tests/conformance/conformance_endpoint
hold match tests/conformance/conformance_match
hold json_reader tests/conformance/conformance_json_reader
hold request tests/conformance/conformance_request
hold job tests/conformance/conformance_job
hold retry tests/conformance/conformance_retry
hold http_reader tests/conformance/conformance_http
hold http_errors tests/conformance/conformance_http
if [ -n "$failed" ]; then
    echo "run.sh: failed:$failed" >&2
    exit 1
fi
