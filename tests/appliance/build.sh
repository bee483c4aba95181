#!/bin/sh
# build.sh ROOT MBEDTLS FOLDER OPTION...: build the static command of the source
# tree ROOT, with this source tree of mbedTLS, and its SPDX document in FOLDER.
set -eu

root=$1
mbedtls=$2
folder=$3
shift 3
rm -f "$folder/CMakeCache.txt" # it keeps flags of an older toolchain
cmake -S "$root" -B "$folder" "$@" -DBUILD_TESTING=OFF \
    -DCMAKE_TOOLCHAIN_FILE="$root/examples/appliance/musl.cmake" \
    -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$mbedtls"
cmake --build "$folder" --target segjob spdx -j "$(nproc)"
