#!/usr/bin/python3
"""Instructions and SHA-256 compressions of a request: `KEY VALUE` lines.

    instructions.py SIGN

Callgrind counts them in runs of SIGN, sign.c's program, which makes one request
and more like it: the difference that one more makes is the cost of a request
whose signing key is known.
"""

import collections
import os
import subprocess
import sys
import tempfile

COMPRESSION = "mbedtls_internal_sha256_process"


def count(sign, more):
    """By function: calls, and instructions including those of callees."""
    calls, instructions = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="sign-") as folder:
        out = os.path.join(folder, "out")
        subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", "--compress-strings=no",
             "--compress-pos=no", "--callgrind-out-file=" + out,
             "--toggle-collect=one_request", sign, str(more)],
            check=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with open(out, encoding="utf-8") as file:
            lines = iter(file)
            callee = ""
            for line in lines:
                key, _, value = line.strip().partition("=")
                if key == "cfn":
                    callee = value
                elif key == "calls":
                    calls[callee] += int(value.split()[0])
                    instructions[callee] += int(next(lines).split()[1])
    return calls, instructions


def main():
    sign = os.path.abspath(sys.argv[1])
    # The first call of each function goes through the dynamic linker.
    one, two, three = (count(sign, more) for more in range(3))
    print("compressions_cold", one[0][COMPRESSION])
    print("compressions_warm", three[0][COMPRESSION] - two[0][COMPRESSION])
    print("sign_x86_instructions",
          three[1]["sj_sigv4_sign"] - two[1]["sj_sigv4_sign"])
    print("request_x86_instructions",
          three[1]["one_request"] - two[1]["one_request"])


if __name__ == "__main__":
    main()
