#!/bin/sh
# The lwIP backend on the host, with lwIP 2.1.3 and 2.2.1, without and
# with a thread of lwIP's own, under sanitizers. One line per build.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
# lwIP itself calls functions by pointers of other types.
memory="-fsanitize=address,undefined -fno-sanitize=function \
-fno-sanitize-recover=all"
# By name, which takes a symbolizer.
TSAN_OPTIONS="suppressions=$root/tests/lwip/tsan.txt"
TSAN_OPTIONS="$TSAN_OPTIONS:external_symbolizer_path=/usr/bin/llvm-symbolizer"
export TSAN_OPTIONS
status=0

build_and_test() { # FOLDER SOURCES NO_SYS SANITIZERS
    cmake -S tests/lwip -B "$1" -DCMAKE_BUILD_TYPE=Debug \
        -DFETCHCONTENT_SOURCE_DIR_LWIP="$root/build/sources/$2" \
        -DLWIP_NO_SYS="$3" -DSEGJOB_WERROR=ON -DCMAKE_C_COMPILER=clang \
        -DCMAKE_C_FLAGS="-O1 -fno-omit-frame-pointer $4" &&
        cmake --build "$1" -j "$(nproc)" &&
        (cd "$1" && ctest --verbose -j "$(nproc)")
}

try() { # WHAT FOLDER SOURCES NO_SYS SANITIZERS
    mkdir -p "$2"
    if build_and_test "$2" "$3" "$4" "$5" >"$2/log" 2>&1; then
        echo "$1: $(grep -c '       OK ] ' "$2/log") tests passed"
    else
        tail -n 60 "$2/log"
        echo "$1: failed, see $2/log"
        status=1
    fi
}

sh tests/sources.sh lwip && sh tests/sources.sh lwip 2.1 || exit 1
try "lwIP 2.2.1 in one loop" build/lwip lwip 1 "$memory"
try "lwIP 2.1.3 in one loop" build/lwip-2.1 lwip-2.1 1 "$memory"
try "lwIP 2.2.1 in a thread" build/lwip-threads lwip 0 "$memory"
try "lwIP 2.2.1 in a thread, races" build/lwip-races lwip 0 -fsanitize=thread
exit $status
