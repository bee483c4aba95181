#!/bin/sh
# run.sh BUILD: build the conformance programs, and compare each with its
# reference. A difference does not stop the others.
set -u

build=${1:?usage: run.sh BUILD}
here=$(dirname "$0")
failed=""

# compare NAME FILE: run NAME.py on a file of the build.
compare() {
    echo "== $1"
    /usr/bin/python3 -u -B "$here/$1.py" "$build/$2" || failed="$failed $1"
}

cmake --build "$build" --target conformance || exit 1
sh "$here/../unicode_data.sh" || exit 1
compare unicode core/libsegjob_core.a
compare endpoint tests/conformance/conformance_endpoint
compare match tests/conformance/conformance_match
compare json_reader tests/conformance/conformance_json_reader
compare request tests/conformance/conformance_request
compare job tests/conformance/conformance_job
compare retry tests/conformance/conformance_retry
compare http_reader tests/conformance/conformance_http
compare http_errors tests/conformance/conformance_http
if [ -n "$failed" ]; then
    echo "run.sh: failed:$failed" >&2
    exit 1
fi
