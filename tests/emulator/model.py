"""Checks requests against botocore's service model.

Nothing of the model is copied here: shapes, lengths and patterns come from
botocore's own data.
"""

import json
import re

import regex
from botocore.loaders import Loader
from botocore.model import ServiceModel

SERVICE = "personalize"


def load():
    """The package's service model, without the user's configuration."""
    loader = Loader([Loader.BUILTIN_DATA_PATH],
                    include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(SERVICE, "service-2"),
                        SERVICE)


class ServiceError(Exception):
    """An error response of the service: a code and a message."""

    def __init__(self, code, message):
        super().__init__(code, message)
        self.code = code
        self.message = message


def validate(shape, body):
    """The body's members that are in the model and not null."""
    value, broken = parse(body), []
    check(shape, value, "", broken)
    if broken:
        raise ServiceError(
            "InvalidInputException", "%d validation error%s detected: %s" %
            (len(broken), "s"[:len(broken) > 1], "; ".join(broken)))
    return {name: value[name] for name in shape.members
            if value.get(name) is not None}


def parse(body):
    """The body's JSON, read strictly: RFC 8259, UTF-8, no member twice."""

    def unique(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("repeated member")
        return dict(pairs)

    def no_constant(name):
        raise ValueError(name)

    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=unique,
                           parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # no surrogates
    except (ValueError, RecursionError):
        raise ServiceError("SerializationException",
                           "Unable to parse the body as JSON.")
    return value


def as_java(pattern):
    """The pattern in Java's reading of `.` and `\\d`, for a full match."""
    classes = {".": r"[^\n\r\u0085\u2028\u2029]", r"\d": "[0-9]"}
    in_class = {r"\d": "0-9"}
    words, table = [], classes
    for word in re.findall(r"\\.|[^\\]", pattern):
        words.append(table.get(word, word))
        table = {"[": in_class, "]": classes}.get(word, table)
    return regex.compile("".join(words))


def check(shape, value, path, broken):
    """Check a value against its shape in the service model.

    A wrong type raises SerializationException at once; broken constraints are
    appended to `broken`. As in the service, unknown members are ignored, null
    is absent, and `path` has the service's spelling.
    """
    types = {"structure": dict, "list": list, "string": str, "integer": int}
    if type(value) is not types[shape.type_name] or (
            shape.type_name == "integer" and not -2**31 <= value < 2**31):
        raise ServiceError("SerializationException", "'%s' can not be "
                           "converted to %s" % (path, shape.type_name))
    if shape.type_name == "structure":
        check_members(shape, value, path, broken)
        return
    for problem in problems(shape, value):
        broken.append("Value '%s' at '%s' failed to satisfy constraint: "
                      "Member must %s" % (value, path, problem))
    if shape.type_name == "list":
        for number, item in enumerate(value, 1):
            place = "%s.%d.member" % (path, number)
            check_present(shape.member, item, True, place, broken)


def check_members(shape, value, path, broken):
    for name, member in shape.members.items():
        check_present(member, value.get(name), name in shape.required_members,
                      "%s.%s" % (path, name) if path else name, broken)


def check_present(shape, value, required, path, broken):
    if value is not None:
        check(shape, value, path, broken)
    elif required:
        broken.append("Value null at '%s' failed to satisfy constraint: "
                      "Member must not be null" % path)


def problems(shape, value):
    """The constraints that the value breaks; lengths are in code points."""
    rules = shape.metadata
    size = value if shape.type_name == "integer" else len(value)
    kind = "value" if shape.type_name == "integer" else "length"
    if size < rules.get("min", size):
        yield "have %s greater than or equal to %d" % (kind, rules["min"])
    if size > rules.get("max", size):
        yield "have %s less than or equal to %d" % (kind, rules["max"])
    elif "pattern" in rules and not as_java(rules["pattern"]).fullmatch(value):
        yield "satisfy regular expression pattern: " + rules["pattern"]
