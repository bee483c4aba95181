#!/usr/bin/python3
"""Checks the SPDX document of a static command.

    spdx.py FOLDER COMMAND MBEDTLS MUSL COMPILER

FOLDER is the build's. COMMAND runs the command; MBEDTLS is its source tree;
MUSL is the version of Debian's musl-dev; COMPILER is the command of gcc. The
rules are those of the SPDX specification 2.3, clauses 6 to 11 and its JSON
schema. Licences are compared with SPDX's list, in Debian's license_expression.
Each library that the linker read belongs to a package of the document.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from license_expression import get_spdx_licensing

DOCUMENT = {"spdxVersion", "dataLicense", "SPDXID", "name",
            "documentNamespace", "creationInfo", "packages", "relationships"}
PACKAGE = {"SPDXID", "name", "versionInfo", "downloadLocation",
           "licenseDeclared", "filesAnalyzed"}
RELATIONSHIP = {"spdxElementId", "relationshipType", "relatedSpdxElement"}
LIBRARIES = [
    ("segjob", r"libsegjob_\w+\.a|main\.c\.o|.*\.ltrans\.o"),  # of LTO
    ("mbedtls", r"lib(mbed\w+|tfpsacrypto|everest|p256m)\.a"),
    ("musl", r"(libc\.a|S?crt[1in]\.o)"),
    ("libgcc", r"(libgcc(_eh)?\.a|crt(begin|end)S?\.o)"),
]


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()


def sha256(file):
    return [{"algorithm": "SHA256",
             "checksumValue": hashlib.sha256(file.read_bytes()).hexdigest()}]


def mbedtls_version(tree):
    text = (tree / "include/mbedtls/build_info.h").read_text("utf-8")
    return ".".join(re.search(r"#define MBEDTLS_VERSION_%s +(\d+)" % part,
                              text)[1] for part in ("MAJOR", "MINOR", "PATCH"))


def linked(linker_map):
    """Packages of what the linker read, and files of none."""
    for path in re.findall(r"^LOAD (.*[/.].*)$", linker_map.read_text("utf-8"),
                           flags=re.MULTILINE):
        for package, pattern in LIBRARIES:
            if re.search(r"(^|/)(%s)$" % pattern, path):
                yield package
                break
        else:
            yield "no package has " + path


def broken_form(document):
    if not DOCUMENT <= set(document):
        yield "document lacks %s" % (DOCUMENT - set(document))
    if (document["spdxVersion"], document["dataLicense"],
            document["SPDXID"]) != ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"):
        yield "not a document of SPDX 2.3"
    if not re.fullmatch(r"https?://[^#\s@]+", document["documentNamespace"]):
        yield "documentNamespace"
    creation = document["creationInfo"]
    if not re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z",
                        creation["created"]):
        yield "created"
    for creator in creation["creators"]:
        if not re.match(r"(Tool|Person|Organization): ", creator):
            yield creator


def broken_references(document):
    known = [document["SPDXID"]]
    for package in document["packages"]:
        known.append(package["SPDXID"])
        if not PACKAGE <= set(package):
            yield "package lacks %s" % (PACKAGE - set(package))
        if not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"]):
            yield package["SPDXID"]
        yield from get_spdx_licensing().validate(
            package["licenseDeclared"], strict=True).errors
    if len(set(known)) < len(known):
        yield "an SPDXID is there twice"
    ends = set()
    for relationship in document["relationships"]:
        if set(relationship) != RELATIONSHIP:
            yield "relationship %s" % relationship
        ends |= {relationship["spdxElementId"],
                 relationship["relatedSpdxElement"]}
    if ends != set(known):
        yield "relationships have %s" % sorted(ends ^ set(known))


def broken_facts(document, folder, versions):
    packages = {package["name"]: package for package in document["packages"]}
    found = {name: package["versionInfo"] for name, package in packages.items()}
    if found != versions:
        yield "versions are %s, expected %s" % (found, versions)
    for name, file in (("segjob", "segjob"), ("jsmn", "jsmn/jsmn.h")):
        if packages[name]["checksums"] != sha256(folder / file):
            yield "checksum of " + name
    names = set(linked(folder / "examples/appliance/segjob.map")) | {"jsmn"}
    if names != set(packages):
        yield "linked: %s" % sorted(names ^ set(packages))


def main():
    folder, command, mbedtls, musl, compiler = sys.argv[1:]
    folder = Path(folder)
    document = json.loads((folder / "segjob.spdx.json").read_text("utf-8"))
    versions = {
        "segjob": output(command, "--version").split()[-1],
        "mbedtls": mbedtls_version(Path(mbedtls)),
        "jsmn": "NOASSERTION",
        "musl": re.sub(r"-.*", "", musl),
        "libgcc": output(compiler, "-dumpfullversion"),
    }
    found = [*broken_form(document), *broken_references(document),
             *broken_facts(document, folder, versions)]
    if found:
        sys.exit("spdx.py: " + "\nspdx.py: ".join(found))


if __name__ == "__main__":
    main()
