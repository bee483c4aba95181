#!/bin/sh
# check.sh [PART [NUMBER | full | DIR]]...: build and test everything, or these
# parts.
#
# On Debian it installs the packages that are missing (as root or with sudo).
# Every part writes a log of its own into build/log; a part that fails does not
# stop the others.
set -u

called_in=$(pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
host=$root/build/host
jobs=$(nproc)

# --------------------------------------------------------------------- parts
#
# For each part: a line for the list, the packages that it needs beyond those
# of `build`, optional packages, and its function.

parts="build unit integration credentials awscli conformance simulation \
explore sanitize mbedtls3 lwip firmware fuzz rules static coverage machines \
appliance valgrind packaging packages quickstart proofs size bench"
more="mbedtls" # only if named
quick="build unit rules"
after_build="unit integration credentials conformance simulation explore \
rules packaging bench"

base="gcc libc6-dev make cmake libmbedtls-dev libjsmn-dev libcmocka-dev"
peers="openssl nginx-light curl ca-certificates"
python="python3 python3-botocore python3-regex python3-cryptography $peers"
proxy="tinyproxy-bin libnss-wrapper" # of the tests labelled credentials
boards="gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm \
gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc"

about_build="libraries, command, examples and tests with gcc"
packages_build=""
part_build() {
    configure "$host" -DCMAKE_BUILD_TYPE=Release && compile "$host"
}

about_unit="unit tests of core and ports"
packages_unit="$peers"
part_unit() {
    compile "$host" && run_tests "$host" -L unit
}

about_integration="the emulator, and the command against it"
packages_integration="$python"
part_integration() {
    compile "$host" && run_tests "$host" -L integration
}

about_credentials="credentials of IoT, containers, EC2; proxies; with botocore"
packages_credentials="$python $proxy"
part_credentials() {
    compile "$host" && run_tests "$host" -L credentials
}

about_awscli="the command beside the AWS CLI, under sanitizers; its pages"
packages_awscli="$python awscli python3-colorama python3-jmespath mandoc zsh \
clang libclang-rt-dev"
part_awscli() {
    sanitized && run_tests build/sanitize -L awscli --verbose
}

# All that is tested, under sanitizers.
sanitized() {
    flags="-fsanitize=address,undefined -fno-sanitize-recover=all"
    configure build/sanitize -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_COMPILER=clang \
        -DCMAKE_C_FLAGS="-O1 -fno-omit-frame-pointer $flags" &&
        compile build/sanitize
}

about_conformance="core against PCRE2, botocore and other references"
packages_conformance="$python python3-h11 libpcre2-dev unicode-data binutils"
part_conformance() {
    compile "$host" && sh tests/conformance/run.sh "$host"
}

about_simulation="devices in worlds of faults, 'simulation RUNS' of them"
packages_simulation="python3"
part_simulation() {
    compile "$host" && sh tests/simulation/run.sh "$host" $number
}

about_explore="core in every sequence of 5 events, 'explore N' or full: more"
packages_explore="python3"
part_explore() {
    compile "$host" && sh tests/explore/run.sh "$host" $number
}

about_sanitize="all tests under the address and undefined behaviour sanitizers"
packages_sanitize="$python $proxy clang libclang-rt-dev"
# But those of the emulator itself.
part_sanitize() {
    sanitized &&
        run_tests build/sanitize -LE awscli -E "^test_(faults|personalize)$"
}

# Those that any TLS passes.
no_tls="faults|personalize|options|dry_run|following|configuration"

about_mbedtls3="tests with mbedTLS 3.6, from source, installed, by PSA"
packages_mbedtls3="$python $proxy bzip2 xz-utils g++ pkgconf"
part_mbedtls3() {
    configure_mbedtls3 && compile build/mbedtls3 &&
        run_tests build/mbedtls3 -LE awscli -E "^test_($no_tls)$" &&
        cmake --install build/mbedtls3/_deps/mbedtls-build \
            --prefix build/mbedtls3/prefix >/dev/null &&
        sh tests/packaging/run.sh mbedtls "$root/build/mbedtls3/prefix" &&
        sh tests/packaging/run.sh source "$root/build/mbedtls3" &&
        sh tests/mbedtls/psa.sh build/psa
}

configure_mbedtls3() {
    sh tests/sources.sh mbedtls &&
        configure build/mbedtls3 -DCMAKE_BUILD_TYPE=Release \
            -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$root/build/sources/mbedtls" \
            -DDISABLE_PACKAGE_CONFIG_AND_INSTALL=OFF
}

about_mbedtls="all of TLS with the newest mbedTLS; 'mbedtls DIR' with a tree"
packages_mbedtls="$packages_mbedtls3 clang libclang-rt-dev musl-tools binutils \
gcc-arm-linux-gnueabihf qemu-user-static python3-license-expression faketime \
libcurl4-openssl-dev $boards"
part_mbedtls() {
    sh tests/mbedtls/run.sh build/mbedtls ${tree:+"$tree"}
}

about_lwip="the lwIP backend: one loop, threads, a bad link; lwIP's sockets"
packages_lwip="$python clang clang-tidy libclang-rt-dev llvm libslirp-dev \
bzip2 xz-utils"
part_lwip() {
    sh tests/lwip/run.sh &&
        clang-tidy --quiet -p build/lwip port/lwip/segjob_lwip.c \
            port/pico/segjob_pico.c &&
        clang-tidy --quiet -p build/lwip-threads \
            port/lwip/segjob_lwip.c port/sockets/segjob_sockets.c &&
        sh tests/lwip/slirp/run.sh build/slirp $number
}

about_firmware="images for Cortex-M and RISC-V in QEMU with the local service"
packages_firmware="$python $boards bzip2 xz-utils"
part_firmware() {
    sh tests/firmware/run.sh build/firmware
}

about_rules="includes, symbols, static data, format, headers, pages, recipes"
packages_rules="python3 binutils g++ xz-utils"
wished_rules="clang-format-14"
part_rules() {
    compile "$host" && sh tests/sources.sh lwip &&
        /usr/bin/python3 -B tests/rules.py "$host" &&
        /usr/bin/python3 -B tests/recipes.py
}

about_fuzz="fuzzers, 80 seconds in all; 'fuzz SECONDS' so long each"
packages_fuzz="$peers clang libclang-rt-dev libpcre2-dev libjansson-dev \
libexpat1-dev"
part_fuzz() {
    sh tests/fuzz/run.sh build/fuzz $number
}

about_static="clang-tidy (.clang-tidy), cppcheck, warnings of the Cortex-M gcc"
packages_static="clang-tidy cppcheck gcc-arm-none-eabi \
libnewlib-arm-none-eabi bzip2 xz-utils"
part_static() {
    configure build/static -DCMAKE_EXPORT_COMPILE_COMMANDS=ON &&
        printf '%s\n' core/*.c port/*.c port/credentials/*.c port/posix/*.c \
            port/sockets/*.c port/template/*.c examples/cli/*.c \
            examples/gateway/*.c examples/keys/*.c examples/minimal/*.c |
        xargs -P "$jobs" -n 4 clang-tidy --quiet -p build/static &&
        cppcheck -q --std=c99 --error-exitcode=1 \
            --enable=warning,performance,portability --inline-suppr \
            --suppressions-list=tests/cppcheck.txt -Icore -Iport -Iport/posix \
            -Iport/credentials -Iport/sockets \
            -Iport/template core port examples &&
        sh tests/sources.sh mbedtls && cortex_m_warnings
}

cortex_m_warnings() {
    include=build/static/include # jsmn alone of the host's headers
    mkdir -p $include && cp /usr/include/jsmn.h $include || return 1
    for file in core/*.c port/*.c port/credentials/*.c port/template/*.c; do
        arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -Os -std=c99 -Wall -Wextra \
            -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes \
            -Wswitch-enum -Wvla -pedantic -Werror -Icore -Iport \
            -Iport/credentials \
            -isystem $include -isystem build/sources/mbedtls/include \
            -c "$file" -o build/static/cortex_m.o || return 1
    done
}

about_coverage="all lines of core, and 95 % of its branches, by unit tests"
packages_coverage="$peers gcovr"
part_coverage() {
    configure build/coverage -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS="--coverage -O0 -DNDEBUG" &&
        compile build/coverage || return 1
    find build/coverage -name '*.gcda' -delete
    run_tests build/coverage -L unit &&
        gcovr --root . --filter core/ --print-summary --fail-under-line 100 \
            --fail-under-branch 95 build/coverage/core
}

about_machines="unit tests as programs for ARM, s390x, MIPS and RISC-V"
packages_machines="$peers qemu-user-static bzip2 xz-utils"
wished_machines="gcc-arm-linux-gnueabihf libc6-dev-armhf-cross \
gcc-s390x-linux-gnu libc6-dev-s390x-cross gcc-mips-linux-gnu \
libc6-dev-mips-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross \
gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
part_machines() {
    sh tests/machines/run.sh build/machines
}

about_appliance="the command as one static file, for six machines"
packages_appliance="$python python3-license-expression musl-tools binutils \
qemu-user-static faketime g++ bzip2 xz-utils"
wished_appliance="gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf \
gcc-mips-linux-gnu gcc-mipsel-linux-gnu gcc-riscv64-linux-gnu"
part_appliance() {
    sh tests/sources.sh mbedtls && sh tests/appliance/run.sh build/appliance
}

about_valgrind="unit tests under valgrind"
packages_valgrind="$peers valgrind libc6-dbg"
part_valgrind() {
    configure build/valgrind -G "Unix Makefiles" -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS=-O1 &&
        make -C build/valgrind/tests/unit -j "$jobs" || return 1
    # Backwards: TLS takes longest, and should start early. test_tls_session
    # runs the code of the other two of TLS, two lines aside, in more ways.
    for test in build/valgrind/tests/unit/test_*; do
        [ ! -x "$test" ] || [ -d "$test" ] || echo "$test"
    done | grep -v /test_tls_session | sort -r |
        xargs -P "$jobs" -n 1 timeout 7200 valgrind -q --error-exitcode=99 \
            --leak-check=full
}

about_packaging="programs that use segjob by CMake and by pkg-config, C and C++"
packages_packaging="g++ pkgconf gcc-arm-none-eabi libnewlib-arm-none-eabi \
bzip2 xz-utils"
part_packaging() {
    compile "$host" && sh tests/packaging/run.sh host "$host" &&
        sh tests/sources.sh lwip && sh tests/sources.sh mbedtls &&
        sh tests/packaging/run.sh around
}

about_packages="Debian packages, on bare systems of Debian 12 and 13"
packages_packages="$python debootstrap gpgv dpkg-dev file lintian faketime \
locales"
part_packages() {
    /usr/bin/python3 -B tests/packaging/debian.py "$root/build/packages"
}
skip_packages() {
    if ! unshare -m true 2>/dev/null; then
        echo "not root, or without namespaces"
    fi
}

about_quickstart="README's first command"
packages_quickstart="$python"
part_quickstart() {
    sh examples/quickstart.sh
}

about_proofs="CBMC on core, small bounds; 'proofs full' as far as it can"
packages_proofs="python3 xz-utils zstd"
part_proofs() {
    sh tests/proofs/cbmc.sh &&
        /usr/bin/python3 -B tests/proofs/run.py build/cbmc/run $number
}

about_size="flash, stack and RAM by processor, against goals and pages"
packages_size="python3 gcc-arm-none-eabi libnewlib-arm-none-eabi \
ca-certificates bzip2 xz-utils"
wished_size="gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf \
gcc-xtensa-lx106 picolibc-xtensa-lx106-elf"
part_size() {
    sh tests/size/run.sh build/size
}

about_bench="speed: instructions, and beside curl; against goals and pages"
packages_bench="$python valgrind libc6-dbg time gcc-arm-none-eabi \
libnewlib-arm-none-eabi qemu-system-arm bzip2 xz-utils libcurl4-openssl-dev"
build_bench() {
    configure_mbedtls3 &&
        compile "$host" --target segjob bench_jobs &&
        compile build/mbedtls3 --target bench_jobs
}
part_bench() {
    if ! build_bench >build/log/bench-build.log 2>&1; then
        tail -n 40 build/log/bench-build.log
        return 1
    fi
    sh tests/bench/run.sh "$host" build/mbedtls3 build/bench
}

# ------------------------------------------------------------- building blocks

configure() {
    cmake -S . -B "$@" -DBUILD_TESTING=ON -DSEGJOB_WERROR=ON
}

compile() { # FOLDER [--target TARGET...]
    cmake --build "$@" -j "$jobs"
}

# Tests of whole programs wait for most of their time.
run_tests() {
    (cd "$1" && shift && ctest -j "$((3 * jobs))" --output-on-failure \
        --no-tests=error "$@")
}

usage() {
    echo "usage: check.sh [PART [NUMBER | full | DIR]]..."
    echo "without PART all of them; 'quick' means: $quick"
    for part in $parts $more; do
        eval "printf '  %-12s %s\n' $part \"\$about_$part\""
    done
}

# --------------------------------------------------------------------- running

passed=0
failed=0
skipped=0
failures=""

is_in() { # WORD LIST
    case " $2 " in
    *" $1 "*) return 0 ;;
    esac
    return 1
}

report() { # RESULT PART REMARK
    printf '%-8s %-12s %s\n' "$1" "$2" "$3"
}

why_skipped() { # PART
    if is_in build "$failures" && is_in "$1" "$after_build"; then
        echo "the build failed"
        return
    fi
    eval "missing=\$(sh tests/packages.sh --missing \$base \$packages_$1)"
    if [ -n "$missing" ]; then
        echo "without $missing"
    elif command -v "skip_$1" >/dev/null; then
        "skip_$1"
    fi
}

run_part() { # PART
    reason=$(why_skipped "$1")
    if [ -n "$reason" ]; then
        skipped=$((skipped + 1))
        report skipped "$1" "$reason"
        return
    fi
    log=$root/build/log/$1.log
    start=$(date +%s)
    if [ -t 1 ]; then
        printf '%-8s %s\r' "..." "$1"
    fi
    ("part_$1") >"$log" 2>&1 </dev/null
    status=$?
    seconds="$(($(date +%s) - start)) s"
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
        report passed "$1" "$seconds"
        case $1 in
        conformance) grep '^reference' "$log" ;;
        awscli) grep -o '[0-9]* command lines .*' "$log" ;;
        lwip) grep -v '^==' "$log" ;;
        rules) grep '^skipped' "$log" ;;
        machines) grep 'tests passed\|^skipped' "$log" ;;
        appliance) sed -n '/ measured /,$p' "$log" ;;
        packages) sed -n 's/^result //p' "$log" ;;
        proofs) grep -v '^Get\|^Fetched\|^Reading' "$log" ;;
        size | bench | fuzz | firmware | mbedtls) cat "$log" ;;
        simulation | explore) grep -v '^\[\|^gmake' "$log" ;;
        esac
    else
        failed=$((failed + 1))
        failures="$failures $1"
        tail -n 40 "$log" | sed 's/^/    /'
        report FAILED "$1" "$seconds, the whole log is in $log"
    fi
}

chosen=""
number=""
tree=""
for part in "$@"; do
    case $part in
    */*)
        tree=$(cd "$called_in" && cd "$part" && pwd) || exit 2
        ;;
    [0-9]* | full) number=$part ;;
    list | -h | --help)
        usage
        exit 0
        ;;
    quick) chosen="$chosen $quick" ;;
    *)
        if ! is_in "$part" "$parts $more"; then
            echo "check.sh: there is no part '$part'" >&2
            usage >&2
            exit 2
        fi
        chosen="$chosen $part"
        ;;
    esac
done
chosen=${chosen:-$parts}
if [ -n "$tree" ] && ! is_in mbedtls "$chosen"; then
    echo "check.sh: only the part 'mbedtls' takes a folder" >&2
    exit 2
fi

mkdir -p build/log
needed=$base
for part in $chosen; do
    eval "needed=\"\$needed \$packages_$part\""
done
sh tests/packages.sh $needed
if [ $? -eq 2 ] || [ -n "$(sh tests/packages.sh --missing $base)" ]; then
    exit 1
fi
for part in $chosen; do
    eval "wished=\${wished_$part:-}"
    for package in $wished; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            sh tests/packages.sh "$package"
        fi
    done
done

# A part on its own builds what it tests.
for part in $chosen; do
    if is_in "$part" "$after_build" && ! is_in build "$chosen"; then
        chosen="build $chosen"
    fi
done

begin=$(date +%s)
for part in $chosen; do
    run_part "$part"
done
echo "$(($(date +%s) - begin)) s in all"
if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ]
