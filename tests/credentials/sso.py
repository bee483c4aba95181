"""The portal of AWS IAM Identity Center, on loopback for a test.

    with sso.Portal() as portal:
        portal.tokens["token"] = time.time() + 3600      # valid until then
        portal.roles.add(("123456789012", "segments"))

Source: IAM Identity Center Portal API Reference, GetRoleCredentials; botocore's
model of the service `sso`.
"""

import time
import urllib.parse

from sources import Source


class Portal(Source):
    """`tokens` are those of people who have signed in; `roles` may be taken by
    any of them."""

    def __init__(self):
        super().__init__()
        self.tokens = {}
        self.roles = set()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def respond(self, method, path, headers):
        path, _, query = path.partition("?")
        if (method, path) != ("GET", "/federation/credentials"):
            return 404, error("ResourceNotFoundException", "no such path")
        given = urllib.parse.parse_qs(query, keep_blank_values=True,
                                      strict_parsing=True, errors="strict")
        if set(given) != {"role_name", "account_id"}:
            return 400, error("InvalidRequestException", "bad parameters")
        token = headers.get("x-amz-sso_bearer_token")
        if self.tokens.get(token, 0) <= time.time():
            return 401, error("UnauthorizedException",
                              "Session token not found or invalid")
        if (given["account_id"][0], given["role_name"][0]) not in self.roles:
            return 403, error("ForbiddenException", "No access")
        values = self.issue(("accessKeyId", "secretAccessKey", "sessionToken"))
        expiration = int((time.time() + self.life) * 1000)
        return 200, {"roleCredentials": {"expiration": expiration, **values}}


def error(code, message):
    return {"message": message,
            "__type": "com.amazonaws.switchboard.portal#" + code}
