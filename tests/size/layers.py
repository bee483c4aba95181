#!/usr/bin/python3
"""Flash and RAM of firmware images by layer, from the linker's map.

    layers.py PROGRAM.elf...

PROGRAM.map must be beside the program (gcc's -Wl,-Map). The layers come from
it, and their sums must equal the sizes of the program's sections. Exits
non-zero if they differ, or if an image exceeds LIMITS. Maps of binutils 2.44
count all merged strings as the first input's.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/bench"))
import figures  # noqa: E402

FIRMWARE = "examples/firmware/README.md"
MBEDTLS = Path(os.environ.get("SEGJOB_MBEDTLS", ROOT / "build/sources/mbedtls"))
BUILD_INFO = MBEDTLS / "include/mbedtls/build_info.h"

# The greatest flash and RAM of an image, in bytes. With another gcc or mbedTLS
# than the pages', flash may be 10 % more. Flash holds code, constants and
# the first values of .data; RAM is .data, .bss and stack: there is no heap.
LIMITS = {"cortex-m3": (132000, 82000), "rv32": (150000, 94000)}

# The first pattern found in `SECTION INPUT FILE` decides: a section of the
# program, and the section of an object file, or *fill*, that is part of it.
LAYERS = {
    "segjob: core": r"/libsegjob_core\.a\(",
    "segjob: runner, TLS, lwIP": r"/libsegjob_(run|tls|lwip)\.a\(",
    "segjob: credentials": r"/libsegjob_credentials\.a\(",
    "lwIP": r"/liblwipcore\.a\(",
    "mbedTLS": r"/lib(mbed\w+|tfpsacrypto|everest|p256m)\.a\(",
    "mbedTLS's arena": r" \.bss\.\w*arena ",
    "C library, libgcc": r"/lib(c|m|gcc|nosys)(_nano)?\.a\(",
    "stack": r"^\.stack ",
    "alignment": r" \*fill\* ",
    "application, board": r"",
}


def sections(elf):
    """(name, size, in flash, in RAM) of a program's sections in memory."""
    text = subprocess.run(["objdump", "-h", "-w", elf],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in text.splitlines():
        match = re.match(r" *\d+ (\S+) +([0-9a-f]+) .*\bALLOC\b", line)
        if match:
            yield (match[1], int(match[2], 16), "LOAD" in line,
                   "READONLY" not in line)


def inputs(path):
    """(section, address, end, `SECTION INPUT FILE`) of each line of a map."""
    with open(path, encoding="utf-8") as file:
        text = file.read().partition("\nLinker script and memory map\n")[2]
    text = re.sub(r"^( ?\S+)\n +0x", r"\1 0x", text, flags=re.MULTILINE)
    section, section_end = "", 0
    for line in text.splitlines():
        match = re.match(r"( ?)(\S+) +0x([0-9a-f]+) +0x([0-9a-f]+) *(.*)",
                         line)
        if match and not match[1]:
            section = match[2]
            section_end = int(match[3], 16) + int(match[4], 16)
        elif match:
            begin = int(match[3], 16)
            end = min(begin + int(match[4], 16), section_end)
            yield (section, begin, end,
                   "%s %s %s" % (section, match[2], match[5]))


def shares(listed):
    """(section, layer, size) of each input.

    The map lists merged strings with each of their inputs: an input ends where
    the next one begins, or the section ends.
    """
    for this, following in zip(listed, listed[1:] + [("", 0, 0, "")]):
        section, begin, end, name = this
        if following[0] == section:
            end = min(end, following[1])
        if end > begin:
            yield section, layer_of(name), end - begin


def layer_of(name):
    return next(layer for layer, pattern in LAYERS.items()
                if re.search(pattern, name))


def measure(elf):
    """Flash and RAM in bytes by layer, as two counters."""
    flash, ram, counted = Counter(), Counter(), Counter()
    program = list(sections(elf))
    in_flash = {name for name, _, yes, _ in program if yes}
    in_ram = {name for name, _, _, yes in program if yes}
    listed = [row for row in inputs(os.path.splitext(elf)[0] + ".map")
              if row[0] in in_flash | in_ram]
    for section, layer, size in shares(listed):
        counted[section] += size
        flash[layer] += size * (section in in_flash)
        ram[layer] += size * (section in in_ram)
    for section, size, _, _ in program:
        if counted[section] != size:
            sys.exit("layers.py: %s has %d bytes, and the map lists %d"
                     % (section, size, counted[section]))
    return flash, ram


def other_tools():
    """The compiler and mbedTLS, if they are not the pages'."""
    yield from figures.other_compilers("arm-none-eabi-gcc",
                                       "riscv64-unknown-elf-gcc")
    named = re.search(r"Ship mbedTLS ([\d.]+)", figures.page(FIRMWARE))[1]
    used = re.search(r'VERSION_STRING +"(.+)"', BUILD_INFO.read_text())[1]
    if used != named:
        yield "mbedTLS is %s: not held to the limits, of %s" % (
            used, named)


def show(name, flash, ram):
    row = "%-28s %8s %8s"
    print(row % (name, "flash", "RAM"))
    for layer in LAYERS:
        if flash[layer] or ram[layer]:
            print(row % ("  " + layer, flash[layer] or "", ram[layer] or ""))
    print(row % ("  all told", flash.total(), ram.total()))
    if name in LIMITS:
        print(row % ("  at most", *LIMITS[name]))


def is_too_large(name, flash, ram):
    if name not in LIMITS:
        return False
    flash_max, ram_max = LIMITS[name]
    others = list(other_tools())
    for other in others:
        print("  " + other)
    if others:
        flash_max *= figures.OTHER_GCC
    return flash.total() > flash_max or ram.total() > ram_max


def main():
    too_large = []
    for elf in sys.argv[1:]:
        name = os.path.basename(os.path.dirname(os.path.abspath(elf)))
        flash, ram = measure(elf)
        show(name, flash, ram)
        if is_too_large(name, flash, ram):
            too_large.append(name)
    if too_large:
        sys.exit("layers.py: too large: " + ", ".join(too_large))


if __name__ == "__main__":
    main()
