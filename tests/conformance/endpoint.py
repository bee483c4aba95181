#!/usr/bin/python3
"""The hosts of regions, held against the service's rule set in botocore.

    endpoint.py PROGRAM

PROGRAM is endpoint.c. Asked are all regions that botocore knows, and random
ones of each partition's pattern, with all flags. What botocore does not know,
or refuses, is listed here, from later editions of AWS's partitions.json; one
that has come to know it fails the check, so that the lists cannot grow old.
"""
import re
import subprocess
import sys

from records import Tally
from request import R, SEED, WORD, Endpoints, some

FLAGS = [(fips, dual) for fips in (False, True) for dual in (False, True)]

# Partitions that are not known: a region of each, and its two suffixes.
UNKNOWN_PARTITIONS = {
    "aws-eusc": ("eusc-de-east-1", "amazonaws.eu",
                 "api.amazonwebservices.eu"),
    "aws-iso-e": ("eu-isoe-west-1", "cloud.adc-e.uk",
                  "api.cloud-aws.adc-e.uk"),
    "aws-iso-f": ("us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
}
UNKNOWN = {region: suffixes
           for region, *suffixes in UNKNOWN_PARTITIONS.values()}
UNKNOWN.update({name + "-global": UNKNOWN_PARTITIONS[name][1:]
                for name in ("aws-iso-e", "aws-iso-f")})

# Partitions whose dual-stack is refused: its suffix.
NO_DUAL_STACK = {
    "us-iso-": "api.aws.ic.gov", "aws-iso-global": "api.aws.ic.gov",
    "us-isob-": "api.aws.scloud", "aws-iso-b-global": "api.aws.scloud"}


def region_of(pattern):
    """A random region that a partition's pattern matches."""
    made = pattern.strip("^$").replace(r"\-", "-")
    made = re.sub(r"\(([^)]*)\)", lambda m: R.choice(m[1].split("|")), made)
    made = made.replace(r"\w+", some(WORD[:-1], R.randint(1, 12)))
    made = made.replace(r"\d+", some("0123456789", R.randint(1, 3)))
    assert re.match(pattern, made), (pattern, made)
    return made


def listed(region, fips, dual):
    """The host of what botocore does not know, None of all else."""
    suffix = UNKNOWN[region][dual] if region in UNKNOWN else None
    for prefix, dual_suffix in NO_DUAL_STACK.items():
        if dual and region.startswith(prefix):
            suffix = dual_suffix
    return suffix and "personalize%s.%s.%s" % ("-fips" * fips, region, suffix)


def main():
    R.seed(SEED)
    endpoints = Endpoints()
    regions = endpoints.regions() + list(UNKNOWN)
    for partition in endpoints.partitions:
        regions += [region_of(partition["regionRegex"]) for _ in range(100)]
    cases = [(region, *flags) for region in regions for flags in FLAGS]
    done = subprocess.run(
        [sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True,
        input="".join("%s %d %d\n" % case for case in cases))
    tally = Tally("botocore's endpoint rules")
    for case, ours in zip(cases, done.stdout.splitlines(), strict=True):
        theirs, wanted = endpoints.host(*case), listed(*case)
        tally.count(theirs is not None)
        if wanted:
            tally.check(theirs != ours, case, "the list is stale")
        tally.check(ours == (wanted or theirs), case, ours, theirs)
    for name in UNKNOWN_PARTITIONS:
        tally.check(name not in {p["id"] for p in endpoints.partitions},
                    "the list is stale:", name)
    return tally.end(1500, 200)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
