#!/bin/sh
# psa.sh BUILD: run the tests of TLS, the POSIX backend and devices' keys with
# mbedTLS 3.6 in the configuration of psa_config.h, built from
# build/sources/mbedtls into the folder BUILD.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

cmake -S "$root" -B "$build" -DBUILD_TESTING=ON -DSEGJOB_WERROR=ON \
    -DCMAKE_BUILD_TYPE=Release \
    -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$root/build/sources/mbedtls" \
    -DMBEDTLS_USER_CONFIG_FILE="$here/psa_config.h"
cmake --build "$build" -j "$(nproc)" --target test_tls test_posix \
    test_keys segjob_gateway
cd "$build"
ctest -j "$(nproc)" --output-on-failure --no-tests=error \
    -R '^test_(tls|posix|iot)$'
