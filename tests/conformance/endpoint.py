#!/usr/bin/python3
"""The hosts of regions, held against the service's rule set in botocore.

    endpoint.py PROGRAM

PROGRAM is endpoint.c. All regions and flags are asked that botocore knows.
What it does not know, or refuses, stands in UNKNOWN, with AWS's present
partitions.json as the source; a botocore that has come to know one of them
fails the check, so that the list cannot grow old.
"""
import json
import subprocess
import sys
from pathlib import Path

import botocore
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

from records import Tally

DATA = Path(botocore.__file__).parent / "data"
RULES = DATA / "personalize/2018-05-22/endpoint-rule-set-1.json"
FLAGS = [(fips, dual) for fips in (0, 1) for dual in (0, 1)]

# Region: suffix, suffix of dual-stack; by partitions.json of 2026. Of the ISO
# partitions that botocore knows it refuses dual-stack alone.
UNKNOWN = {
    "eusc-de-east-1": ("amazonaws.eu", "api.amazonwebservices.eu"),
    "eu-isoe-west-1": ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    "us-isof-south-1": ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    "us-isof-east-1": ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
}
NO_DUAL_STACK = {
    "us-iso-": "api.aws.ic.gov",
    "us-isob-": "api.aws.scloud",
}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def known_regions(partitions):
    """All that are named, and some that only the patterns fit."""
    named = [region for partition in partitions["partitions"]
             for region in partition["regions"] if "global" not in region]
    return sorted({*named, "us-east-9", "mars-north-1", "cn-south-9",
                   "us-gov-north-1", "us-iso-west-9", "us-isob-west-9"})


def by_rules(provider, region, fips, dual):
    """The host, None if the rules refuse."""
    try:
        url = provider.resolve_endpoint(
            Region=region, UseFIPS=bool(fips), UseDualStack=bool(dual)).url
    except EndpointProviderError:
        return None
    return url.removeprefix("https://")


def by_list(region, fips, dual):
    suffixes = UNKNOWN.get(region)
    for prefix, suffix in NO_DUAL_STACK.items():
        if region.startswith(prefix):
            suffixes = (None, suffix)
    return "personalize%s.%s.%s" % ("-fips" * fips, region, suffixes[dual])


def main():
    partitions = load(DATA / "partitions.json")
    provider = EndpointProvider(load(RULES), partitions)
    cases = [(region, fips, dual)
             for region in known_regions(partitions) + list(UNKNOWN)
             for fips, dual in FLAGS]
    done = subprocess.run(
        [sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True,
        input="".join("%s %d %d\n" % case for case in cases))
    tally = Tally("botocore's endpoint rule set")
    for case, ours in zip(cases, done.stdout.splitlines(), strict=True):
        region, _, dual = case
        theirs = by_rules(provider, *case)
        listed = region in UNKNOWN or (
            dual and region.startswith(tuple(NO_DUAL_STACK)))
        if listed:
            stale = theirs is not None and theirs == by_list(*case)
            if stale:
                sys.exit("endpoint.py: botocore knows %s %s by now" % (
                    region, case[1:]))
            theirs = by_list(*case)
        tally.count(not listed)
        tally.check(ours == theirs, case, ours, theirs)
    # "Refused" are those that the rules do not know.
    return tally.end(100, 20)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
