#!/usr/bin/python3
"""The hosts of regions, compared with the services' rule sets in botocore: of
Personalize, and of what gives credentials.

    endpoint.py PROGRAM

PROGRAM is endpoint.c. The regions are all that botocore knows, and random ones
of each partition's pattern, with all flags. PARTITIONS has those of later
editions of AWS's partitions.json than botocore's; LACKS has exactly what each
version of botocore lacks of them.
"""
import re
import subprocess
import sys

import botocore

from records import Tally
from request import R, SEED, WORD, Endpoints, some

# Hosts, and the names of their services in botocore.
SERVICES = {"personalize": "personalize", "sts": "sts", "portal.sso": "sso",
            "rolesanywhere": "rolesanywhere"}
# Without hosts of their own for FIPS in us-gov, but for dual-stack.
NO_FIPS_IN_GOV = {"sts", "portal.sso"}

FLAGS = [(fips, dual) for fips in (False, True) for dual in (False, True)]

# The start of a partition's regions, its pseudo-region, and its two suffixes.
PARTITIONS = {
    "aws-eusc": ("eusc-", None, "amazonaws.eu", "api.amazonwebservices.eu"),
    "aws-iso": ("us-iso-", "aws-iso-global", "c2s.ic.gov", "api.aws.ic.gov"),
    "aws-iso-b": ("us-isob-", "aws-iso-b-global", "sc2s.sgov.gov",
                  "api.aws.scloud"),
    "aws-iso-e": ("eu-isoe-", "aws-iso-e-global", "cloud.adc-e.uk",
                  "api.cloud-aws.adc-e.uk"),
    "aws-iso-f": ("us-isof-", "aws-iso-f-global", "csp.hci.ic.gov",
                  "api.aws.hci.ic.gov"),
}

# What botocore lacks, by its version: partitions and variants, and a rule.
PORTAL_IN_GOV = "portal.sso of us-gov for FIPS"
NEWER = {
    PORTAL_IN_GOV,
    "aws-eusc", "aws-eusc dual-stack",
    "aws-iso dual-stack", "aws-iso-global dual-stack",
    "aws-iso-b dual-stack", "aws-iso-b-global dual-stack",
    "aws-iso-e", "aws-iso-e dual-stack",
    "aws-iso-e-global", "aws-iso-e-global dual-stack",
    "aws-iso-f", "aws-iso-f dual-stack",
    "aws-iso-f-global", "aws-iso-f-global dual-stack",
}
LACKS = {
    "1.29.27": NEWER,
    "1.37.9": NEWER - {PORTAL_IN_GOV, "aws-iso-e", "aws-iso-f",
                       "aws-iso-f-global"},
}


def region_of(pattern):
    """A random region that a partition's pattern matches."""
    made = pattern.strip("^$").replace(r"\-", "-")
    made = re.sub(r"\(([^)]*)\)", lambda m: R.choice(m[1].split("|")), made)
    made = made.replace(r"\w+", some(WORD[:-1], R.randint(1, 12)))
    made = made.replace(r"\d+", some("0123456789", R.randint(1, 3)))
    assert re.match(pattern, made), (pattern, made)
    return made


def listed(service, region, fips, dual):
    """The host of a region of PARTITIONS, or of the rule for us-gov, and its
    name in NEWER."""
    if (service in NO_FIPS_IN_GOV and region.startswith("us-gov-") and fips
            and not dual):
        return service + ".%s.amazonaws.com" % region, PORTAL_IN_GOV
    for name, (start, pseudo, *suffixes) in PARTITIONS.items():
        if region.startswith(start) or region == pseudo:
            host = "%s%s.%s.%s" % (service, "-fips" * fips, region,
                                   suffixes[dual])
            part = pseudo if region == pseudo else name
            return host, part + " dual-stack" * dual
    return None, None


def check_lacks(tally, lacks):
    """Of a listed version exactly its list, of others only parts of NEWER."""
    version = botocore.__version__
    print("  botocore %s lacks: %s" % (version, ", ".join(sorted(lacks))))
    if version in LACKS:
        tally.check(lacks == LACKS[version], "the list is stale:",
                    lacks ^ LACKS[version])
    else:
        print("  this version is not listed")
        tally.check(lacks <= NEWER, lacks - NEWER)


def compare(program, service, tally):
    """Returns what botocore lacks."""
    endpoints = Endpoints(SERVICES[service])
    regions = endpoints.regions()
    for start, pseudo, *_ in PARTITIONS.values():
        regions += [start + "west-1", *([pseudo] if pseudo else [])]
    for partition in endpoints.partitions:
        regions += [region_of(partition["regionRegex"]) for _ in range(100)]
    if service != "personalize":  # the others have no pseudo-regions
        regions = [region for region in regions
                   if not re.match("aws-|.*-global$", region)]
    cases = [(region, *flags) for region in regions for flags in FLAGS]
    done = subprocess.run(
        [program, service], check=True, stdout=subprocess.PIPE, text=True,
        input="".join("%s %d %d\n" % case for case in cases))
    lacks = set()
    for case, ours in zip(cases, done.stdout.splitlines(), strict=True):
        theirs, (wanted, part) = endpoints.host(*case), listed(service, *case)
        tally.count(theirs is not None)
        tally.check(ours == (wanted or theirs), service, case, ours,
                    wanted or theirs)
        if wanted and theirs != wanted:
            lacks.add(part)
    return lacks


def main():
    R.seed(SEED)
    tally = Tally("botocore's endpoint rules")
    lacks = set()
    for service in SERVICES:
        lacks |= compare(sys.argv[1], service, tally)
    check_lacks(tally, lacks)
    return tally.end(6000, 800)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
