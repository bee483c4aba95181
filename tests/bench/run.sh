#!/bin/sh
# run.sh BUILD BUILD3 WORK: measures segjob's instructions, and its time beside
# curl's, with the host's build in BUILD and one with mbedTLS 3.6 in BUILD3;
# intermediate files go to WORK.
set -eu

here=$(dirname "$0")
work=$3
mkdir -p "$work"
gcc -O2 -g -std=c99 -DNDEBUG -I"$here/../../core" "$here/sign.c" \
    "$here"/../../core/*.c -lmbedcrypto -o "$work/sign"
/usr/bin/python3 -B "$here/instructions.py" "$work/sign" >"$work/figures"
gcc -O2 -g -std=c99 -DNDEBUG -I"$here/../../core" "$here/reading.c" \
    "$here"/../../core/*.c -lmbedcrypto -o "$work/reading"
/usr/bin/python3 -B "$here/reading.py" "$work/reading"
sh "$here/cortex_m4.sh" "$work" >>"$work/figures"
/usr/bin/python3 -B "$here/command.py" "$1/segjob" >>"$work/figures"

jobs() { # BUILD KEY TLS
    /usr/bin/python3 -B "$here/jobs.py" "$1/tests/bench_jobs" "$2" "$3" \
        >>"$work/figures"
}

jobs "$1" job_system_ratio 1.2
jobs "$2" job_tls12_ratio 1.2
jobs "$2" job_tls13_ratio 1.3
/usr/bin/python3 -B "$here/many.py" "$1/tests/bench_jobs" >>"$work/figures"
/usr/bin/python3 -B "$here/figures.py" compressions_cold compressions_warm \
    sign_m4_instructions sign_x86_instructions request_x86_instructions \
    command_wall_ratio command_processor_ratio command_memory_ratio \
    job_system_ratio job_tls12_ratio job_tls13_ratio \
    many_heap_growth many_instructions_growth \
    <"$work/figures"
