#!/bin/sh
# psa.sh BUILD: the tests with mbedTLS 3.6 as psa_config.h has it, where core
# hashes by PSA, built from build/sources/mbedtls into the folder BUILD.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

cmake -S "$root" -B "$build" -DBUILD_TESTING=ON -DSEGJOB_WERROR=ON \
    -DCMAKE_BUILD_TYPE=Release -DSEGJOB_PSA=ON \
    -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$root/build/sources/mbedtls" \
    -DMBEDTLS_USER_CONFIG_FILE="$here/psa_config.h"
cmake --build "$build" -j "$(nproc)"
if nm "$build/core/libsegjob_core.a" | grep "mbedtls_sha256"; then
    echo "core calls mbedTLS's own SHA-256" >&2
    exit 1
fi
cd "$build"
ctest -j "$(nproc)" --output-on-failure --no-tests=error -R "^test_iot$"
ctest -j "$(nproc)" --output-on-failure --no-tests=error -L unit
