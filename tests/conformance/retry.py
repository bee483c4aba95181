#!/usr/bin/env python3
"""Dates, events, backoffs and clock skew, compared with Python and botocore.

    retry.py PROGRAM [COUNT [SEED]]

PROGRAM is retry.c. Dates, valid and mutated: the core must accept those that
RFC 9110's grammar and Python's calendar allow, and read what email.utils does.
Events: as in botocore's standard retry mode, except for those listed. Backoffs
and clock skew: as computed here from the figures of AWS's SDKs.
"""

import calendar
import collections
import datetime
import email.utils
import random
import re
import sys
import time
from fractions import Fraction

import botocore
from botocore.awsrequest import AWSResponse
from botocore.retries import standard

import records
from records import Tally, number, text

SEED = 5322
COUNT = 40000

R = random.Random()

LAST_TIME = 253402300799  # 9999-12-31T23:59:59Z


def chance(share):
    return R.random() < share


def put_long(value):
    return number(value >> 32) + number(value)


def get_long(reader):
    value = reader.number() << 32 | reader.number()
    return value - (value >> 63 << 64)


# -------------------------------------------------------------------- dates

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTH = "(?P<b>%s)" % "|".join(MONTHS)
CLOCK = "(?P<H>[0-9]{2}):(?P<M>[0-9]{2}):(?P<S>[0-9]{2})"
# RFC 9110 section 5.6.7; any letters are accepted as the day's name.
GRAMMAR = [re.compile(form.encode()) for form in (
    "[A-Za-z]+, (?P<d>[0-9]{2}) %s (?P<Y>[0-9]{4}) %s GMT" % (MONTH, CLOCK),
    "[A-Za-z]+, (?P<d>[0-9]{2})-%s-(?P<y>[0-9]{2}) %s GMT" % (MONTH, CLOCK),
    "[A-Za-z]+ %s (?P<d>[0-9]{2}| [0-9]) %s (?P<Y>[0-9]{4})" % (MONTH,
                                                                CLOCK))]
DAYS = re.compile(b"((Sun|Mon|Fri)(day)?|Tue(sday)?|Wed(nesday)?|"
                  b"Thu(rsday)?|Sat(urday)?)[, ]")  # as email.utils requires
NOW = 2026


def year_of(found):
    if "Y" in found:
        return int(found["Y"])
    year = NOW // 100 * 100 + int(found["y"])
    return year if year <= NOW + 50 else year - 100


def http_date(data):
    """Unix seconds of an HTTP-date of 1970 or later, else None."""
    for form in GRAMMAR:
        match = form.fullmatch(data)
        if match:
            found = {k: v.decode() for k, v in match.groupdict().items()}
            break
    else:
        return None
    month, second = MONTHS.index(found["b"]) + 1, int(found["S"])
    try:
        date = datetime.datetime(year_of(found), month, int(found["d"]),
                                 int(found["H"]), int(found["M"]),
                                 min(second, 59))
    except ValueError:
        return None
    if second > 60 or date.year < 1970:
        return None
    return calendar.timegm(date.timetuple()) + (second == 60)


def by_email(data):
    """What email.utils reads: it takes 69 to 99 for 19XX."""
    found = email.utils.parsedate_tz(data.decode())
    return None if found is None else email.utils.mktime_tz(found)


def moment():
    year = R.choice((R.randint(1970, 9999), R.randint(1970, 2100), NOW,
                     R.randrange(2000, 10000, 100), 1970, 2076, 2077, 1976,
                     1977, 9999))
    month, day = R.choice(((1, 1), (3, 1), R.choices(range(1, 13), k=2)))
    at = calendar.timegm((year, month, day, 0, 0, 0))
    return R.choice((0, LAST_TIME, max(at - 1, 0), at, max(at - 86400, 0),
                     R.randint(0, LAST_TIME), at + R.randint(0, 86399)))


def written(at):
    forms = ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y",
             "%A, %d-%b-%y %H:%M:%S GMT"]
    made = time.strftime(R.choice(forms), time.gmtime(at))
    if chance(0.05):
        made = re.sub(r":\d\d(?= )", ":60", made)
    return made.encode()


PIECES = [b"0", b"1", b"2", b"3", b"9", b"00", b"24", b"29", b"30", b"31",
          b"32", b"60", b"61", b" ", b"  ", b",", b"-", b":", b"GMT", b"UTC",
          b"gmt", b"Feb", b"feb", b"Sun", b"\0", b"\n", b"+0000", b"a", b"T",
          b"29 Feb 2100", b"29 Feb 2000", b"31 Apr", b"\xd9\xa1", b"."]
NUMBERS = re.compile(rb"\d\d")


def mutated(data):
    for _ in range(R.choice((1, 1, 2))):
        at = R.randint(0, len(data))
        end = min(len(data), at + R.choice((1, 1, 2, 3)))
        kind = R.randrange(6)
        if kind == 0:
            data = data[:at] + R.choice(PIECES) + data[at:]
        elif kind == 1:
            data = data[:at] + R.choice(PIECES) + data[end:]
        elif kind == 2:
            data = data[:at] + data[end:]
        elif kind == 3 and chance(0.3):
            data = data[:at]
        elif kind == 4:  # replace a word
            words = re.split(rb"([ :,-])", data)
            words[R.randrange(len(words))] = R.choice(PIECES)
            data = b"".join(words)
        else:  # replace two digits
            found = R.choice(list(NUMBERS.finditer(data)) or [None])
            if found:
                data = data[:found.start()] + b"%02d" % R.randrange(100) + \
                    data[found.end():]
    return data


def compare_dates(program, count):
    grammar = Tally("RFC 9110's dates by Python's calendar")
    other = Tally("email.utils")
    made = [written(moment()) for _ in range(count // 4)]
    made += [mutated(written(moment())) for _ in range(count - len(made))]
    reader = records.run(program, [number(0) + text(d) for d in made])
    for data in made:
        good, at = reader.number(), get_long(reader)
        wanted = http_date(data)
        grammar.count(wanted is not None)
        grammar.check((at if good else None) == wanted, data, "must be",
                      wanted, "not", at if good else None)
        if wanted is None or not DAYS.match(data):
            continue
        short = re.search(rb"-(69|7[0-6]) ", data)
        same = by_email(data) == wanted
        other.count(same)
        other.check(same != bool(short), data, "must be", by_email(data),
                    "not", at)
    good = other.end(count // 4, count // 400)
    return grammar.end(count // 4, count // 4) and good


# ------------------------------------------------------------------- events

FINAL, TRANSIENT, THROTTLED, EXPIRED, SKEW = range(5)

# What botocore does not have: codes and a status of the newer mode, and codes
# that are retried after a refresh of credentials or a correction of the clock.
# Botocore classifies the latter by status alone.
NEWER = {"InternalFailure": TRANSIENT, "ServiceUnavailable": TRANSIENT}
# Codes of a failure inside the service: retried at any status. Botocore
# retries them at 500, 502, 503 and 504 alone.
INTERNAL = dict.fromkeys(
    ("InternalError", "InternalServerError", "RequestAbortedException",
     "ServiceUnavailableException"), TRANSIENT)
NEWER_STATUS = {429: THROTTLED}
OTHER_MEANS = {"ExpiredTokenException": EXPIRED, **dict.fromkeys(
    ("AccessDeniedException", "AuthFailure", "InvalidSignatureException",
     "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
     "SignatureDoesNotMatch"), SKEW)}

THROTTLED_CODES = standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES
TRANSIENT_CODES = standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES
UNLISTED = ["InvalidInputException", "ResourceNotFoundException",
            "ResourceAlreadyExistsException", "UnrecognizedClientException",
            "throttling", "ThrottlingExceptio", "SlowDownn", ""]


def by_botocore(status, code):
    context = standard.RetryContext(
        attempt_number=1,
        parsed_response={"Error": {} if code is None else {"Code": code}},
        http_response=AWSResponse("https://h/", status, {}, None))
    if standard.ThrottledRetryableChecker().is_retryable(context):
        return THROTTLED
    if standard.TransientRetryableChecker().is_retryable(context):
        return TRANSIENT
    return FINAL


def wanted_event(status, code):
    listed = {**NEWER, **INTERNAL, **OTHER_MEANS}
    if code in listed:
        return listed[code]
    found = by_botocore(status, code)
    return NEWER_STATUS.get(status, found) if found == FINAL else found


def compare_events(program):
    tally = Tally("botocore's standard retry mode")
    codes = [*THROTTLED_CODES, *TRANSIENT_CODES, *NEWER, *INTERNAL,
             *OTHER_MEANS, *UNLISTED, None]
    made = [(status, code) for code in codes for status in range(300, 600)]
    reader = records.run(program, [
        number(1) + number(status) + text(code if code is None else
                                          code.encode())
        for status, code in made])
    differ = collections.Counter()
    for status, code in made:
        wanted, found = wanted_event(status, code), reader.number()
        other = by_botocore(status, code)
        tally.count(wanted != FINAL)
        tally.check(found == wanted, status, code, "must be", wanted, "not",
                    found)
        differ[code] += wanted != other
        differ[status] += wanted != other and code in (*UNLISTED, None)
    for listed in INTERNAL:
        tally.check(differ[listed] > 0, "the list is stale:", listed)
    for listed in (*NEWER, *OTHER_MEANS, *NEWER_STATUS):
        tally.still(botocore, differ[listed] > 0, listed)
    return tally.end(300 * 20, 300 * 5)


# ------------------------------------------------ backoffs and clock skew

# AWS SDKs' standard mode: milliseconds.
BASE = {TRANSIENT: 50, THROTTLED: 1000, EXPIRED: 50, SKEW: 50}
MOST = 20000
EXTRA = 5000
ROUND_TRIP_MAX = 15000
FIRST, LAST = (calendar.timegm((year, 1, 1, 0, 0, 0)) for year in (NOW, 2100))
GREATEST = 2**32 - 2

Case = collections.namedtuple(
    "Case", "fields time round_trip event backoffs random")


def delta():
    return R.choice(("0", "1", "3", "120", "007", "%d" % R.randint(0, 30000),
                     "2147483648", "4294967294", "4294967295", "9" * 30,
                     "", "-1", "+1", "1.5", "1s", "1, 1", "0x1", "x"))


def date_near(at):
    return written(max(at + R.choice((0, 1, -1, 239, 240, 300, 3600, -300,
                                      R.randint(-10**8, 10**8))), 0)).decode()


def case():
    service = R.choice((FIRST, FIRST - 1, LAST, LAST - 1,
                        R.randint(FIRST, LAST), moment()))
    fields = []
    if chance(0.8):
        fields.append(("Date", date_near(service)))
    if chance(0.5):
        fields.append(("Retry-After", date_near(service) if chance(0.5) else
                       delta()))
    if chance(0.5):
        fields.append(("x-amz-retry-after", delta()))
    if chance(0.1):
        fields.append(("Age", delta()))
    if fields and chance(0.2):  # repeated, and spoilt
        name, value = R.choice(fields)
        value = mutated(value.encode()).decode(errors="ignore")
        fields.insert(0, (name, re.sub(r"[\0-\x1f\x7f]", "", value)))
    return Case(
        fields, R.choice((0, service, R.randint(0, LAST_TIME))),
        R.choice((0, 1, 1999, 2000, R.randint(0, 10**6),
                  ROUND_TRIP_MAX)),
        R.choice(list(BASE)), R.choice((0, 1, 2, 3, 8, 9, 10, 300)),
        R.choice((0, 2**31, 2**32 - 1, R.randrange(2**32))))


def seconds(value):
    return min(int(value), GREATEST) if re.fullmatch("[0-9]+", value) else None


def first(fields, name, *readings):
    """The first valid value of a field, by the first reading that fits."""
    for found, value in fields:
        for reading in readings:
            made = reading(value.strip(" \t"))
            if found == name and made is not None:
                return made, reading
    return None, None


def as_date(value):
    at = http_date(value.encode())
    return at if at and at < 2**32 else None


def wanted_backoff(c):
    share = int(Fraction(c.random, 2**32) *
                min(BASE[c.event] * 2**c.backoffs, MOST))
    date, _ = first(c.fields, "Date", as_date)
    after, reading = first(c.fields, "Retry-After", seconds, as_date)
    hint, _ = first(c.fields, "x-amz-retry-after", seconds)
    backoff = share
    if hint is not None:
        backoff = max(share, min(hint, share + EXTRA))
    if reading is seconds:
        backoff = max(backoff, share + after * 1000)
    elif reading is as_date and date is not None:
        backoff = max(backoff, share + (after - date) * 1000)
    return min(backoff, 2**32 - 1)


def wanted_skew(c):
    date, _ = first(c.fields, "Date", as_date)
    if date is None or not FIRST <= date < LAST or \
            any(name == "Age" for name, _ in c.fields):
        return None
    return date - (c.time + c.round_trip // 2000)


def record(c):
    head = "".join("%s: %s\r\n" % field for field in c.fields)
    return b"".join((
        number(2), text(("HTTP/1.1 503 x\r\nContent-Length: 0\r\n%s\r\n" %
                         head).encode()),
        put_long(c.time), put_long(c.round_trip), number(c.event),
        number(c.backoffs), number(c.random)))


def compare_clocks(program, count):
    backoffs = Tally("the figures of AWS's SDKs, backoffs")
    clocks = Tally("the figures of AWS's SDKs, clock skew")
    made = [case() for _ in range(count)]
    reader = records.run(program, map(record, made))
    for c in made:
        has_skew, clock_skew_s = reader.number(), get_long(reader)
        backoff = get_long(reader)
        skew, wanted = wanted_skew(c), wanted_backoff(c)
        clocks.count(skew is not None)
        found = clock_skew_s if has_skew else None
        clocks.check(found == skew, c, "must be", skew, "not", found)
        backoffs.count(wanted <= MOST)
        backoffs.check(backoff == wanted, c, "must be", wanted, "not", backoff)
    good = backoffs.end(count // 4, count // 10)
    return clocks.end(count // 10, count // 10) and good


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    R.seed(int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    good = [compare_dates(program, count), compare_events(program),
            compare_clocks(program, count)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
