"""AWS STS on loopback for a test: AssumeRole and AssumeRoleWithWebIdentity.

    with sts.Sts() as service:
        service.external_id = "required"
        ...
        service.calls                    # (action, parameters), in turn

Parameters are held against botocore's model of the service, and signatures are
recomputed by botocore. Each role that is assumed gets the next generation of
sources.GENERATIONS, which then may assume roles in turn.

Source: AWS STS API Reference; botocore's data/sts/2011-06-15/service-2.json.
"""

import calendar
import hmac
import re
import ssl
import time
import urllib.parse
import uuid
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model
import sources
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from signature import Recomputed

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
FORM = "application/x-www-form-urlencoded"
SKEW = 300  # seconds
MODEL = botocore.model.ServiceModel(
    botocore.loaders.Loader().load_service_model("sts", "service-2"), "sts")
NAMES = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
BASE = (KEY_ID, SECRET, None)


class Refusal(Exception):
    """An error of the service: HTTP status, code, message."""


def error_body(code, message, kind="Sender"):
    return ('<ErrorResponse xmlns="%s">\n  <Error>\n    <Type>%s</Type>\n'
            "    <Code>%s</Code>\n    <Message>%s</Message>\n  </Error>\n"
            "  <RequestId>%s</RequestId>\n</ErrorResponse>\n"
            % (NAMESPACE, kind, code, escape(message), uuid.uuid4()))


def element(name, text):
    return "<%s>%s</%s>" % (name, escape(text), name)


def response_body(action, credentials, role, session):
    account = role.split(":")[4]
    name = role.rpartition("/")[2]
    return ('<%(action)sResponse xmlns="%(namespace)s">\n'
            "  <%(action)sResult>\n"
            "    <AssumedRoleUser>\n"
            "      <AssumedRoleId>AROA3XFRBF535PLBIFPI4:%(session)s"
            "</AssumedRoleId>\n"
            "      <Arn>arn:aws:sts::%(account)s:assumed-role/%(name)s/"
            "%(session)s</Arn>\n"
            "    </AssumedRoleUser>\n"
            "    <Credentials>\n      %(credentials)s\n    </Credentials>\n"
            "  </%(action)sResult>\n"
            "  <ResponseMetadata>\n    <RequestId>%(id)s</RequestId>\n"
            "  </ResponseMetadata>\n</%(action)sResponse>\n" % {
                "action": action, "namespace": NAMESPACE,
                "session": escape(session), "account": account,
                "name": escape(name), "id": uuid.uuid4(),
                "credentials": "\n      ".join(
                    element(name, text)
                    for name, text in credentials.items())})


# ------------------------------------------------------------- signature

def read_authorization(text):
    """Access key id, region, signed headers, signature."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/sts/aws4_request,"
        r" SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})", text)
    if not found:
        raise Refusal(400, "IncompleteSignature", "not a SigV4 header")
    return found.groups()


class Sts(sources.Source):
    """`identities` may sign: (access key id, secret, token or None). `regions`
    are enabled. `errors` are those of the next calls: (status, code, message),
    or None. `roles` are the ARNs that can be assumed; None: all."""

    def __init__(self, certificate=None):
        super().__init__()
        self.certificate = certificate
        self.identities = [BASE]
        self.expired = set()  # access key ids, and web identity tokens
        self.regions = {"us-east-1"}
        self.roles = None
        self.external_id = None
        self.tokens = {"web/identity+token=="}
        self.errors = []
        self.calls = []

    def context(self):
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        return context

    @property
    def url(self):
        return ("http://127.0.0.1:%d" if self.certificate is None
                else "https://localhost:%d") % self.port

    def respond(self, method, path, headers):
        try:
            return 200, self.assume(method, path, headers)
        except Refusal as refusal:
            status, code, message = refusal.args
            return status, error_body(code, message)

    def assume(self, method, path, headers):
        if (method, path) != ("POST", "/") or \
                headers.get("content-type", "").partition(";")[0] != FORM:
            raise Refusal(400, "InvalidAction", "not a form")
        action, parameters = self.read_form()
        self.calls.append((action, parameters))
        if self.errors:
            error = self.errors.pop(0)
            if error is not None:
                raise Refusal(*error)
        if action == "AssumeRole":
            self.authenticate(headers)
            if self.external_id not in (None, parameters.get("ExternalId")):
                self.deny()
        else:
            self.check_token(parameters["WebIdentityToken"], headers)
        if self.roles is not None and parameters["RoleArn"] not in self.roles:
            self.deny()
        credentials = self.issue(NAMES)
        self.identities.append(sources.GENERATIONS[self.issued - 1])
        return response_body(action, credentials, parameters["RoleArn"],
                             parameters["RoleSessionName"])

    def deny(self):
        raise Refusal(403, "AccessDenied", "User: arn:aws:iam::123456789012:"
                      "user/device is not authorized to perform: "
                      "sts:AssumeRole on resource: arn:aws:iam::123456789012:"
                      "role/segments")

    def read_form(self):
        """The action, and its parameters as the model has them."""
        pairs = urllib.parse.parse_qsl(self.body.decode("ascii"),
                                       keep_blank_values=True,
                                       strict_parsing=True)
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            raise Refusal(400, "MalformedQueryString", "a name occurs twice")
        action = parameters.pop("Action", None)
        if parameters.pop("Version", None) != "2011-06-15" or \
                action not in MODEL.operation_names:
            raise Refusal(400, "InvalidAction", "no such action or version")
        check_parameters(MODEL.operation_model(action).input_shape, parameters)
        return action, parameters

    def now(self):
        return time.time() + (self.date or 0)

    def authenticate(self, headers):
        key_id, day, region, signed, signature = read_authorization(
            headers.get("authorization", ""))
        date = headers.get("x-amz-date", "")
        if not re.fullmatch(r"%sT\d{6}Z" % day, date):
            raise Refusal(403, "SignatureDoesNotMatch", "Date in Credential "
                          "scope does not match YYYYMMDD from ISO-8601 version "
                          "of date from HTTP")
        if region not in self.regions:
            raise Refusal(403, "RegionDisabledException", "STS is not "
                          "activated in this region for account:123456789012.")
        identity = next((i for i in self.identities if i[0] == key_id), None)
        token = headers.get("x-amz-security-token")
        if identity is None or identity[2] != token:
            raise Refusal(403, "InvalidClientTokenId", "The security token "
                          "included in the request is invalid.")
        if key_id in self.expired:
            raise Refusal(403, "ExpiredToken", "The security token included "
                          "in the request is expired")
        self.check_date(date)
        self.check_signature(headers, identity, region, signed.split(";"),
                             signature)

    def check_date(self, date):
        when = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        if abs(when - self.now()) > SKEW:
            raise Refusal(403, "SignatureDoesNotMatch", "Signature %s: %s" % (
                "expired" if when < self.now() else "not yet current", date))

    def check_signature(self, headers, identity, region, signed, signature):
        needed = {"host", "content-type"} | {
            name for name in headers if name.startswith("x-amz-")}
        if signed != sorted(set(signed)) or not needed <= set(signed):
            raise Refusal(403, "SignatureDoesNotMatch", "not all is signed")
        signer = Recomputed(Credentials(*identity), "sts", region, signed)
        request = AWSRequest("POST", "https://%s/" % headers["host"],
                             headers=headers, data=self.body)
        request.context["timestamp"] = headers["x-amz-date"]
        to_sign = signer.string_to_sign(request,
                                        signer.canonical_request(request))
        if not hmac.compare_digest(signer.signature(to_sign, request),
                                   signature):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature "
                          "we calculated does not match the signature you "
                          "provided.")

    def check_token(self, token, headers):
        if "authorization" in headers:
            raise Refusal(400, "InvalidAction", "this action is not signed")
        if token in self.expired:
            raise Refusal(400, "ExpiredTokenException", "Token expired: "
                          "current date/time must be before the expiration")
        if token not in self.tokens:
            raise Refusal(400, "InvalidIdentityToken", "Couldn't retrieve "
                          "verification key from your identity provider")


def check_parameters(shape, parameters):
    """Raise Refusal unless they are as the model says, pattern and lengths
    included, which botocore itself does not hold them against."""
    for name in shape.required_members:
        if name not in parameters:
            refuse(name, "is missing")
    for name, text in parameters.items():
        if name not in shape.members:
            refuse(name, "is not known")
        member = shape.members[name]
        rules = member.metadata
        if member.type_name == "integer":
            if not re.fullmatch(r"[0-9]+", text):
                refuse(name, "is not a number")
            size = int(text)
        else:
            size = len(text)
            pattern = pattern_of(rules.get("pattern"))
            if pattern and not re.fullmatch(pattern, text, re.ASCII):
                refuse(name, "does not match the pattern")
        if not rules.get("min", 0) <= size <= rules.get("max", size):
            refuse(name, "is too short or too long")


def pattern_of(pattern):
    """A pattern of the model for Python, which has no \\u10000."""
    return pattern and re.sub(r"\\u1(....)-\\u10(....)", r"\\U0001\1-\\U0010\2",
                              pattern)


def refuse(name, why):
    raise Refusal(400, "ValidationError", "1 validation error detected: %s %s"
                  % (name, why))
