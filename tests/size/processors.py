#!/usr/bin/python3
"""Flash and stack of core by processor, compared with the table of README.md.

    processors.py BUILD JSMN MBEDTLS

Runs core.py for each of PROCESSORS, its figures in BUILD/PROCESSOR/figures and
its tables in BUILD/PROCESSOR/tables, and prints a table. Exits non-zero if a
figure is more than 2 % from the page's, if the compiler has the page's version.
A processor without a compiler is skipped.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "bench"))
import figures  # noqa: E402

PROCESSORS = {
    "Cortex-M0+": ["arm-none-eabi", "-mcpu=cortex-m0plus", "-mthumb"],
    "Cortex-M4": ["arm-none-eabi", "-mcpu=cortex-m4", "-mthumb"],
    "Cortex-M33": ["arm-none-eabi", "-mcpu=cortex-m33", "-mthumb"],
    "RISC-V RV32IMAC": ["riscv64-unknown-elf", "-march=rv32imac",
                        "-mabi=ilp32"],
    "Xtensa LX106": ["xtensa-lx106-elf", "-mlongcalls",
                     "-mtext-section-literals"],
}
KEYS = ("core_flash_ascii", "core_flash_unicode", "stack_sign")
ROW = "%-40s %10s %10s %10s  %s"


def measure(name, build, jsmn, mbedtls):
    """core.py's figures, by key."""
    folder = os.path.join(build, name)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tables"), "w", encoding="utf-8") as tables:
        done = subprocess.run(
            [sys.executable, "-B", os.path.join(HERE, "core.py"), folder, jsmn,
             mbedtls, *PROCESSORS[name], "-Os"],
            stdout=subprocess.PIPE, stderr=tables, text=True)
    if done.returncode:
        with open(os.path.join(folder, "tables"), encoding="utf-8") as tables:
            sys.exit("processors.py: %s: %s" % (name, tables.read()))
    with open(os.path.join(folder, "figures"), "w", encoding="utf-8") as file:
        file.write(done.stdout)
    return {key: int(value) for key, value in
            map(str.split, done.stdout.splitlines())}


def documented(name):
    """The page's figures; an empty list if it has no such row."""
    row = re.search(r"^\| %s \| (.*) \|$" % re.escape(name),
                    figures.page(figures.COSTS), flags=re.MULTILINE)
    return [int(text.replace(",", "")) for text in row[1].split(" | ")] \
        if row else []


def is_true(measured, page):
    return len(measured) == len(page) and all(
        abs(one - other) <= 0.02 * other for one, other in zip(measured, page))


def main():
    found = {name: shutil.which(tools[0] + "-gcc")
             for name, tools in PROCESSORS.items()}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        measured = {name: pool.submit(measure, name, *sys.argv[1:])
                    for name, gcc in found.items() if gcc}
    print(ROW % ("core, to create a job, bytes", "ASCII", "Unicode", "stack",
                 ""))
    false = []
    for name, gcc in found.items():
        if not gcc:
            print("%s: skipped, without %s-gcc" % (name, PROCESSORS[name][0]))
            continue
        values = [measured[name].result()[key] for key in KEYS]
        others = list(figures.other_compilers(os.path.basename(gcc)))
        print(ROW % (name, *map(figures.number, values), *(others or [""])))
        if not others and not is_true(values, documented(name)):
            false.append("%s: the page says %s" % (name, documented(name)))
    if false:
        sys.exit("processors.py: " + "\nprocessors.py: ".join(false))


if __name__ == "__main__":
    main()
