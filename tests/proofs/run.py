#!/usr/bin/python3
"""Runs the proofs in the file `proofs`, and checks that each can fail.

    run.py CBMC [full]

Each mutation of the file `mutations` loosens a bound and must make its proof
fail: without `full`, with the small bounds. Prints a line per proof; ends
non-zero if a proof fails or takes too long, if a mutated one does not fail, or
if a proof has no mutation.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CHECKS = ["--unwinding-assertions", "--bounds-check", "--pointer-check",
          "--pointer-overflow-check", "--pointer-primitive-check",
          "--signed-overflow-check", "--undefined-shift-check",
          "--div-by-zero-check", "--drop-unused-functions",
          "--object-bits", "12"]
PATIENCE = {False: 1800, True: 3600}  # seconds for one proof

Proof = namedtuple("Proof", "harness function bound full unwind sources")


def proofs():
    with open(os.path.join(HERE, "proofs"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                harness, function, *numbers = line.split()
                yield Proof(harness, function, *map(int, numbers[:3]),
                            numbers[3:])


def mutations():
    """(function, file, line out, line in) of each."""
    with open(os.path.join(HERE, "mutations"), encoding="utf-8") as file:
        paragraphs = re.split(r"\n\n+", file.read().strip())
    for paragraph in paragraphs[1:]:
        function, name, gone, come = paragraph.splitlines()
        yield function, name, gone[2:], come[2:]


def prove(cbmc, root, proof, bound, patience, *options):
    """CBMC's verdict as text, the number of properties, and seconds."""
    begin = time.monotonic()
    command = [cbmc, "-I", root + "/core", "-I", root + "/tests/proofs",
               "-DBOUND=%d" % bound,
               root + "/tests/proofs/%s.c" % proof.harness,
               *(root + "/core/" + name for name in proof.sources),
               "--function", proof.function,
               "--unwind", str(proof.unwind + bound - proof.bound),
               *CHECKS, *options]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              errors="replace",
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=patience)
        output = done.stdout
    except subprocess.TimeoutExpired:
        output = "no verdict within %d s" % patience
    seconds = time.monotonic() - begin
    properties = re.search(r"\d+ of (\d+) failed", output)
    verdict = re.search(r"VERIFICATION (\w+)", output)
    # An error of CBMC, or a function without code, gives no verdict.
    if not verdict or "no body for" in output:
        return "no verdict: " + output[-2000:], 0, seconds
    if verdict[1] == "FAILED":
        return "\n".join(re.findall(r".*: FAILURE", output)), 0, seconds
    return "proved", int(properties[1]), seconds


def prove_mutated(cbmc, proof, name, gone, come):
    """The reason why the mutation is wrong; None if its proof fails."""
    with tempfile.TemporaryDirectory(prefix="proofs-") as root:
        for folder in ("core", "port/credentials", "tests/proofs"):
            shutil.copytree(os.path.join(ROOT, folder),
                            os.path.join(root, folder))
        name = name if "/" in name else "core/" + name
        path = os.path.join(root, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(gone) != 1:
            return "does not fit " + name
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(gone, come))
        verdict, _, _ = prove(cbmc, root, proof, proof.bound, PATIENCE[False],
                              "--stop-on-fail")
    if verdict == "proved":
        return "is proved nevertheless"
    return verdict if verdict.startswith("no verdict") else None


def main():
    cbmc = os.path.abspath(sys.argv[1])
    full = sys.argv[2:] == ["full"]
    listed = list(proofs())
    by_function = {proof.function: proof for proof in listed}
    loosened = list(mutations())
    faults = [proof.function + " has no mutation" for proof in listed
              if proof.function not in {row[0] for row in loosened}]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        proved = [(proof, pool.submit(
            prove, cbmc, ROOT, proof, proof.full if full else proof.bound,
            PATIENCE[full])) for proof in listed]
        failed = [(row, pool.submit(
            prove_mutated, cbmc, by_function[row[0]], *row[1:]))
            for row in loosened]
        for proof, future in proved:
            verdict, properties, seconds = future.result()
            print("%-11s %-28s up to %2d bytes, %4d properties, %5.1f s"
                  % (proof.harness, proof.function,
                     proof.full if full else proof.bound, properties, seconds))
            if verdict != "proved":
                faults.append(proof.function + ": " + verdict)
        for row, future in failed:
            if future.result() is not None:
                faults.append("%s, loosened, %s" % (row[0], future.result()))
    print("%d of %d loosened bounds make a proof fail"
          % (len(loosened) - sum(", loosened, " in fault for fault in faults),
             len(loosened)))
    if faults:
        sys.exit("run.py: " + "\nrun.py: ".join(faults))


if __name__ == "__main__":
    main()
