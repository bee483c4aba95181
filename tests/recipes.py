#!/usr/bin/python3
"""The recipes of examples/appliance agree with the project.

    recipes.py

They are for OpenWrt, Buildroot and Yocto, none of which is needed here. Prints
what was checked, and what is wrong.
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "examples/appliance"
LICENSE = (ROOT / "LICENSE").read_bytes()
OPENWRT = HERE / "openwrt/segjob/Makefile"
BUILDROOT = HERE / "buildroot/package/segjob/segjob.mk"
CHANGELOG = ROOT / "core/cmake/debian/changelog"
YOCTO = sorted(HERE.glob("yocto/recipes-*/segjob/segjob_*.bb"))

# CMake's own options, and those of its FetchContent and CTest.
STANDARD = re.compile(r"CMAKE_\w+|BUILD_SHARED_LIBS|BUILD_TESTING")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def found(pattern, text):
    """The first group of a pattern that must be in the text once."""
    matches = re.findall(pattern, text, re.M)
    return matches[0] if len(matches) == 1 else None


def version():
    header = (ROOT / "core/segjob.h").read_text()
    return ".".join(found(rf"^#define SEGJOB_VERSION_{part} (\d+)$", header)
                    for part in ("MAJOR", "MINOR", "PATCH"))


def recipes():
    return [OPENWRT, BUILDROOT, *YOCTO]


def versions():
    """the version is that of core/segjob.h"""
    yield (found(r"^PKG_VERSION:=(\S+)$", OPENWRT.read_text()), version(),
           OPENWRT)
    yield (found(r"^SEGJOB_VERSION = (\S+)$", BUILDROOT.read_text()),
           version(), BUILDROOT)
    yield (re.match(r"segjob \(([^)]*)\)", CHANGELOG.read_text())[1],
           version(), CHANGELOG)
    yield [path.stem for path in YOCTO], [f"segjob_{version()}"], HERE / "yocto"
    for page in sorted(HERE.glob("*/README.md")):
        named = set(re.findall(r"\bsegjob-(\d+\.\d+\.\d+)\b",
                               page.read_text()))
        yield named - {version()}, set(), page


def licences():
    """the licence is MIT, in LICENSE, with this hash"""
    yield LICENSE.split(b"\n")[0], b"MIT License", ROOT / "LICENSE"
    for path, names in (
            (OPENWRT, r"^PKG_LICENSE:=(.*)\n^PKG_LICENSE_FILES:=(.*)$"),
            (BUILDROOT, r"^SEGJOB_LICENSE = (.*)\n"
                        r"^SEGJOB_LICENSE_FILES = (.*)$")):
        yield found(names, path.read_text()), ("MIT", "LICENSE"), path
    for path in YOCTO:
        yield (found(r'^LICENSE = "(.*)"\n'
                     r'^LIC_FILES_CHKSUM = "file://LICENSE;md5=(.*)"$',
                     path.read_text()),
               ("MIT", hashlib.md5(LICENSE).hexdigest()), path)
    path = BUILDROOT.with_suffix(".hash")
    yield (found(r"^sha256  (\S+)  LICENSE$", path.read_text()),
           hashlib.sha256(LICENSE).hexdigest(), path)


def options():
    """every option for CMake is one of the project's, or CMake's"""
    known = set()
    for path in [ROOT / "CMakeLists.txt", *ROOT.glob("core/**/CMakeLists.txt"),
                 *ROOT.glob("core/cmake/*.cmake")]:
        known.update(re.findall(r"\w+", path.read_text()))
    for path in recipes():
        given = re.findall(r"-D(\w+)=", path.read_text())
        yield bool(given), True, path
        unknown = [name for name in given
                   if name not in known and not STANDARD.fullmatch(name)]
        yield unknown, [], path


def jsmn():
    """jsmn is that of one commit, by a hash"""
    yield (bool(found(r"^  HASH:=([0-9a-f]{64})$", OPENWRT.read_text())), True,
           OPENWRT)
    for path in HERE.glob("yocto/recipes-*/jsmn/*.bb"):
        yield (bool(found(r'^SRCREV = "([0-9a-f]{40})"$', path.read_text())),
               True, path)


def sites():
    """the folder of Buildroot's sources is this project"""
    up = found(r"^SEGJOB_SITE = \$\(BR2_EXTERNAL_SEGJOB_PATH\)/(.*)$",
               BUILDROOT.read_text())
    yield (HERE / "buildroot" / (up or "")).resolve(), ROOT, BUILDROOT


def names():
    """Buildroot's files name each other, and the option that all need"""
    tree = HERE / "buildroot"
    yield found(r"^name: (\w+)$", (tree / "external.desc").read_text()), \
        "SEGJOB", tree / "external.desc"
    for name in re.findall(r'"\$BR2_EXTERNAL_SEGJOB_PATH/(.*)"',
                           (tree / "Config.in").read_text()):
        yield (tree / name).is_file(), True, tree / "Config.in"
    chosen = (BUILDROOT.parent / "Config.in").read_text()
    for name in found(r"^SEGJOB_DEPENDENCIES = (.*)$",
                      BUILDROOT.read_text()).split():
        yield f"select BR2_PACKAGE_{name.upper()}\n" in chosen, True, BUILDROOT


def installed():
    """only the command is installed on the device"""
    for path, rule, file in (
            (OPENWRT, "Package/segjob/install",
             "$(PKG_INSTALL_DIR)/usr/bin/segjob"),
            (BUILDROOT, "SEGJOB_INSTALL_TARGET_CMDS", "$(@D)/segjob")):
        lines = found(rf"^define {re.escape(rule)}\n((?:.*\n)*?)endef$",
                      path.read_text())
        installs = [line.split() for line in lines.splitlines()
                    if "$(INSTALL_DIR)" not in line]
        yield [line[-2] for line in installs], [file], path


CHECKS = [versions, licences, options, jsmn, sites, names, installed]


def main():
    wrong = 0
    for check in CHECKS:
        results = list(check())
        print(f"{check.__doc__}: {len(results)}")
        for is_, expected, path in results:
            if is_ != expected:
                print(f"    {name_of(path)}: {is_!r}, not {expected!r}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
