#!/bin/sh
# run.sh BUILD [DIR]: the tests of units, command, credentials, lwIP and
# packages, the appliance and the firmware, with the source tree DIR of mbedTLS;
# then tables of costs. Without DIR the tree is the newest that a Debian release
# carries. Proofs and simulation replace SHA-256 and TLS, so they are the same
# with any.
set -u

build=${1:?usage: run.sh BUILD [DIR]}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$build"
build=$(cd "$build" && pwd)

if [ -n "${2:-}" ]; then
    tree=$(cd "$2" && pwd) || exit 1
elif sh "$here/../sources.sh" mbedtls 4 >"$build/sources.log" 2>&1; then
    tree=$root/build/sources/mbedtls-4
else
    tail -n 1 "$build/sources.log"
    echo "no mbedTLS 4 could be had of Debian: this is 3.6"
    sh "$here/../sources.sh" mbedtls || exit 1
    tree=$root/build/sources/mbedtls
fi
header=$tree/include/mbedtls/build_info.h
[ -f "$header" ] || header=$tree/include/mbedtls/version.h
version=$(sed -n 's/^#define MBEDTLS_VERSION_STRING *"\(.*\)"/\1/p' "$header")
[ -n "$version" ] || {
    echo "$tree is no source tree of mbedTLS" >&2
    exit 1
}

# A folder for each version: CMake remembers what it found in a tree.
build=$build/$version
rm -rf "$build/prefix"
mkdir -p "$build"

failed=0
step() { # NAME COMMAND...
    name=$1
    shift
    begin=$(date +%s)
    if "$@" >"$build/$name.log" 2>&1; then
        result=passed
    else
        result=FAILED
        failed=1
        tail -n 40 "$build/$name.log" | sed 's/^/    /'
    fi
    printf '%-14s %-7s %5d s\n' "$name" $result $(($(date +%s) - begin))
}

build_in() { # FOLDER OPTIONS...
    folder=$1
    shift
    cmake -S "$root" -B "$folder" -DBUILD_TESTING=ON -DSEGJOB_WERROR=ON \
        -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$tree" \
        -DDISABLE_PACKAGE_CONFIG_AND_INSTALL=OFF "$@" &&
        cmake --build "$folder" -j "$(nproc)"
}

run_tests() { # FOLDER OPTIONS OF CTEST...
    (cd "$1" && shift && ctest -j "$(nproc)" --output-on-failure \
        --no-tests=error "$@")
}

firmware() {
    sh "$here/../firmware/run.sh" "$build/firmware"
}

packaging() {
    cmake --install "$build/host/_deps/mbedtls-build" \
        --prefix "$build/prefix" >/dev/null &&
        sh "$here/../packaging/run.sh" mbedtls "$build/prefix" &&
        sh "$here/../packaging/run.sh" source "$build/host"
}

appliance() {
    sh "$here/../appliance/run.sh" "$build/appliance"
}

jobs() { # TLS
    /usr/bin/python3 -B "$here/../bench/jobs.py" \
        "$build/host/tests/bench_jobs" "TLS $1" "$1"
}

bench() {
    cmake --build "$build/host" --target bench_jobs && jobs 1.2 && jobs 1.3
}

SEGJOB_MBEDTLS=$tree # for the scripts of other parts
export SEGJOB_MBEDTLS
echo "mbedTLS $version"
step build build_in "$build/host" -DCMAKE_BUILD_TYPE=Release
step unit run_tests "$build/host" -L unit
step integration run_tests "$build/host" -L integration
step credentials run_tests "$build/host" -L credentials
step packaging packaging
# mbedTLS compares 0 bytes at a null pointer.
flags="-fsanitize=address,undefined -fno-sanitize=nonnull-attribute"
flags="$flags -fno-sanitize-recover=all"
step sanitize-build build_in "$build/sanitize" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_COMPILER=clang \
    -DCMAKE_C_FLAGS="-O1 -fno-omit-frame-pointer $flags"
step sanitize run_tests "$build/sanitize" -L unit
step lwip sh "$here/../lwip/slirp/run.sh" "$build/slirp"
step appliance appliance
step firmware firmware
step bench bench
"$build/host/tests/unit/test_sha256" 2>&1 | grep compressions
sed -n '/^instructions of a connection/,$p' "$build/firmware.log" |
    grep -v '^OK$'
sed -n '/microseconds/,$p' "$build/bench.log"
exit $failed
