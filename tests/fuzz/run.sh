#!/bin/sh
# run.sh [--keep] BUILD [SECONDS]: build the fuzzers with clang in the folder
# BUILD and run each for SECONDS; without SECONDS, for 80 seconds in all. As
# many run at a time as there are processors.
#
# Inputs that reach new code are kept in BUILD/corpus, where the next run
# continues. With --keep a smallest set of them that reaches as much code
# replaces the inputs of the corpus here that have no names. An input that fails
# is left in BUILD/findings, its path is printed, and the script ends with 1;
# named by what it shows, it belongs in regressions/TARGET.
set -u

begin=$(date +%s)
in_all=80
here=$(cd "$(dirname "$0")" && pwd)
targets="client request http json match query source xml"

keep=false
if [ "${1:-}" = --keep ]; then
    keep=true
    shift
fi
case "$# ${2:-1}" in
[12]\ *[!0-9]* | [!12]\ *)
    echo "usage: run.sh [--keep] BUILD [SECONDS]" >&2
    exit 2
    ;;
esac
mkdir -p "$1" && build=$(cd "$1" && pwd) || exit 2

# ------------------------------------------------------------------- building

build_all() {
    flags="-O1 -g -DNDEBUG -fno-omit-frame-pointer -fno-sanitize-recover=all"
    flags="$flags -fsanitize=fuzzer-no-link,address,undefined"
    cmake -S "$here/../.." -B "$build" -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_COMPILER=clang -DCMAKE_C_FLAGS="$flags" \
        -DBUILD_TESTING=ON -DSEGJOB_WERROR=ON -DSEGJOB_FUZZERS=ON &&
        cmake --build "$build" --target fuzz -j "$(nproc)"
}

# -------------------------------------------------------------------- running

folders() { # TARGET
    for folder in corpus regressions; do
        if [ -d "$here/$folder/$1" ]; then
            echo "$here/$folder/$1"
        fi
    done
}

# Most bytes of an input, so that PCRE2 and deep texts do not take too long.
max_len() { # TARGET
    case $1 in
    match) echo 600 ;;
    json | query) echo 1500 ;;
    *) echo 4000 ;;
    esac
}

start() { # TARGET
    mkdir -p "$build/corpus/$1"
    "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=300 \
        -dict="$here/$1.dict" -max_len="$(max_len "$1")" \
        -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/findings/$1-" \
        "$build/corpus/$1" $(folders "$1") >"$build/$1.log" 2>&1 </dev/null &
    running="$running $1:$!"
}

finish() { # TARGET PID
    wait "$2"
    status=$?
    number=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log")
    if [ $status -eq 0 ]; then
        echo "$1: ${number:-0} executions in $seconds s"
        return
    fi
    failed=1
    echo "$1: FAILED after ${number:-0} executions; see $build/$1.log"
    grep -m 3 -E 'does not hold|ERROR:|runtime error:' "$build/$1.log"
    sed -n 's/.*Test unit written to /the input is /p' "$build/$1.log"
}

finish_all() {
    for one in $running; do
        finish "${one%:*}" "${one#*:}"
    done
    running=""
}

stop_all() {
    for one in $running; do
        kill "${one#*:}" 2>/dev/null
    done
    exit 130
}

# Inputs with a name stay. Those named by their hash are chosen again, by the
# edges of the code that they reach, not by how often.
keep_corpus() { # TARGET
    least=$build/least/$1
    rm -rf "$least"
    mkdir -p "$least" "$here/corpus/$1"
    cp "$here/corpus/$1/"*[!0-9a-f]* "$least" 2>/dev/null
    "$build/tests/fuzz/fuzz_$1" -set_cover_merge=1 -use_counters=0 \
        "$least" "$here/corpus/$1" "$build/corpus/$1" \
        >"$build/$1.log" 2>&1 || return 1
    rm -rf "$here/corpus/$1"
    cp -R "$least" "$here/corpus/$1"
    echo "$1: $(ls "$least" | wc -l) inputs kept"
}

# ------------------------------------------------------------------------ main

failed=0
running=""
trap stop_all INT TERM

build_all >"$build/build.log" 2>&1 || {
    tail -n 20 "$build/build.log"
    echo "run.sh: cannot build the fuzzers; see $build/build.log" >&2
    exit 1
}
mkdir -p "$build/findings"

jobs=$(nproc)
rounds=$(((8 + jobs - 1) / jobs))
left=$((begin + in_all - $(date +%s)))
seconds=${2:-$((left / rounds - 2))}
if [ "$seconds" -lt 1 ]; then
    seconds=1 # 0 would be for ever
fi
for target in $targets; do
    if [ ! -x "$build/tests/fuzz/fuzz_$target" ]; then
        failed=1
        echo "$target: FAILED to build; is its reference library there?"
        continue
    fi
    start "$target"
    set -- $running
    if [ $# -ge "$jobs" ]; then
        finish_all
    fi
done
finish_all
if $keep && [ $failed -eq 0 ]; then
    for target in $targets; do
        keep_corpus "$target" || failed=1
    done
fi
exit $failed
