#!/bin/sh
# run.sh BUILD MUSL: build the command of examples/appliance for x86-64, and for
# 32-bit ARM with the musl in MUSL. Both must be static files, and create jobs
# with the emulator. Prints their sizes, and compares them with goals and pages.
set -eu

mkdir -p "$1"
build=$(cd "$1" && pwd)
musl=$(cd "$2" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
mbedtls=${SEGJOB_MBEDTLS:-$root/build/sources/mbedtls}

compile() { # FOLDER OPTION...
    folder=$build/$1
    shift
    mkdir -p "$folder/jsmn"
    cp /usr/include/jsmn.h "$folder/jsmn" # alone of the host's headers
    cmake -S "$root" -B "$folder" "$@" -DBUILD_TESTING=OFF \
        -DCMAKE_TOOLCHAIN_FILE="$root/examples/appliance/musl.cmake" \
        -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$mbedtls" \
        -DFETCHCONTENT_SOURCE_DIR_JSMN="$folder/jsmn" >&2
    cmake --build "$folder" --target segjob segjob_minimal \
        -j "$(nproc)" >&2
    if readelf -lS "$folder/segjob" | grep -qE 'INTERP|DYNAMIC|\.symtab'; then
        echo "run.sh: $folder/segjob is not static, or not stripped" >&2
        exit 1
    fi
}

# A test of tests/integration, with the command at a path of its own.
try() { # COMMAND TEST...
    (cd "$root/tests/integration" &&
        SEGJOB=$1 SEGJOB_MBEDTLS3=1 &&
        export SEGJOB SEGJOB_MBEDTLS3 && shift &&
        /usr/bin/python3 -B -m unittest "$@" >&2)
}

compile x86_64
compile arm -DSEGJOB_MUSL="$musl"
printf '#!/bin/sh\nexec qemu-arm-static "%s" "$@"\n' "$build/arm/segjob" \
    >"$build/arm/run"
chmod +x "$build/arm/run"
try "$build/x86_64/segjob" test_create test_connection test_servers.Names \
    test_servers.Chains
try "$build/arm/run" test_create.Json test_create.Refused \
    test_connection.Certificates
echo "the static command for ARM has $(wc -c <"$build/arm/segjob") bytes"
echo "command_static_bytes $(wc -c <"$build/x86_64/segjob")" |
    /usr/bin/python3 -B "$root/tests/bench/figures.py" command_static_bytes
