#!/bin/sh
# run.sh BUILD: build the command of examples/appliance for five machines. Each
# must be a static file and create a job with the emulator. Prints their sizes,
# and compares them with goals and pages. A machine for which there is no
# compiler, emulator or musl is skipped, with the reason.
set -eu

mkdir -p "$1"
build=$(cd "$1" && pwd)
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

why_skipped() { # ARCHITECTURE COMPILER EMULATOR
    for tool in "$2" "$3"; do
        if ! command -v "$tool" >/dev/null; then
            echo "without $tool"
            return
        fi
    done
    if ! sh "$root/tests/appliance/musl.sh" "$1" >&2; then
        echo "no release within reach has musl-dev for $1"
    fi
}

# Another machine, by the names of Debian's architecture, the compiler's triple
# and QEMU.
other_machine() { # ARCHITECTURE TRIPLE EMULATOR
    reason=$(why_skipped "$1" "$2-gcc" "qemu-$3-static")
    if [ -n "$reason" ]; then
        echo "$3: skipped, $reason" >>"$build/notes"
        return
    fi
    compile "$3" -DSEGJOB_MUSL="$root/build/musl/$1"
    printf '#!/bin/sh\nexec qemu-%s-static "%s" "$@"\n' "$3" \
        "$build/$3/segjob" >"$build/$3/run"
    chmod +x "$build/$3/run"
    try "$build/$3/run" test_create.Json test_connection.Certificates
    echo "$3: $(cat "$root/build/musl/$1/.origin")" >>"$build/notes"
    figure "$3"
}

figure() { # MACHINE
    keys="$keys command_$1_bytes"
    echo "command_$1_bytes $(wc -c <"$build/$1/segjob")" >>"$build/figures"
}

keys=""
: >"$build/figures"
: >"$build/notes"
compile x86_64
try "$build/x86_64/segjob" test_create test_connection test_servers.Names \
    test_servers.Chains
figure x86_64
other_machine arm64 aarch64-linux-gnu aarch64
other_machine armhf arm-linux-gnueabihf arm
other_machine mipsel mipsel-linux-gnu mipsel
other_machine riscv64 riscv64-linux-gnu riscv64
/usr/bin/python3 -B "$root/tests/bench/figures.py" $keys <"$build/figures"
cat "$build/notes"
