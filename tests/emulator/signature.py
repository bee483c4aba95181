"""Checks a request's signature: SigV4 as AWS checks it.

botocore builds the canonical request and recomputes the signature from the
headers as they were received; the rules around it, and the texts of AWS's
errors, are here.
"""

import calendar
import hashlib
import hmac
import re
import time
from collections import namedtuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from model import SERVICE, ServiceError

SKEW_SECONDS = 5 * 60

Identity = namedtuple("Identity", "secret token")  # long-lived: token None


class Recomputed(SigV4Auth):
    """botocore's signer, over exactly the headers that the client signed."""

    def __init__(self, credentials, service, region, signed):
        super().__init__(credentials, service, region)
        self.signed = signed

    def headers_to_sign(self, request):
        headers = HTTPHeaders()
        for name in self.signed:
            headers[name] = request.headers[name]
        return headers


def authenticate(request, identities, region, now):
    """Raise ServiceError unless the request is correctly signed."""
    key_id, scope, signed, signature = read_authorization(request.headers)
    date = request.headers["x-amz-date"]
    check_scope(scope, date, region)
    identity = identities.get(key_id)
    if not identity or \
            request.headers.get("x-amz-security-token") != identity.token:
        raise ServiceError("UnrecognizedClientException", "The security token "
                           "included in the request is invalid.")
    check_date(date, now)
    check_signed(signed, request)

    signer = Recomputed(Credentials(key_id, identity.secret), SERVICE, region,
                        signed)
    copy = AWSRequest("POST", "https://%s/" % request.headers["host"],
                      headers=request.headers, data=request.body)
    copy.context["timestamp"] = date
    canonical = signer.canonical_request(copy)
    to_sign = signer.string_to_sign(copy, canonical)
    if not hmac.compare_digest(signer.signature(to_sign, copy), signature):
        refuse_signature(
            "The request signature we calculated does not match the signature "
            "you provided. Check your AWS Secret Access Key and signing "
            "method. Consult the service documentation for details.\n\nThe "
            "Canonical String for this request should have been\n'%s'\n\nThe "
            "String-to-Sign should have been\n'%s'\n" % (canonical, to_sign))


def read_authorization(headers):
    """The access key id, the rest of the scope, signed names, signature."""
    text = headers.get("authorization")
    if text is None:
        raise ServiceError("MissingAuthenticationTokenException",
                           "Missing Authentication Token")
    algorithm, _, rest = text.partition(" ")
    pairs = [part.strip().split("=", 1) for part in rest.split(",")]
    if algorithm != "AWS4-HMAC-SHA256" or any(len(p) != 2 for p in pairs):
        raise ServiceError("IncompleteSignatureException", "The Authorization "
                           "header is not AWS4-HMAC-SHA256 with key=value "
                           "pairs.")
    values = dict(pairs)
    lacks = ["Authorization header requires '%s' parameter." % name
             for name in ("Credential", "Signature", "SignedHeaders")
             if not values.get(name)]
    if len(pairs) != 3:
        lacks.append("Authorization header requires three parameters.")
    # SigV4 allows Date instead; SDKs send X-Amz-Date.
    if not re.fullmatch(r"\d{8}T\d{6}Z", headers.get("x-amz-date", ""), re.A):
        lacks.append("Authorization header requires existence of an "
                     "'X-Amz-Date' header in ISO-8601 basic form.")
    if lacks:
        raise ServiceError("IncompleteSignatureException", " ".join(lacks))
    key_id, _, scope = values["Credential"].partition("/")
    signed = values["SignedHeaders"].split(";")
    return key_id, scope, signed, values["Signature"]


def check_scope(scope, date, region):
    parts = scope.split("/")
    if len(parts) != 4:
        raise ServiceError("IncompleteSignatureException", "Credential must "
                           "have exactly 5 slash-delimited elements")
    if parts[0] != date[:8]:
        refuse_signature("Date in Credential scope does not match YYYYMMDD "
                         "from ISO-8601 version of date from HTTP: '%s' != "
                         "'%s', from '%s'." % (parts[0], date[:8], date))
    if parts[1] != region:
        refuse_signature("Credential should be scoped to a valid region, "
                         "not '%s'." % parts[1])
    if parts[2] != SERVICE:
        refuse_signature("Credential should be scoped to correct service: "
                         "'%s'." % SERVICE)
    if parts[3] != "aws4_request":
        refuse_signature("Credential should be scoped with a valid "
                         "terminator: 'aws4_request', not '%s'." % parts[3])


def check_date(date, now):
    def basic(seconds):
        return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))

    try:
        signed = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise ServiceError("IncompleteSignatureException",
                           "Date must be in ISO-8601 'basic format'.")
    if signed < now - SKEW_SECONDS:
        refuse_signature("Signature expired: %s is now earlier than %s (%s - "
                         "5 min.)" % (date, basic(now - SKEW_SECONDS),
                                      basic(now)))
    if signed > now + SKEW_SECONDS:
        refuse_signature("Signature not yet current: %s is still later than "
                         "%s (%s + 5 min.)" % (date, basic(now + SKEW_SECONDS),
                                               basic(now)))


def check_signed(signed, request):
    if signed != sorted(set(name.lower() for name in signed)):
        refuse_signature("SignedHeaders must be sorted and in lower case.")
    for name in signed:
        if name not in request.headers:
            refuse_signature("Signed header '%s' is not sent." % name)
    for name in request.headers:
        if (name in ("host", "content-type") or name.startswith("x-amz-")) \
                and name not in signed:
            refuse_signature("'%s' must be a 'SignedHeader' in the AWS "
                             "Authorization." % name)
    # botocore uses this header if it is sent.
    claimed = request.headers.get("x-amz-content-sha256")
    if claimed not in (None, hashlib.sha256(request.body).hexdigest()):
        refuse_signature("The provided 'x-amz-content-sha256' header does not "
                         "match what was computed.")


def refuse_signature(message):
    raise ServiceError("InvalidSignatureException", message)
