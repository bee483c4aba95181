#!/bin/sh
# quickstart.sh: from nothing to a batch segment job, on this machine alone.
#
# It installs what is missing (Debian, as root or with sudo), builds segjob
# into build/host, starts a local Personalize over TLS (tests/emulator), and
# creates a job there. Nothing is sent to AWS, and no AWS account is needed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
build=build/host
room=$(mktemp -d)
emulator=""

finish() {
    if [ -n "$emulator" ]; then
        kill "$emulator" 2>/dev/null || true
        wait "$emulator" 2>/dev/null || true
    fi
    rm -rf "$room"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

step() {
    printf '\n==> %s\n' "$*"
}

quietly() { # COMMAND...: its output is shown only if it fails
    if ! "$@" >"$room/log" 2>&1; then
        cat "$room/log" >&2
        exit 1
    fi
}

indented() {
    sed 's/^./    &/'
}

step "What is needed"
sh tests/packages.sh gcc libc6-dev make cmake libmbedtls-dev libjsmn-dev \
    python3 python3-botocore python3-regex python3-cryptography
echo "    all there"

step "Build into $build"
if [ -e $build/CMakeCache.txt ]; then
    quietly cmake -S . -B $build # with the options that it has
else
    quietly cmake -S . -B $build -DBUILD_TESTING=OFF
fi
quietly cmake --build $build --target segjob -j "$(nproc)"
echo "    $($build/segjob --version)"

step "Start a local Personalize"
/usr/bin/python3 -B tests/emulator/personalize.py --dir "$room" --port 0 \
    >"$room/emulator" 2>&1 </dev/null &
emulator=$!
waited=0
until address=$(grep -s '^listening on ' "$room/emulator"); do
    waited=$((waited + 1))
    if [ $waited -gt 6000 ] || ! kill -0 "$emulator" 2>/dev/null; then
        cat "$room/emulator" >&2
        echo "the emulator did not start" >&2
        exit 1
    fi
    sleep 0.1
done
echo "    $address, with a certificate of its own"

# The credentials that the emulator knows, those of AWS's documentation, and no
# configuration of the user's.
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
unset AWS_SESSION_TOKEN AWS_PROFILE AWS_USE_FIPS_ENDPOINT
unset AWS_USE_DUALSTACK_ENDPOINT https_proxy HTTPS_PROXY

set -- --region us-east-1 --ca-bundle "$room/ca.pem" \
    --endpoint-url "https://localhost:${address##*:}" \
    --solution-version-arn \
    arn:aws:personalize:us-east-1:123456789012:solution/films/4f2a9c01 \
    --role-arn arn:aws:iam::123456789012:role/PersonalizeS3 \
    --input-path s3://example-bucket/users.json \
    --output-path s3://example-bucket/segments/ \
    --num-results 25 --tag team=films --job-name quickstart

step "The request, as it is signed"
$build/segjob create "$@" --dry-run >"$room/request"
tr -d '\r' <"$room/request" | sed '/^$/q' | fold -w 76 | indented
sed '1,/^\r$/d' "$room/request" | /usr/bin/python3 -m json.tool | indented

step "The job"
$build/segjob create "$@" >"$room/response"
indented <"$room/response"

step "Done"
cat <<END
    The command: $root/$build/segjob
    With credentials and a region of your own (segjob create --help) and
    without --endpoint-url and --ca-bundle it talks to AWS.
END
