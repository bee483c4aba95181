#!/usr/bin/env python3
"""The project's rules that a program can check.

    rules.py BUILD

BUILD is a folder with a release build. Each rule is a function that yields its
violations. Prints a line for each rule, and for each violation.
"""

import functools
import graphlib
import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pages

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/host")

TOP_LEVEL = {"core", "port", "examples", "tests", "CMakeLists.txt",
             "README.md", "LICENSE"}
STANDARD = {"assert.h", "limits.h", "stdbool.h", "stddef.h", "stdint.h",
            "string.h"}
PUBLIC = sorted(path for path in [*ROOT.glob("core/segjob*.h"),
                                  *ROOT.glob("port/segjob_*.h"),
                                  *ROOT.glob("port/*/segjob_*.h"),
                                  *ROOT.glob("port/*/segjob/segjob_*.h")]
                if path.name != "segjob_private.h")  # a part of segjob.h
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]

# lwIP's headers, and the options of the tests: the system has no lwIP.
LWIP = ROOT / "build/sources/lwip/src/include"
LWIP_FLAGS = ["-DNO_SYS=1", "-isystem", LWIP, "-isystem", ROOT / "tests/lwip",
              "-isystem", ROOT / "tests/lwip/port",
              "-isystem", ROOT / "tests/lwip/sdk"]

# Ports within SDKs whose headers neither the system nor the tests have.
SDKS = [ROOT / "port/esp-idf", ROOT / "port/zephyr"]
# The folders of the ports that a port is made of, by its own in port/.
LOWER_PORTS = {"posix": {"sockets"}, "pico": {"lwip"}, "zephyr": {"sockets"},
               "esp-idf": {"segjob", "lwip", "sockets", "credentials"}}

# Mutable static state, and the reason for it.
MUTABLE = {
    # lwIP cannot cancel a DNS query: the answer may come after the caller.
    "segjob_lwip.o": {"queries"},
    # mbedtls_psa_external_get_random() has no argument of the caller.
    "sj_tls_random.o": {"source"},
}

# Functions that the compiler may call by itself: division and the like on small
# targets, and hardening that some distributions turn on.
RUN_TIME = re.compile(r"__(u?(div|mod|divmod|mul|ashl|ashr|lshr|clz|ctz|bswap)"
                      r"\w*|aeabi_\w+|stack_chk_fail)|_GLOBAL_OFFSET_TABLE_")
CORE_SYMBOLS = re.compile(r"memcpy|memmove|memset|memcmp|strlen")
HASH_SYMBOLS = re.compile(r"mbedtls_(internal_)?sha256_\w+"
                          r"|mbedtls_platform_zeroize"
                          r"|psa_hash_(setup|update|finish|abort)")
PORT_DENIED = re.compile(
    r"(?:__)?(?:"
    r"malloc|calloc|realloc|reallocarray|free|aligned_alloc|posix_memalign"
    r"|memalign|valloc|strn?dup|alloca|v?asprintf|open_memstream|getline"
    r"|v?[fsd]?n?w?printf|v?snprintf|v?[fs]?w?scanf|f?puts|f?put[cs]|putchar"
    r"|f?get[cs]|getchar|ungetc|fopen|fdopen|freopen|fclose|fread|fwrite"
    r"|fflush|fseeko?|ftello?|rewind|setv?buf|perror|remove|tmpfile|popen"
    r"|std(?:in|out|err))(?:_chk)?")

# The BSD sockets API: its headers, and what is called of it.
SOCKETS_HEADERS = {
    "sj_sockets.h": {"errno.h", "fcntl.h", "netinet/in.h", "netinet/tcp.h",
                     "poll.h", "sys/socket.h", "unistd.h", "lwip/errno.h",
                     "lwip/sockets.h"},
    "sj_resolve.c": {"netdb.h", "lwip/netdb.h"}}
SOCKETS_SYMBOLS = re.compile(r"socket|connect|send|recv|close|poll"
                             r"|getaddrinfo|freeaddrinfo|gai_strerror"
                             r"|segjob_tls_(init|free)|segjob_wipe_bytes"
                             r"|[gs]etsockopt|strerror|\w*errno\w*"
                             r"|segjob_connect_\w+|mem(cpy|set)")

# What takes many kilobytes of a static program: text.h and decimal.h instead.
COMMAND_DENIED = re.compile(
    r"(?:__(?:isoc\d+_)?)?(?:v?[fsd]?n?printf|v?asprintf|v?[fs]?scanf"
    r"|strto(?:d|f|ld)|atof)(?:_chk)?")


class Skip(Exception):
    """The reason why a rule cannot be checked on this machine."""


def files(*suffixes):
    """The project's files with these suffixes, by path."""
    for top in sorted(TOP_LEVEL):
        path = ROOT / top
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in found:
            if file.is_file() and file.name.endswith(suffixes):
                yield file


def is_of_sdk(file):
    return any(sdk in file.parents for sdk in SDKS)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def is_example(file):
    """Whether it is of a port's example, which only its SDK can compile."""
    return ROOT / "port" in file.parents and "example" in file.parts


@functools.cache
def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace")


@functools.cache
def bare(path):
    """C text with comments, strings and characters blanked, lines kept."""
    blank = re.compile(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\\n])*"'
                       r"|'(\\.|[^'\\\n])*'", re.DOTALL)
    return blank.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text_of(path))


def run(*command, cwd=None):
    return subprocess.run([str(word) for word in command], cwd=cwd, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


# ---------------------------------------------------------------- includes

def includes(path):
    """The names that it includes: in angle brackets, and in quotes."""
    found = re.findall(r'^#\s*include\s*([<"])([^>"]+)[>"]', text_of(path),
                       re.MULTILINE)
    return ([name for kind, name in found if kind == "<"],
            [name for kind, name in found if kind == '"'])


def resolve(path, name):
    """The project's file that `path` includes by a quoted name, or None."""
    folders = [*path.parents, *(public.parent for public in PUBLIC)]
    for folder in folders:
        if (folder / name).is_file():
            return (folder / name).resolve()
    return None


def reach(path, seen):
    """All of the project's files that `path` includes, at any depth."""
    for name in includes(path)[1]:
        file = resolve(path, name)
        if file and file not in seen:
            seen.add(file)
            reach(file, seen)
    return seen


def core_includes():
    """core includes only core; mbedTLS, PSA and jsmn have one file each"""
    for file in files(".c", ".h"):
        if file.parent != ROOT / "core":
            continue
        system, own = includes(file)
        for name in own:
            if not (file.parent / name).is_file():
                yield f'{name_of(file)} includes "{name}"'
        for name in system:
            if name in STANDARD:
                continue
            if file.name == "sj_json.c" and name == "jsmn.h":
                continue
            if (file.name == "sj_sha256_mbedtls.c"
                    and name.startswith("mbedtls/")):
                continue
            if (file.name == "sj_sha256.h"
                    and name in ("psa/crypto.h", "mbedtls/platform_util.h")):
                continue
            yield f"{name_of(file)} includes <{name}>"


def mbedtls_versions():
    """mbedTLS's version is asked for in its own files alone"""
    allowed = {"sj_sha256_mbedtls.c", "sj_tls_mbedtls.c", "sj_tls_mbedtls.h",
               "sj_tls_offer.c", "tls_lines.h", "test_sha256.c"}
    for file in files(".c", ".h"):
        if (file.name not in allowed
                and "MBEDTLS_VERSION" in file.read_text(encoding="utf-8")):
            yield name_of(file)


def port_includes():
    """port includes core, port and its platform; mbedTLS by TLS and SSO"""
    for file in files(".c", ".h"):
        if ROOT / "port" not in file.parents or is_example(file):
            continue
        shared = file.parent == ROOT / "port"
        system, own = includes(file)
        for name in own:
            found = resolve(file, name)
            if not (found in PUBLIC or found and found.parent == file.parent):
                yield f'{name_of(file)} includes "{name}"'
            elif (found.parent not in (file.parent, ROOT / "port",
                                       ROOT / "core")
                  and found.parent.name not in LOWER_PORTS.get(
                      file.relative_to(ROOT / "port").parts[0], set())):
                yield f'{name_of(file)} includes "{name}" of another platform'
        tls = ROOT / "port/segjob_tls.h"
        for name in system:
            if file.name == "segjob_sso.c" and name == "mbedtls/md.h":
                continue  # for SHA-1
            if name.startswith(("mbedtls/", "psa/")):
                if file != tls and tls not in reach(file, set()):
                    yield f"{name_of(file)} includes <{name}>"
            elif name == "jsmn.h" or (shared and name not in STANDARD):
                yield f"{name_of(file)} includes <{name}>"


def sockets_includes():
    """sockets includes the BSD sockets API alone, in two files"""
    for file in files(".c", ".h"):
        if file.parent == ROOT / "port/sockets":
            allowed = SOCKETS_HEADERS.get(file.name, set())
            for name in includes(file)[0]:
                if name not in STANDARD | allowed:
                    yield f"{name_of(file)} includes <{name}>"


def example_includes():
    """examples include public headers, and those of their own folders"""
    for file in files(".c", ".h"):
        if ROOT / "examples" not in file.parents and not is_example(file):
            continue
        system, own = includes(file)
        for name in own:
            found = resolve(file, name)
            if is_example(file) and name == "roots.h":
                continue  # examples/firmware's, which its build copies
            if not (found in PUBLIC or found and found.parent in file.parents):
                yield f'{name_of(file)} includes "{name}"'
        for name in system:
            if name.startswith("sj_") or name == "jsmn.h":
                yield f"{name_of(file)} includes <{name}>"


def named_sources():
    """each source of core and ports is named once for the builds"""
    named = []
    for top in ("core", "port"):
        for lists in (ROOT / top).rglob("CMakeLists.txt"):
            if is_example(lists):
                continue
            names = re.findall(r"\b\w+\.c\b", lists.read_text(encoding="utf-8"))
            named += [name_of(lists.parent / name) for name in names]
    # The same files over two kinds of sockets.
    named.remove("port/sockets/segjob_sockets.c")
    named.remove("port/sockets/sj_resolve.c")
    there = [name_of(file) for file in files(".c")
             if name_of(file).startswith(("core/", "port/"))
             and not is_example(file)]
    for name in sorted(set(named + there)):
        if named.count(name) != there.count(name):
            yield name


def include_cycles():
    """no header includes itself, directly or indirectly"""
    for file in files(".h"):
        if file in reach(file, set()):
            yield name_of(file)


# ----------------------------------------------------------------- objects

def objects(folder, *libraries):
    """(name, path) of the release objects of these libraries."""
    with tempfile.TemporaryDirectory() as room:
        for library in libraries:
            archive = (BUILD / folder / f"lib{library}.a").resolve()
            here = Path(room) / library
            here.mkdir()
            if run("ar", "x", archive, cwd=here).returncode != 0:
                raise SystemExit(f"rules.py: no release build in {BUILD}")
            for path in sorted(here.iterdir()):
                yield path.name, path


def symbols(path, *options):
    lines = run("nm", "-P", *options, path).stdout.splitlines()
    return [line.split()[0] for line in lines]


def lwip_objects():
    """(name, path) of the objects over lwIP; release builds lack them."""
    with tempfile.TemporaryDirectory() as room:
        for port in ("lwip", "pico"):
            path = Path(room) / f"segjob_{port}.o"
            done = run("gcc", "-std=c99", "-O2", *LWIP_FLAGS, *own_folders(),
                       "-c", ROOT / f"port/{port}/segjob_{port}.c", "-o", path)
            if done.returncode != 0:
                raise SystemExit(done.stdout)
            yield path.name, path


def lwip_flags(file):
    return LWIP_FLAGS if file.parent.name in ("lwip", "pico") else []


def own_folders():
    return [f"-I{folder}" for folder in sorted({p.parent for p in PUBLIC})]


def core_objects():
    yield from objects("core", "segjob_core")


def port_objects():
    yield from objects("port", "segjob_run", "segjob_tls")
    yield from objects("port/credentials", "segjob_credentials")
    yield from objects("port/posix", "segjob_posix")
    yield from objects("port/sockets", "segjob_sockets")
    yield from lwip_objects()


def core_symbols():
    """core calls only what its list allows"""
    defined, undefined = set(), []
    for name, path in core_objects():
        defined.update(symbols(path, "--defined-only", "--extern-only"))
        undefined += [(name, s) for s in symbols(path, "--undefined-only")]
    for name, symbol in undefined:
        hashes = name.startswith("sj_sha256_")
        if not (symbol in defined or CORE_SYMBOLS.fullmatch(symbol)
                or RUN_TIME.fullmatch(symbol)
                or hashes and HASH_SYMBOLS.fullmatch(symbol)):
            yield f"{name} needs {symbol}"


def core_link_cycles():
    """no file of core calls itself by way of other files"""
    defines, needs = {}, {}
    for name, path in core_objects():
        for symbol in symbols(path, "--defined-only", "--extern-only"):
            defines[symbol] = name
        needs[name] = symbols(path, "--undefined-only")
    graph = {name: {defines[s] for s in needed if s in defines}
             for name, needed in needs.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield " < ".join(error.args[1])


def port_symbols():
    """ports call neither the malloc family nor stdio"""
    for name, path in port_objects():
        for symbol in symbols(path, "--undefined-only"):
            if PORT_DENIED.fullmatch(symbol):
                yield f"{name} needs {symbol}"


def sockets_symbols():
    """sockets calls the BSD sockets API alone"""
    for name, path in objects("port/sockets", "segjob_sockets"):
        for symbol in symbols(path, "--undefined-only"):
            if not (SOCKETS_SYMBOLS.fullmatch(symbol)
                    or RUN_TIME.fullmatch(symbol)):
                yield f"{name} needs {symbol}"


def command_symbols():
    """the command calls neither printf nor strtod"""
    for name, path in objects("examples/cli", "segjob_command"):
        for symbol in symbols(path, "--undefined-only"):
            if COMMAND_DENIED.fullmatch(symbol):
                yield f"{name} needs {symbol}"


def command_formats():
    """the command's formats have only what examples/cli/text.h converts"""
    for file in files(".c"):
        if file.parent != ROOT / "examples/cli" or file.name == "text.c":
            continue
        for literal in re.findall(r'"(?:\\.|[^"\\\n])*"',
                                  re.sub(r"/\*.*?\*/", "", text_of(file),
                                         flags=re.DOTALL)):
            for rest in re.findall(r"%(.{0,4})", literal):
                if not re.match(r"(\.(\*|\d+))?s|(0\d)?(l|ll)?[dux]|c", rest):
                    yield f"{name_of(file)}: %{rest}"


def static_data():
    """core and ports have no mutable static state but what is listed"""
    for name, path in itertools.chain(core_objects(), port_objects()):
        left = sum(sizes(path, MUTABLE.get(name, ())))
        table = run("objdump", "-h", "-w", path).stdout
        for section, size in re.findall(r"^ +\d+ (\S+) +([0-9a-f]+)", table,
                                        re.MULTILINE):
            if re.match(r"\.t?(data|bss)(?!\.rel\.ro)", section):
                left -= int(size, 16)
        if left != 0:
            yield f"{name} has {-left} bytes more than listed"
        for line in run("nm", "-P", path).stdout.splitlines():
            if line.split()[1] == "C":
                yield f"{name} has common {line.split()[0]}"


def sizes(path, names):
    """The sizes of the objects of these names."""
    for line in run("nm", "-P", path).stdout.splitlines():
        words = line.split()
        if words[0] in names:
            yield int(words[3], 16)


# -------------------------------------------------------------------- text

def top_level():
    """the top level has only the listed files, and dotfiles"""
    for path in sorted(ROOT.iterdir()):
        if (path.name not in TOP_LEVEL and path.name != "build"
                and not path.name.startswith(".")):
            yield path.name


def eighty_columns():
    """no line is longer than 80 columns"""
    for file in files(".c", ".h", ".py", ".sh", ".txt", ".cmake", ".1",
                      ".bash", "_segjob"):
        for number, line in enumerate(text_of(file).split("\n"), 1):
            if len(line) > 80:
                yield f"{name_of(file)}:{number}: {len(line)} columns"


def white_space():
    """no tabs, no blanks at line ends, one newline at the end of a file"""
    for file in files(".c", ".h", ".py", ".sh", ".txt", ".cmake", ".md", ".1",
                      ".bash", "_segjob"):
        text = text_of(file)
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line or line != line.rstrip():
                yield f"{name_of(file)}:{number}"
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield f"{name_of(file)}: its end"


def formatter():
    """clang-format 14 or None: other versions format differently."""
    for name in ("clang-format-14", "clang-format"):
        if (shutil.which(name)
                and re.search(r"version 14\.", run(name, "--version").stdout)):
            return name
    return None


def clang_format():
    """C files are as clang-format 14 leaves them"""
    if formatter() is None:
        raise Skip("no clang-format 14 is installed")
    done = run(formatter(), "--dry-run", "-Werror", "--style=file",
               *files(".c", ".h"), cwd=ROOT)
    if done.returncode != 0:
        where = re.findall(r"^(\S+?:\d+):\d+: error", done.stdout,
                           re.MULTILINE)
        yield from where or [done.stdout]


def braces():
    """if, else, for, while and do are followed by a brace"""
    for file in files(".c", ".h"):
        text = bare(file)
        for match in re.finditer(r"\b(if|for|while|else|do)\b", text):
            start = text.rfind("\n", 0, match.start()) + 1
            before = text[start:match.start()].strip()
            if before.startswith("#") or match[1] == "while" and before == "}":
                continue
            rest = text[match.end():]
            if match[1] in ("if", "for", "while"):
                rest = rest[parenthesis(rest):]
            follows = re.match(r"[\s\\]*(\{|if\b|)", rest)[1]
            if follows != "{" and (match[1], follows) != ("else", "if"):
                number = text.count("\n", 0, match.start()) + 1
                yield f"{name_of(file)}:{number}: {match[1]}"


def parenthesis(text):
    """The end of the first parenthesis of `text`."""
    depth = 0
    for at, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == ")" and depth == 0:
            return at + 1
    return len(text)


def functions(folder):
    """(place, lines of the body) of the functions below a folder."""
    for file in files(".c"):
        if ROOT / folder not in file.parents:
            continue
        begin = 0
        for number, line in enumerate(text_of(file).split("\n"), 1):
            if line == "{":
                begin = number
            elif line == "}" and begin:
                yield f"{name_of(file)}:{begin}", number - begin - 1
                begin = 0


def short_functions():
    """no function of core, port and examples is longer than 50 lines"""
    for folder in ("core", "port", "examples"):
        lengths = list(functions(folder))
        for place, length in lengths:
            if length > 50:
                yield f"{place}: {length} lines"


def plain_core():
    """core has no floating point, no alloca; goto only to `cleanup`"""
    banned = re.compile(r"\b(float|double|alloca|goto (?!cleanup;))\b")
    for file in files(".c", ".h"):
        if file.parent == ROOT / "core":
            for match in banned.finditer(bare(file)):
                number = bare(file).count("\n", 0, match.start()) + 1
                yield f"{name_of(file)}:{number}: {match[1]}"


def recursion():
    """no function of core and port is recursive"""
    calls = {}
    with tempfile.TemporaryDirectory() as room:
        for file in files(".c"):
            top = name_of(file).split("/")[0]
            if (top not in ("core", "port") or is_of_sdk(file)
                    or is_example(file)):
                continue
            done = run("gcc", "-std=c99", "-O0", "-fcallgraph-info", "-c",
                       *own_folders(), *lwip_flags(file), file, "-o",
                       Path(room) / f"{file.stem}.o")
            if done.returncode != 0:
                yield done.stdout
        for graph in Path(room).glob("*.ci"):
            for source, target in re.findall(
                    r'edge: \{ sourcename: "(.*?)" targetname: "(.*?)"',
                    graph.read_text()):
                calls.setdefault(source, set()).add(target)
    for function in sorted(calls):
        if function in called_from(function, calls, set()):
            yield function


def called_from(function, calls, seen):
    todo = [function]
    while todo:
        for target in calls.get(todo.pop(), ()):
            if target not in seen and target != "__indirect_call":
                seen.add(target)
                todo.append(target)
    return seen


def unfinished():
    """nothing is marked as left to do"""
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
    for file in files(""):
        if not file.name.endswith((".pyc", ".o")):
            for match in mark.finditer(text_of(file)):
                number = text_of(file).count("\n", 0, match.start()) + 1
                yield f"{name_of(file)}:{number}: {match[0]}"


# ----------------------------------------------------------------- headers

def headers_alone():
    """every public header compiles alone, in C99 and in C++11"""
    languages = [("gcc", "-std=c99", "-xc"), ("g++", "-std=c++11", "-xc++")]
    for file in PUBLIC:
        for compiler, *language in languages:
            with tempfile.TemporaryDirectory() as room:
                source = Path(room) / "alone"
                source.write_text(f'#include "{file.name}"\n')
                done = run(compiler, *language, *WARNINGS, *own_folders(),
                           *lwip_flags(file), source)
            if done.returncode != 0:
                yield f"{name_of(file)} in {language[0][5:]}\n{done.stdout}"


RULES = [core_includes, mbedtls_versions, port_includes, sockets_includes,
         example_includes, named_sources, include_cycles, core_symbols,
         core_link_cycles,
         port_symbols, sockets_symbols, command_symbols, command_formats,
         static_data, top_level, eighty_columns, white_space, clang_format,
         braces, short_functions, plain_core, recursion, unfinished,
         headers_alone, *pages.RULES]


def main():
    if not LWIP.is_dir():
        raise SystemExit("rules.py: no lwIP; run `sh tests/sources.sh lwip`")
    broken = 0
    for rule in RULES:
        try:
            breaks = list(rule())
        except Skip as reason:
            print(f"skipped {rule.__doc__}: {reason}")
            continue
        print("broken" if breaks else "holds ", rule.__doc__)
        for line in breaks:
            print("       ", line)
        broken += bool(breaks)
    for folder in ("core", "port", "examples"):
        lengths = [length for _, length in functions(folder)]
        print(f"{folder}: {len(lengths)} functions, median "
              f"{statistics.median(lengths or [0]):g} lines")
    print(f"{len(RULES)} rules, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
