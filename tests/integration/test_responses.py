"""The command with responses of all kinds, good and bad."""

import contextlib
import json
import socket
import struct
import tempfile
import time
import unittest

import peer
from command import (ACCOUNT, ARN, CREATE, DESCRIBE, MAY_EXIST, REPORTED,
                     CommandTest, environment, error_of, options, sent)

import certificates  # in a folder that `command` adds

BODY = b'{"batchSegmentJobArn":"%s"}' % ARN.encode()
GOOD = peer.http("200 OK", BODY, "x-amzn-RequestId: 1-2-3",
                 "Content-Type: application/x-amz-json-1.1")


resources = contextlib.ExitStack()


def setUpModule():
    global server
    folder = resources.enter_context(tempfile.TemporaryDirectory())
    authority = certificates.authority(folder)
    server = resources.enter_context(
        peer.Peer(certificates.issue(authority, ["localhost"])))
    ResponseTest.env = environment(AWS_ENDPOINT_URL=server.endpoint,
                                   AWS_CA_BUNDLE=authority.path)


def tearDownModule():
    resources.close()


def service_error(status, document, *headers):
    """With `close`, so that the next attempt uses a new connection."""
    return peer.http(status, json.dumps(document).encode(),
                     "x-amzn-RequestId: 1-2-3", "Connection: close", *headers)


class ResponseTest(CommandTest):
    def good(self, *pieces, **keywords):
        server.behave = peer.sends(*pieces, **keywords)
        self.creates()

    def creates(self):
        result = self.create(*options())
        self.assertEqual((result.code, json.loads(result.out or "null")),
                         (0, {"batchSegmentJobArn": ARN}), result)

    def bad(self, code, pattern, *pieces, arguments=(), **keywords):
        server.behave = peer.sends(*pieces)
        return self.refused(code, pattern, *options(), *arguments, **keywords)

    def settles(self, behave):
        """After `behave` the command describes the job, which exists."""
        before = len(server.requests)
        server.behave = peer.in_turn(behave,
                                     peer.sends(peer.described(REPORTED)))
        self.creates()
        self.assertEqual([peer.operation(request)
                          for request in server.requests[before:]],
                         [CREATE, DESCRIBE])

    def perhaps_created(self, *pieces, **keywords):
        self.settles(peer.sends(*pieces, **keywords))

    def unknown(self, pattern, *pieces, **keywords):
        """All responses are so. Time may run out within an attempt."""
        server.behave = peer.sends(*pieces, **keywords)
        self.runs_out(sent(CREATE), "^segjob: (%s|.*time ran out.*)%s$" % (
            pattern, MAY_EXIST), *options())


class Good(ResponseTest):
    def test_length(self):
        self.good(GOOD)

    def test_length_without_close_notify(self):
        self.good(GOOD, notify=False)

    def test_byte_by_byte(self):
        server.behave = peer.sends_bytewise(GOOD)
        self.creates()

    def test_chunked(self):
        for size in (1, 7, 1000):
            self.good(peer.chunked(BODY, size))

    def test_chunked_byte_by_byte(self):
        server.behave = peer.sends_bytewise(peer.chunked(BODY, 30))
        self.creates()

    def test_until_close(self):
        self.good(peer.http("200 OK", BODY, length=False))

    def test_http_1_0(self):
        self.good(peer.http("200 OK", BODY, version="1.0", length=False))
        self.good(peer.http("200 OK", BODY, version="1.0"))

    def test_continue_comes_first(self):
        self.good(b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD)
        self.good(b"HTTP/1.1 100 Continue\r\n\r\n", GOOD)

    def test_long_head(self):
        self.good(peer.http("200 OK", BODY, *("X-%d: %s" % (i, "x" * 500)
                                              for i in range(20))))

    def test_unknown_members(self):
        document = {"more": [1, {"batchSegmentJobArn": "no"}, None, "é\n"],
                    "batchSegmentJobArn": ARN, "void": None}
        self.good(peer.http("200 OK", json.dumps(document, indent=1).encode()))

    def test_arn_that_needs_escapes(self):
        # The published pattern allows nearly any character. An ARN with
        # another name is believed if the job there has the right name.
        front = ACCOUNT + "batch-segment-job/"
        arn = front + 'a"b\\c\x1b[31m\x7f\x9f\tÿ𐍈'
        job = {**REPORTED, "batchSegmentJobArn": arn, "status": "PENDING",
               "creationDateTime": time.time()}
        responses = [peer.sends(peer.http("200 OK", json.dumps(body).encode()))
                     for body in ({"batchSegmentJobArn": arn},
                                  {"batchSegmentJob": job})]
        server.behave = peer.in_turn(*responses)
        result = self.create(*options())
        self.assertEqual(json.loads(result.out), {"batchSegmentJobArn": arn})
        self.assertNotRegex(result.out, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        server.behave = peer.in_turn(*responses)
        result = self.create(*options(output="text"))
        self.assertEqual(result.out, front + 'a"b\\c\\x1b[31m'
                         "\\x7f\\xc2\\x9f\tÿ𐍈\n")


class Truncated(ResponseTest):
    """Truncated responses."""

    def test_cut_off(self):
        for n in [*range(0, len(GOOD), 9), len(GOOD) - 1]:
            for notify in (True, False):
                with self.subTest(n=n, notify=notify):
                    self.perhaps_created(GOOD[:n], notify=notify)

    def test_always_cut_off(self):
        self.unknown(".*connection broke.*", GOOD[:-1])

    def test_chunked_cut_off(self):
        response = peer.chunked(BODY, 50)
        for n in [*range(0, len(response), 23), len(response) - 1]:
            with self.subTest(n=n):
                self.perhaps_created(response[:n])

    def test_until_close_without_close_notify(self):
        self.perhaps_created(peer.http("200 OK", BODY, length=False),
                             notify=False)

    def test_until_close_cut_in_json(self):
        self.perhaps_created(peer.http("200 OK", BODY[:-1], length=False))

    def test_reset(self):
        def behave(connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
        self.settles(behave)


class NotAResponse(ResponseTest):
    def test_not_a_response(self):
        rows = {
            "empty body": peer.http("200 OK"),
            "no content": peer.http("204 No Content", length=False),
            "not JSON": peer.http("200 OK", b"<html></html>"),
            "no ARN": peer.http("200 OK", b"{}"),
            "null ARN": peer.http("200 OK", b'{"batchSegmentJobArn":null}'),
            "not an ARN": peer.http("200 OK", b'{"batchSegmentJobArn":"x"}'),
            "long ARN": peer.http("200 OK", json.dumps(
                {"batchSegmentJobArn": ARN + "x" * 256}).encode()),
            "two documents": peer.http("200 OK", BODY + BODY),
            "twice a member": peer.http(
                "200 OK", BODY[:-1] + b"," + BODY[1:]),
            "not UTF-8": peer.http("200 OK", BODY.replace(b"nightly", b"\xff")),
            "long body": peer.http("200 OK", b" " * 2000000 + BODY),
            "other success": peer.http("201 Created", BODY),
            "garbage": b"\x00\x01\x02" * 1000 + b"\r\n\r\n",
            "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18),
            "length and chunked": peer.http(
                "200 OK", BODY, "Transfer-Encoding: chunked"),
            "two lengths": peer.http("200 OK", BODY, "Content-Length: 5"),
            "bad length": peer.http("200 OK", BODY, "Content-Length: -1",
                                    length=False),
            "bad chunk": peer.http("200 OK", b"z\r\n" + BODY,
                                   "Transfer-Encoding: chunked",
                                   length=False),
            "folded head": peer.http("200 OK", BODY, "X: y\r\n z"),
        }
        for name, response in rows.items():
            with self.subTest(name):
                self.perhaps_created(response)

    def test_never_a_response(self):
        self.unknown("the response is not one that this service gives .*",
                     peer.http("200 OK", b"{}"))

    def test_redirect(self):
        for status in ("301 Moved Permanently", "302 Found",
                       "307 Temporary Redirect"):
            response = peer.http(status, b"", "Location: " + server.endpoint)
            self.perhaps_created(response)
        self.unknown(".*redirect, which is never followed.*307.*", response)


class Refusals(ResponseTest):
    """Errors of the service, and of proxies before it."""

    def test_codes(self):
        codes = [
            "InvalidInputException", "LimitExceededException",
            "ResourceAlreadyExistsException", "ResourceInUseException",
            "ResourceNotFoundException", "TooManyTagsException",
            "AccessDeniedException", "ExpiredTokenException",
            "ThrottlingException", "ValidationException",
        ]
        for code in codes:
            document = {"__type": "com.amazon.coral.service#" + code,
                        "message": "words"}
            self.bad(254, r"^segjob: %s \(HTTP 400, request 1-2-3\): words$"
                     % code, service_error("400 Bad Request", document))

    def test_code_in_header(self):
        self.bad(254, r"^segjob: ExpiredTokenException \(HTTP 403, request "
                 r"1-2-3\): m$",
                 service_error("403 Forbidden", {"Message": "m"},
                               "X-Amzn-ErrorType: ExpiredTokenException:http:"
                               "//internal.amazon.com/"))

    def test_server_error(self):
        response = service_error("500 Internal Server Error",
                                 {"__type": "InternalFailure"})
        self.perhaps_created(response)
        self.unknown(r"InternalFailure \(HTTP 500, request 1-2-3\)", response)

    def test_html_from_a_proxy(self):
        html = b"<html><body>%s</body></html>"
        for size in (0, 100, 200000):
            page = html % (b"x" * size)
            self.perhaps_created(peer.http("502 Bad Gateway", page,
                                           "Content-Type: text/html"))
            self.perhaps_created(peer.http("403 Forbidden", page, version="1.0",
                                           length=False))
        self.unknown("HTTP 403", peer.http("403 Forbidden", page))

    def test_empty_body(self):
        self.unknown("HTTP 503", peer.http("503 Service Unavailable"))

    def test_wrong_target(self):
        self.perhaps_created(peer.http("404 Not Found",
                                       b"<UnknownOperationException/>\n"))


class Messages(ResponseTest):
    """A service's message is printed without secrets or control characters."""

    def message(self, text, *arguments, **keywords):
        document = {"__type": "ValidationException", "message": text}
        result = self.bad(
            254, "ValidationException", service_error("400 Bad", document),
            arguments=[*arguments, "--debug"], **keywords)
        return error_of(result).partition("): ")[2]

    def test_control_characters(self):
        self.assertEqual(
            self.message("a\nsegjob: b\x1b[2J\r\x00\x7f\x9b\tc"),
            "a\\x0asegjob: b\\x1b[2J\\x0d\\x00\\x7f\\xc2\\x9b\\x09c")

    def test_token(self):
        env = {**self.env, "AWS_SESSION_TOKEN": "TOKEN+/=" * 100}
        token = env["AWS_SESSION_TOKEN"]
        self.assertEqual(self.message("x %s y %s" % (token, token), env=env),
                         "x *** y ***")

    def test_tags(self):
        self.assertEqual(
            self.message("Value 'private' at 'tags' of 'owner' and 日本語圏",
                         "--tag", "owner=private", "--tag=日本語圏="),
            "Value '***' at 'tags' of '***' and ***")

    def test_tags_are_parts_of_words(self):
        text = ("Another resource with Arn arn:aws:personalize:us-east-1:"
                "123456789012:batch-segment-job/films-nightly already exists.")
        for tags in (["team=films", "stage=1"], ["a=b"], ["films-=Arn"]):
            self.assertEqual(
                self.message(text, *("--tag=" + tag for tag in tags)), text)

    def test_tags_from_json(self):
        document = {"tags": [{"tagKey": "owner", "tagValue": "private"}]}
        server.behave = peer.sends(service_error("400 Bad", {
            "__type": "ValidationException", "message": "private owner"}))
        self.refused(254, r": \*\*\* \*\*\*$", *options(), "--debug",
                     "--cli-input-json", "-",
                     stdin=json.dumps(document).encode(),
                     secrets=["private", "owner"])

    def test_canonical_string(self):
        text = ("The request signature we calculated does not match.\n\nThe "
                "Canonical String for this request should have been\n'POST\n"
                "/\n\nx-amz-security-token:secret'")
        self.assertEqual(
            self.message(text),
            "The request signature we calculated does not match.")

    def test_long_message(self):
        for size in (5000, 20000):
            shown = self.message("x" * size)
            self.assertTrue(shown.startswith("x" * 1000))


if __name__ == "__main__":
    unittest.main()
