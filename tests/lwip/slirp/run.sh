#!/bin/sh
# run.sh BUILD [SEEDS]: build the exchange four times in the folder BUILD, under
# the address and undefined behaviour sanitizers. Two are of the lwIP backend,
# and run over every kind and rate of impairment, SEEDS times each.
#
# `malloc` has the system's mbedTLS (TLS 1.2) and memory from malloc(); `pools`
# mbedTLS 3.6 (TLS 1.3), and so little memory that lwIP runs out of it. If the
# environment has SEGJOB_MBEDTLS, a source tree, both have that.
#
# `poll` and `select` are over lwIP's sockets, with lwIP in a thread.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
seeds=${2:-}
tree=${SEGJOB_MBEDTLS:-}
case "$# ${seeds:-1}" in
[12]\ *[!0-9]* | [!12]\ *)
    echo "usage: run.sh BUILD [SEEDS]" >&2
    exit 2
    ;;
esac
mkdir -p "$1" && build=$(cd "$1" && pwd) || exit 2

make_exchange() { # NAME OPTION...
    flags="-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all"
    flags="$flags -fsanitize=address,undefined -fno-sanitize=function"
    folder=$build/$1
    shift
    cmake -S "$here" -B "$folder" -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_COMPILER=clang -DCMAKE_C_FLAGS="$flags" \
        -DFETCHCONTENT_SOURCE_DIR_LWIP="$root/build/sources/lwip" \
        -DSEGJOB_WERROR=ON "$@" &&
        cmake --build "$folder" --target exchange -j "$(nproc)"
}

make_all() {
    from=-DFETCHCONTENT_SOURCE_DIR_MBEDTLS
    sh "$root/tests/sources.sh" lwip && sh "$root/tests/sources.sh" mbedtls &&
        make_exchange malloc ${tree:+"$from=$tree"} &&
        make_exchange pools -DLWIP_POOLS=ON \
            "$from=${tree:-$root/build/sources/mbedtls}" &&
        make_exchange poll -DLWIP_SOCKETS=poll ${tree:+"$from=$tree"} &&
        make_exchange select -DLWIP_SOCKETS=select ${tree:+"$from=$tree"}
}

run_campaign() { # NAME WHAT
    echo "lwIP over libslirp with $2:"
    /usr/bin/python3 -u -B "$here/campaign.py" "$build/$1/exchange" $seeds
}

run_sockets() { # NAME
    echo "lwIP's sockets over libslirp, waiting by $1():"
    /usr/bin/python3 -B "$here/sockets.py" "$build/$1/exchange"
}

make_all >"$build/build.log" 2>&1 || {
    tail -n 20 "$build/build.log"
    echo "run.sh: cannot build the exchange; see $build/build.log" >&2
    exit 1
}
run_campaign malloc "memory from malloc()" &&
    run_campaign pools "hardly any memory" &&
    run_sockets poll && run_sockets select
