#!/usr/bin/python3
"""Flash, stack and RAM of core on a processor: `KEY VALUE` on standard output.

    core.py BUILD JSMN MBEDTLS [TOOLS] [FLAG...]

JSMN is the folder of jsmn.h, MBEDTLS a source tree of mbedTLS 3.6. TOOLS is the
prefix of gcc's and binutils' names, one of SPECS; without it they are those of
ARM. The flags are gcc's, in place of those of a Cortex-M4. create.c is linked
without unreachable sections; tables of flash by file and stack by public
function go to standard error.

Stack is computed from gcc's frames (-fstack-usage) and graph of calls
(-fcallgraph-info), mbedTLS's SHA-256 included. INDIRECT has the targets of
calls through pointers. Frames of the C library's functions are read from their
code.
"""

import glob
import os
import re
import subprocess
import sys
from collections import Counter

import layers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# Divisions and products that the ROM of an ESP8266 has, and so no library.
ROM = ("__udivsi3", "__umodsi3", "__udivdi3", "__umoddi3", "__divdi3",
       "__moddi3", "__muldi3", "__umulsidi3")

# The tools, with flags for their small C library.
SPECS = {
    "arm-none-eabi": ["--specs=nano.specs", "--specs=nosys.specs"],
    "riscv64-unknown-elf": ["--specs=picolibc.specs"],
    "xtensa-lx106-elf": [
        "-isystem", "/usr/lib/xtensa-lx106-elf/include",
        "-L/usr/lib/xtensa-lx106-elf/lib",
        *("-Wl,--defsym=%s=0x40000000" % name for name in ROM)],
}
TOOLS = next((name for name in SPECS if name in sys.argv[4:5]), "arm-none-eabi")
GCC = [TOOLS + "-gcc", *SPECS[TOOLS],
       *([flag for flag in sys.argv[4:] if flag != TOOLS]
         or ["-mcpu=cortex-m4", "-mthumb", "-Os"])]

# The files that call through a pointer, and patterns of the functions that they
# may call.
INDIRECT = {
    "core/sj_check.c": r"sj_match_\w+|sj_endpoint_is_(region|host)"
                       r"|is_(visible|text|key_id)",
    "core/sj_http.c": r"\w+_line",
    "core/sj_attempt.c":
        r"core/segjob_fetch.c:write|core/sj_operation.c:write_\w+",
    "core/sj_response.c":
        r"core/segjob_fetch.c:read|core/sj_operation.c:read_\w+",
    "platform_util.c": r"memset",
}


# The functions that build and sign a request.
BUILDING = ("segjob_create", "segjob_set_credentials", "segjob_connected")


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, cwd=ROOT).stdout


def compile_all(build, jsmn, mbedtls, *defines):
    """The objects of core, runner, mbedTLS's hash and create.c, by name."""
    include = os.path.join(build, "include")  # only jsmn of the host's
    os.makedirs(include, exist_ok=True)
    with open(os.path.join(jsmn, "jsmn.h"), "rb") as file:
        text = file.read()
    with open(os.path.join(include, "jsmn.h"), "wb") as file:
        file.write(text)
    sources = sorted(glob.glob(os.path.join(ROOT, "core", "*.c")))
    names = [os.path.relpath(path, ROOT) for path in sources]
    names += ["port/segjob_run.c", "port/sj_address.c",
              "tests/size/create.c", "tests/size/objects.c"]
    names += [os.path.join(mbedtls, "library", name)
              for name in ("sha256.c", "platform_util.c")]
    objects = []
    for name in names:
        objects.append(os.path.join(build, os.path.basename(name)[:-2] + ".o"))
        run(*GCC, "-std=c99", "-DNDEBUG", "-ffunction-sections",
            "-fdata-sections", "-fcallgraph-info=su", "-Icore", "-Iport",
            "-Itests/size", "-isystem", include,
            "-isystem", os.path.join(mbedtls, "include"),
            '-DMBEDTLS_CONFIG_FILE="sha256_only.h"', *defines,
            "-c", name, "-o", objects[-1])
    return objects


def link(build, objects):
    elf = os.path.join(build, "create.elf")
    symbols = ("port", "config", "request", "deadline_ms")
    run(*GCC, "-nostartfiles", "-Wl,--gc-sections", "-Wl,--entry=main",
        *("-Wl,--defsym=%s=0x20000000" % name for name in symbols),
        "-Wl,-Map=" + elf[:-4] + ".map", *objects, "-o", elf)
    return elf


def flash(elf):
    """Bytes of linked flash by object file."""
    linked = {name for name, _, in_flash, _ in layers.sections(elf) if in_flash}
    rows = [row for row in layers.inputs(elf[:-4] + ".map") if row[0] in linked]
    taken = Counter()
    for this, following in zip(rows, rows[1:] + [("", 0, 0, "")]):
        section, begin, end, name = this
        if following[0] == section:
            end = min(end, following[1])
        if end > begin:
            taken[os.path.basename(name.split()[-1])] += end - begin
    return taken


class Calls:
    """The graph of calls, with frames in bytes."""

    def __init__(self, build, elf):
        self.frames, self.callees, self.indirect = {}, {}, {}
        for path in glob.glob(os.path.join(build, "*.ci")):
            self.read(path)
        code = run(TOOLS + "-objdump", "-d", elf)
        for name, body in re.findall(r"^\w+ <(\w+)>:\n((?:.+\n)+)", code,
                                     flags=re.MULTILINE):
            self.frames.setdefault(name, pushed(body))

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        title = re.search(r'graph: \{ title: "(.*?)"', text)[1]
        for name, label in re.findall(r'node: \{ title: "(.*?)" label: "(.*?)"',
                                      text):
            if found := re.search(r"(\d+) bytes \((\w+)", label):
                self.frames[name] = int(found[1])
        for caller, callee in re.findall(
                r'edge: \{ sourcename: "(.*?)" targetname: "(.*?)"', text):
            if callee == "__indirect_call":
                self.indirect[caller] = title
            self.callees.setdefault(caller, set()).add(callee)

    def pointed_to(self, caller):
        for file, pattern in INDIRECT.items():
            if self.indirect[caller].endswith(file):
                return {name for name in self.frames
                        if re.fullmatch(r"(%s:)?(%s)"
                                        % (re.escape(self.indirect[caller]),
                                           pattern), name)}
        sys.exit("core.py: no pattern for calls from " + caller)

    def deepest(self, name, above=()):
        """Bytes of the deepest stack, and its calls."""
        if name in above:
            sys.exit("core.py: recursion: " + " ".join((*above, name)))
        callees = self.callees.get(name, set()) - {"__indirect_call"}
        if name in self.indirect:
            callees = callees | self.pointed_to(name)
        below = max((self.deepest(callee, (*above, name))
                     for callee in callees), default=(0, ()))
        return self.frames.get(name, 0) + below[0], (name, *below[1])


def pushed(body):
    """The frame of a function without gcc's -fstack-usage, by its code."""
    total = 0
    for registers in re.findall(r"\bs?t?mdb\s+sp!, \{(.*?)\}"
                                r"|\bpush\s+\{(.*?)\}", body):
        total += 4 * len("".join(registers).split(","))
    for bytes_ in re.findall(r"\bsub(?:\.w)?\s+sp,.*#(\d+)"
                             r"|\badd\w*\s+(?:sp,\s*sp|a1, a1),\s*-(\d+)",
                             body):
        total += int("".join(bytes_))
    return total


def public_functions(elf):
    linked = {line.split()[-1] for line in
              run(TOOLS + "-nm", elf).splitlines()}
    with open(os.path.join(ROOT, "core", "segjob.h"), encoding="utf-8") as file:
        text = file.read()
    return [name for name in re.findall(r"^[a-z].*?\b\*?(segjob_\w+)\(", text,
                                        flags=re.MULTILINE)
            if name in linked]


def objects_in_ram(path):
    for line in run(TOOLS + "-nm", "-S", path).splitlines():
        fields = line.split()
        if fields[-1].startswith("ram_"):
            yield fields[-1][4:], int(fields[1], 16)


def show(title, rows):
    print("%-44s %8s" % (title, "bytes"), file=sys.stderr)
    for name, value in rows:
        print("  %-42s %8d" % (name, value), file=sys.stderr)


def of_core(taken):
    return sum(value for name, value in taken.items()
               if os.path.exists(os.path.join(ROOT, "core",
                                              name[:-2] + ".c")))


def main():
    build, jsmn, mbedtls = map(os.path.abspath, sys.argv[1:4])
    ascii_build = os.path.join(build, "ascii")
    os.makedirs(ascii_build, exist_ok=True)
    objects = compile_all(build, jsmn, mbedtls)
    elf = link(build, objects)
    taken = flash(elf)
    show("flash by object file, linked for create",
         taken.most_common())
    calls = Calls(build, elf)
    depths = [(name, *calls.deepest(name)) for name in public_functions(elf)]
    show("deepest stack by public function",
         [row[:2] for row in sorted(depths, key=lambda row: -row[1])])
    signing = max((row for row in depths if row[0] in BUILDING),
                  key=lambda row: row[1])
    print("signing: " + " > ".join(
        "%s %d" % (name.split(":")[-1], calls.frames.get(name, 0))
        for name in signing[2]), file=sys.stderr)
    ram = dict(objects_in_ram(os.path.join(build, "objects.o")))
    show("RAM by object", ram.items())
    ascii_elf = link(ascii_build, compile_all(
        ascii_build, jsmn, mbedtls, "-DSEGJOB_ASCII_TAGS"))
    print("core_flash_ascii", of_core(flash(ascii_elf)))
    print("core_flash_unicode", of_core(taken))
    print("stack_sign", signing[1])
    print("client_bytes", ram["segjob_client"])


if __name__ == "__main__":
    main()
