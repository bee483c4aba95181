#!/bin/sh
# run.sh BUILD WORK: measures segjob's instructions, and its time beside curl's,
# with the host's build in BUILD; intermediate files go to WORK.
set -eu

here=$(dirname "$0")
mkdir -p "$2"
gcc -O2 -g -std=c99 -DNDEBUG -I"$here/../../core" "$here/sign.c" \
    "$here"/../../core/*.c -lmbedcrypto -o "$2/sign"
/usr/bin/python3 -B "$here/instructions.py" "$2/sign" >"$2/figures"
sh "$here/cortex_m4.sh" "$2" >>"$2/figures"
/usr/bin/python3 -B "$here/command.py" "$1/segjob" >>"$2/figures"
gcc -O2 -std=c99 -DNDEBUG -I"$here/../../core" -I"$here/../../port" \
    -I"$here/../../port/posix" -I"$here/../../port/sockets" \
    "$here/jobs.c" "$1/port/posix/libsegjob_posix.a" \
    "$1/port/sockets/libsegjob_sockets.a" "$1/port/libsegjob_tls.a" \
    "$1/port/libsegjob_run.a" "$1/core/libsegjob_core.a" \
    -lmbedtls -lmbedx509 -lmbedcrypto -lcurl -o "$2/jobs"
/usr/bin/python3 -B "$here/jobs.py" "$2/jobs" >>"$2/figures"
/usr/bin/python3 -B "$here/figures.py" compressions_cold compressions_warm \
    sign_m4_instructions sign_x86_instructions request_x86_instructions \
    command_wall_ratio command_processor_ratio command_memory_ratio \
    job_processor_ratio \
    <"$2/figures"
