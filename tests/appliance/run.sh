#!/bin/sh
# run.sh BUILD: build the command of examples/appliance for six machines. Each
# must be a static file, create a job with the emulator, and have a true SPDX
# document. Built again in other circumstances, one must be the same
# file. Prints their sizes, and compares them with goals and pages. A machine
# for which there is no compiler, emulator or musl is skipped, with the reason.
set -eu

mkdir -p "$1"
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mbedtls=${SEGJOB_MBEDTLS:-$root/build/sources/mbedtls}

compile() { # MACHINE OPTION...
    folder=$build/$1
    shift
    sh "$here/build.sh" "$root" "$mbedtls" "$folder" "$@" >&2
    if readelf -lS "$folder/segjob" | grep -qE 'INTERP|DYNAMIC|\.symtab'; then
        echo "run.sh: $folder/segjob is not static, or not stripped" >&2
        exit 1
    fi
}

# Checks the document, and notes the size.
examine() { # MACHINE COMMAND MUSL COMPILER
    /usr/bin/python3 -B "$here/spdx.py" "$build/$1" "$2" "$mbedtls" "$3" "$4"
    keys="$keys command_$1_bytes"
    echo "command_$1_bytes $(wc -c <"$build/$1/segjob")" >>"$build/figures"
}

# A test of tests/integration, with the command at a path of its own.
try() { # COMMAND TEST...
    (cd "$root/tests/integration" &&
        SEGJOB=$1 SEGJOB_MBEDTLS3=1 &&
        export SEGJOB SEGJOB_MBEDTLS3 && shift &&
        /usr/bin/python3 -B -m unittest "$@" >&2)
}

# Builds elsewhere, more than a year later, for another user (if this is root),
# with another locale, time zone and umask.
again() { # MACHINE OPTION...
    machine=$1
    shift
    there=$(mktemp -d)
    trap 'rm -rf "$there"' EXIT
    mkdir "$there/segjob"
    cp "$here/build.sh" "$there"
    (cd "$root" && cp -R CMakeLists.txt core port examples "$there/segjob")
    cp -R "$mbedtls" "$there/mbedtls"
    user=""
    if [ "$(id -u)" = 0 ]; then
        chown -R nobody "$there"
        user="setpriv --reuid=nobody --clear-groups"
    fi
    (umask 077 && LC_ALL=C.UTF-8 TZ=Asia/Tokyo $user faketime -f +400d \
        sh "$there/build.sh" "$there/segjob" "$there/mbedtls" \
        "$there/build" "$@" >&2)
    for file in segjob segjob.spdx.json; do
        cmp "$build/$machine/$file" "$there/build/$file"
    done
    rm -rf "$there"
    echo "$machine: the same file from a build elsewhere" >>"$build/notes"
}

why_skipped() { # ARCHITECTURE COMPILER EMULATOR
    for tool in "$2" "$3"; do
        if ! command -v "$tool" >/dev/null; then
            echo "without $tool"
            return
        fi
    done
    if ! sh "$here/musl.sh" "$1" >&2; then
        echo "no release within reach has musl-dev for $1"
    fi
}

# A machine by its names for QEMU, for Debian, and for the compiler.
other_machine() { # MACHINE ARCHITECTURE TRIPLE
    reason=$(why_skipped "$2" "$3-gcc" "qemu-$1-static")
    if [ -n "$reason" ]; then
        echo "$1: skipped, $reason" >>"$build/notes"
        return
    fi
    musl=$root/build/musl/$2
    compile "$1" -DSEGJOB_MUSL="$musl"
    command=$build/$1/run
    printf '#!/bin/sh\nexec qemu-%s-static "%s" "$@"\n' "$1" \
        "$build/$1/segjob" >"$command"
    chmod +x "$command"
    try "$command" test_create.Json test_connection.Certificates
    examine "$1" "$command" "$(cut -d ' ' -f 2 "$musl/.origin")" "$3-gcc"
    echo "$1: $(cat "$musl/.origin")" >>"$build/notes"
}

keys=""
: >"$build/figures"
: >"$build/notes"
compile x86_64
cmake --build "$build/x86_64" --target segjob_minimal >&2
try "$build/x86_64/segjob" test_create test_connection test_servers.Names \
    test_servers.Chains
examine x86_64 "$build/x86_64/segjob" \
    "$(dpkg-query -W -f '${Version}' musl-dev)" musl-gcc
again x86_64
other_machine aarch64 arm64 aarch64-linux-gnu
other_machine arm armhf arm-linux-gnueabihf
other_machine mipsel mipsel mipsel-linux-gnu
other_machine mips mips mips-linux-gnu
other_machine riscv64 riscv64 riscv64-linux-gnu
/usr/bin/python3 -B "$root/tests/bench/figures.py" $keys <"$build/figures"
cat "$build/notes"
