#!/usr/bin/python3
"""The matchers and the UTF-8 reader, compared with PCRE2 and Unicode's data.

    match.py PROGRAM

PROGRAM is match.c. First compares every length and pattern of the field list
with botocore's model of the service, and every pattern with the comment above
its matcher and with the text that PROGRAM gives to PCRE2. Then runs PROGRAM.
"""
import re
import subprocess
import sys
from pathlib import Path

import botocore.session

from records import Tally

ROOT = Path(__file__).resolve().parents[2]
UNICODE = ROOT / "build/sources/unicode-data"
FIELDS = 13  # of the API


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


# --------------------------------------------------------------- patterns

def comments():
    """Each matcher's pattern: the first line of the comment above it."""
    found = re.findall(r"/\*\s*(?:\* )?(\S[^\n]*?)(?: \*/|\n(?: \*[^\n]*\n)*?"
                       r" \*/)\nbool (sj_match_\w+)\(",
                       text_of("core/sj_match.c"))
    return {name: pattern for pattern, name in found}


def matchers():
    """The field list's names of patterns, and their matchers."""
    return dict(re.findall(r"#define MATCH_(\w+) (sj_match_\w+)",
                           text_of("core/sj_check.c")))


def field_list():
    """The field list, with the names of the API's resource in it as texts."""
    member = re.search(r'#define SJ_RESOURCE_MEMBER ("\w+)"',
                       text_of("core/sj_resource.h"))[1]
    return text_of("core/sj_fields.h").replace("SJ_RESOURCE_ARN_MEMBER",
                                               member + 'Arn"')


def fields():
    """Path, least and greatest length, and matcher of the API's fields."""
    rows = re.findall(r'X\(\w+, "([^"]+)",\s+(\d+), (\d+),[\s\\]+(\w+)\)',
                      field_list())
    return [(path, int(low), int(high), matchers().get(name))
            for path, low, high, name in rows]


def shape_at(shape, path):
    """The model's shape of a field, None if the request lacks it."""
    for part in re.findall(r"\w+|\[\]", path):
        if part == "[]":
            shape = shape.member
        elif part in shape.members:
            shape = shape.members[part]
        else:
            return None
    return shape


def compare_patterns(given):
    session = botocore.session.get_session()
    service = session.get_service_model("personalize")
    requests = [service.operation_model(name).input_shape for name in (
        "CreateBatchSegmentJob", "DescribeBatchSegmentJob")]
    tally = Tally(f"botocore {botocore.__version__} lengths and patterns")
    above = comments()
    for path, low, high, matcher in fields():
        shapes = [s for r in requests for s in [shape_at(r, path)] if s]
        if not shapes:
            continue  # a field of this library's configuration
        model = shapes[0].metadata
        wanted = model.get("min", 0), model.get("max", 0), model.get("pattern")
        written = low, high, above.get(matcher)
        tally.count(True)
        tally.check(wanted == written, path, "is", wanted, "not", written)
    for matcher in sorted(above.keys() | given.keys()):
        tally.check(above.get(matcher) == given.get(matcher), matcher, "is",
                    above.get(matcher), "in its comment, and",
                    given.get(matcher), "in match.c")
    return tally.end(FIELDS, 0)


# ---------------------------------------------------------------- Unicode

def property_of(name):
    """The ranges of one of Unicode's files of properties, as written."""
    line = re.compile(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))? *; (\S+)")
    for match in map(line.match, open(UNICODE / name, encoding="utf-8")):
        if match:
            first = int(match[1], 16)
            yield first, int(match[2] or match[1], 16), match[3]


def version(text):
    return tuple(map(int, text.split(".")))


def assigned():
    """The code points that the table's version of Unicode assigns: those of L,
    Z and N, and others. If the data is of an older version, the table may
    assign code points that the data does not."""
    table = version(re.match(
        r"/\* Unicode (\d+\.\d+)", text_of("core/sj_unicode_tables.h"))[1])
    ages = list(property_of("DerivedAge.txt"))
    is_older = max(version(age) for _, _, age in ages) < table
    known = set()
    for first, last, age in ages:
        if version(age) <= table:
            known.update(range(first, last + 1))
    for first, last, category in property_of(
            "extracted/DerivedGeneralCategory.txt"):
        if category != "Cn":
            for point in known.intersection(range(first, last + 1)):
                yield f"{point:x} {int(category[0] in 'LZN')}\n"
        elif is_older:
            for point in range(first, last + 1):
                yield f"{point:x} 2\n"


def main():
    program = sys.argv[1]
    listing = subprocess.run([program, "patterns"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    given = dict(line.split(" ", 1) for line in listing.splitlines())
    good = compare_patterns(given)
    sys.stdout.flush()
    done = subprocess.run([program, "run"], input="".join(assigned()),
                          text=True)
    return 0 if good and done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
