"""Tests of the emulator with botocore's client and with raw requests.

Expectations are from the service's documentation, the published patterns, and
OpenSSL. Raw requests are signed by botocore and then changed.
"""

import datetime
import http.client
import json
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, SSLError

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402
import faults  # noqa: E402
import model  # noqa: E402
import running  # noqa: E402

ACCOUNT = "arn:aws:personalize:us-east-1:123456789012:"
VERSION = ACCOUNT + "solution/films/4f8a21"
TARGET = "AmazonPersonalize.CreateBatchSegmentJob"
SECONDS = 600  # only what hangs takes as long


def parameters(name, **others):
    return {
        "jobName": name,
        "solutionVersionArn": VERSION,
        "roleArn": "arn:aws:iam::123456789012:role/segments",
        "jobInput": {"s3DataSource": {"path": "s3://bucket/users.json"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://bucket/out/"}},
        **others,
    }


def client_of(emulator, **others):
    """Uses the address: Python's resolver may not know localhost without
    /etc/hosts, as on a bare Debian."""
    arguments = dict(
        region_name=emulator.region,
        endpoint_url="https://127.0.0.1:%d" % emulator.port,
        verify=emulator.ca, aws_access_key_id=emulator.key_id,
        aws_secret_access_key=emulator.secret,
        aws_session_token=emulator.token,
        config=Config(retries={"max_attempts": 0}, proxies={},
                      parameter_validation=False))
    return botocore.session.Session().create_client(
        "personalize", **{**arguments, **others})


class EmulatorCase(unittest.TestCase):
    """A test case with an emulator of its own."""

    options = ()
    token = None

    @classmethod
    def setUpClass(cls):
        cls.emulator = running.Emulator("--verbose", *cls.options,
                                        token=cls.token)
        cls.emulator.__enter__()
        cls.addClassCleanup(cls.emulator.__exit__)
        cls.client = client_of(cls.emulator)
        cls.addClassCleanup(cls.client.close)

    def create(self, name, **others):
        return self.client.create_batch_segment_job(
            **parameters(name, **others))["batchSegmentJobArn"]

    def refusal(self, call, code, status=400):
        """The message of the error that `call` must raise."""
        with self.assertRaises(ClientError) as caught:
            call()
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], code, response)
        metadata = response["ResponseMetadata"]
        self.assertEqual(metadata["HTTPStatusCode"], status)
        self.assertRegex(metadata["RequestId"], "^[0-9a-f-]{36}$")
        return response["Error"]["Message"]

    def refused(self, code, name, **others):
        return self.refusal(lambda: self.create(name, **others), code)


class Operations(EmulatorCase):
    options = ("--pending", "3600")

    def test_create_gives_the_arn_and_keeps_the_job(self):
        arn = self.create("kept", numResults=7)
        self.assertEqual(arn, ACCOUNT + "batch-segment-job/kept")
        with sqlite3.connect(self.emulator.database) as database:
            (text,), = database.execute(
                "SELECT request FROM jobs WHERE arn = ?", (arn,))
        self.assertEqual(json.loads(text), parameters("kept", numResults=7))

    def test_all_optional_members(self):
        key = "arn:aws:kms:us-east-1:123456789012:key/1"
        given = parameters(
            "full", filterArn=ACCOUNT + "filter/f", numResults=5000000,
            jobInput={"s3DataSource": {"path": "s3://b/i", "kmsKeyArn": key}},
            jobOutput={"s3DataDestination": {"path": "s3://b/o/",
                                             "kmsKeyArn": key}})
        tags = [{"tagKey": "a", "tagValue": ""},
                {"tagKey": "A", "tagValue": "Ünï ①"}]
        begun = time.time()
        arn = self.create(**{"name": "full", **given, "tags": tags})
        job = self.client.describe_batch_segment_job(
            batchSegmentJobArn=arn)["batchSegmentJob"]
        created = job.pop("creationDateTime")
        self.assertEqual(job.pop("lastUpdatedDateTime"), created)
        self.assertGreaterEqual(created.timestamp(), begun - 0.001)
        self.assertLessEqual(created.timestamp(), time.time() + 0.001)
        self.assertEqual(job, {**given, "batchSegmentJobArn": arn,
                               "status": "PENDING"})

    def test_describe_fills_in_only_the_default(self):
        arn = self.create("plain")
        job = self.client.describe_batch_segment_job(
            batchSegmentJobArn=arn)["batchSegmentJob"]
        self.assertEqual(job["numResults"], 25)
        for name in ("filterArn", "failureReason", "tags"):
            self.assertNotIn(name, job)

    def test_a_used_name(self):
        arn = self.create("twice")
        self.assertEqual(
            self.refused("ResourceAlreadyExistsException", "twice",
                         numResults=1),
            "Another resource with Arn %s already exists." % arn)
        other = VERSION.replace("123456789012", "999999999999")
        self.create("twice", solutionVersionArn=other)

    def test_resources_elsewhere(self):
        elsewhere = VERSION.replace("us-east-1", "eu-west-1")
        for arn in (elsewhere, "arn:aws:personalize:::x"):
            for field in ("solutionVersionArn", "filterArn"):
                self.assertIn(arn, self.refused("ResourceNotFoundException",
                                                "elsewhere", **{field: arn}))

    def test_describe_of_no_job(self):
        arn = ACCOUNT + "batch-segment-job/none"
        message = self.refusal(
            lambda: self.client.describe_batch_segment_job(
                batchSegmentJobArn=arn), "ResourceNotFoundException")
        self.assertIn(arn, message)

    def test_list_in_pages(self):
        version = ACCOUNT + "solution/paged/1"
        names = ["page-%d" % number for number in range(5)]
        for name in names:
            self.create(name, solutionVersionArn=version)
        self.create("other-version")
        pages = list(self.client.get_paginator("list_batch_segment_jobs")
                     .paginate(solutionVersionArn=version, maxResults=2))
        self.assertEqual([[job["jobName"] for job in page["batchSegmentJobs"]]
                          for page in pages],
                         [names[:2], names[2:4], names[4:]])
        self.assertEqual(set(pages[0]["batchSegmentJobs"][0]), {
            "batchSegmentJobArn", "jobName", "status", "creationDateTime",
            "lastUpdatedDateTime", "solutionVersionArn"})
        whole = self.client.list_batch_segment_jobs(
            solutionVersionArn=version, maxResults=5)
        self.assertEqual(len(whole["batchSegmentJobs"]), 5)
        self.assertNotIn("nextToken", whole)
        listed = self.client.list_batch_segment_jobs()["batchSegmentJobs"]
        self.assertIn("other-version", [job["jobName"] for job in listed])

    def test_list_refuses(self):
        version = ACCOUNT + "solution/tokens/1"
        for name in ("token-1", "token-2"):
            self.create(name, solutionVersionArn=version)
        token = self.client.list_batch_segment_jobs(
            solutionVersionArn=version, maxResults=1)["nextToken"]
        for bad in (dict(nextToken=token), dict(nextToken="e30="),
                    dict(nextToken="WzEsMl0="),
                    dict(nextToken="WzFlMzAsbnVsbF0="),  # [1e30,null]
                    dict(nextToken="WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LG51bGxd")):
            with self.subTest(bad):
                self.refusal(
                    lambda: self.client.list_batch_segment_jobs(**bad),
                    "InvalidNextTokenException")
        # Newer models have a pattern of tokens, which is checked first.
        shape = model.load().shape_for("NextToken")
        self.refusal(
            lambda: self.client.list_batch_segment_jobs(nextToken="é"),
            "InvalidInputException" if "pattern" in shape.metadata
            else "InvalidNextTokenException")
        for bad in (dict(maxResults=0), dict(maxResults=101),
                    dict(nextToken="x" * 1501)):
            with self.subTest(bad):
                self.refusal(
                    lambda: self.client.list_batch_segment_jobs(**bad),
                    "InvalidInputException")


class StatusByTime(unittest.TestCase):
    def status(self, *options):
        with running.Emulator(*options) as emulator:
            client = client_of(emulator)
            arn = client.create_batch_segment_job(
                **parameters("timed"))["batchSegmentJobArn"]
            job = client.describe_batch_segment_job(batchSegmentJobArn=arn)
            return job["batchSegmentJob"]["status"]

    def test_each(self):
        self.assertEqual(self.status("--pending", "3600"), "PENDING")
        self.assertEqual(self.status("--pending", "0", "--in-progress",
                                     "3600"), "IN PROGRESS")
        self.assertEqual(self.status("--pending", "0", "--in-progress", "0"),
                         "ACTIVE")


class Validation(EmulatorCase):
    # Field, accepted values, refused values: the published patterns, matched
    # whole, `.` and `\d` as in Java.
    table = (
        ("jobName", ("a", "9-_", "a" * 63),
         ("", "-a", "a\n", "a" * 64, "é", "a.b")),
        ("solutionVersionArn",
         (VERSION + " \t", "arn:a-9:personalize:us-east-1:123456789012:é",
          VERSION + "x" * (256 - len(VERSION))),
         ("arn:aws:personalize:us-east-1:123456789012:", "x" + VERSION,
          VERSION + "\n", VERSION + "\r", VERSION + "\x85",
          VERSION + "\u2028", VERSION + "\u2029",
          VERSION.replace("aws", "AWS"), VERSION.replace("aws", "a\u0665"),
          VERSION + "x" * (257 - len(VERSION)))),
        ("roleArn", ("arn:aws:iam::123456789012:role/path/r",
                     "arn:aws:iam::123456789012:role/"),
         ("arn:aws:iam::12345678901:role/r", "arn:aws:iam::123456789012:role",
          "arn:aws:iam::12345678901\u0662:role/r",
          "arn:aws:iam::123456789012:role/r:s")),
    )
    path_table = (("s3://b", "http://b", "https://b", "s3://" + "é" * 251),
                  ("s3://", "S3://b", "ftp://b", "s3://b\n",
                   "s3://" + "é" * 252))
    key = "arn:aws:kms:us-east-1:123456789012:key/"
    key_table = ((key, key.replace("aws", "aws-cn"), key + "k" * 2009),
                 (key.replace("aws", "gcp"), key.replace("2", "\u0662"),
                  key + "k" * 2010))
    tag_table = (("a", " ", "ключ", "日本", "\u2460\xa0\u2028", "_.:/=+-@",
                  "AWS:x", "aws", "\U0001d49c" * 128),
                 ("", "a!", "\u0301", "\U0001f600", "a\t", "a\n",
                  "\U0001d49c" * 129, "aws:", "aws:x"))

    made = 0

    def check(self, accepted, refused, wrap):
        for value in accepted:
            with self.subTest("accepted", value=value):
                Validation.made += 1
                self.create(**{"name": "v%d" % self.made, **wrap(value)})
        for value in refused:
            with self.subTest("refused", value=value):
                self.refused("InvalidInputException",
                             **{"name": "refused", **wrap(value)})

    def test_text(self):
        for field, accepted, refused in self.table:
            self.check(accepted, refused, lambda value: {field: value})

    def test_paths_and_kms_keys(self):
        for member, inner in (("jobInput", "s3DataSource"),
                              ("jobOutput", "s3DataDestination")):
            self.check(*self.path_table,
                       lambda value: {member: {inner: {"path": value}}})
            self.check(*self.key_table, lambda value: {
                member: {inner: {"path": "s3://b", "kmsKeyArn": value}}})

    def test_tags(self):
        accepted, refused = self.tag_table
        self.check(accepted, refused, lambda value: {
            "tags": [{"tagKey": value, "tagValue": "v"}]})
        longer = ("", "\U0001d49c" * 129, "v" * 256)
        refused = [value for value in refused if value not in longer]
        self.check(accepted + longer, refused + ["v" * 257], lambda value: {
            "tags": [{"tagKey": "k", "tagValue": value}]})

    def test_numbers(self):
        self.check((1, 5000000), (0, -1, 5000001),
                   lambda value: {"numResults": value})

    def test_how_many_tags(self):
        tags = [{"tagKey": "k%d" % n, "tagValue": ""} for n in range(201)]
        self.create("tags-50", tags=tags[:50])
        self.create("tags-0", tags=[])
        self.refused("TooManyTagsException", "tags-51", tags=tags[:51])
        self.refused("TooManyTagsException", "tags-200", tags=tags[:200])
        self.refused("InvalidInputException", "tags-201", tags=tags)
        self.refused("InvalidInputException", "tags-twice",
                     tags=[tags[0], tags[1], tags[0]])

    def test_required(self):
        for name in parameters("lacks"):
            given = parameters("lacks")
            del given[name]
            message = self.refusal(
                lambda: self.client.create_batch_segment_job(**given),
                "InvalidInputException")
            self.assertIn("at '%s'" % name, message)
        message = self.refused("InvalidInputException", "lacks",
                               jobInput={"s3DataSource": {}},
                               jobOutput={}, tags=[{"tagKey": "k"}])
        for path in ("jobInput.s3DataSource.path", "tags.1.member.tagValue",
                     "jobOutput.s3DataDestination"):
            self.assertIn("at '%s'" % path, message)
        self.assertTrue(message.startswith("3 validation errors detected: "))

    def test_message_has_every_broken_rule(self):
        message = self.refused("InvalidInputException", "-", roleArn="r" * 257)
        self.assertIn("Value '-' at 'jobName'", message)
        self.assertIn("less than or equal to 256", message)


class RawCase(EmulatorCase):
    """Adds raw requests, which no SDK sends."""

    def headers(self, body, when=None, region="us-east-1",
                service="personalize", secret=None, token=None, **others):
        """The headers of a request that botocore signed."""
        emulator = self.emulator
        headers = {"Host": "localhost:%d" % emulator.port,
                   "Content-Type": "application/x-amz-json-1.1",
                   "X-Amz-Target": TARGET, **others}
        request = AWSRequest("POST", emulator.endpoint + "/",
                             headers=headers, data=body)
        credentials = Credentials(emulator.key_id, secret or emulator.secret,
                                  token)
        signer = SigV4Auth(credentials, service, region)
        now = when or datetime.datetime.utcnow()
        with mock.patch("botocore.auth.datetime") as clock:
            clock.datetime.utcnow.return_value = now
            clock.datetime.strptime = datetime.datetime.strptime
            signer.add_auth(request)
        return {**dict(request.headers), "Content-Length": str(len(body))}

    def connect(self):
        context = ssl.create_default_context(cafile=self.emulator.ca)
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        connection = context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.emulator.port),
                                     timeout=SECONDS),
            server_hostname="localhost", suppress_ragged_eofs=False)
        self.addCleanup(connection.close)
        return connection

    def exchange(self, *pieces):
        """Send the pieces. Returns status, headers and body."""
        connection = self.connect()
        for piece in pieces:
            connection.sendall(piece)
        return self.receive(connection)

    def receive(self, connection):
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.headers, response.read()

    def post(self, body, headers=None, line="POST / HTTP/1.1"):
        head = "".join("%s: %s\r\n" % pair for pair in
                       (headers or self.headers(body)).items())
        return self.exchange(("%s\r\n%s\r\n" % (line, head)).encode() + body)

    def refused_as(self, code, *arguments, **named):
        status, headers, body = self.post(*arguments, **named)
        self.assertEqual(status, 400, body)
        self.assertEqual(headers["Content-Type"],
                         "application/x-amz-json-1.1")
        error = json.loads(body)
        self.assertEqual(error["__type"].rpartition("#")[2], code, error)
        return error.get("message") or error.get("Message")

    def body(self, name):
        return json.dumps(parameters(name)).encode()


class Wire(RawCase):
    def test_success_with_the_headers_of_aws(self):
        status, headers, body = self.post(self.body("raw"))
        self.assertEqual((status, json.loads(body)), (200, {
            "batchSegmentJobArn": ACCOUNT + "batch-segment-job/raw"}))
        self.assertRegex(headers["x-amzn-RequestId"], "^[0-9a-f-]{36}$")
        self.assertTrue(headers["Date"].endswith(" GMT"))

    def test_connection_is_kept_until_close(self):
        connection = self.connect()
        for name, close in (("kept-1", ""), ("kept-2", "close")):
            body = self.body(name)
            headers = {**self.headers(body), "Connection": close}
            head = "".join("%s: %s\r\n" % pair for pair in headers.items())
            request = ("POST / HTTP/1.1\r\n%s\r\n" % head).encode() + body
            for byte in range(len(request)):  # in pieces of one byte
                connection.sendall(request[byte:byte + 1])
            self.assertEqual(self.receive(connection)[0], 200)
        # An end without close_notify would raise SSLEOFError.
        self.assertEqual(connection.recv(1), b"")
        first, second = self.emulator.output().splitlines()[-2:]
        self.assertEqual(first, second)
        self.assertRegex(first, "^connection [0-9]+, TLSv1.3, new session: ")

    def test_not_json(self):
        good = self.body("never")
        for body in (b"", b"{", b"[]", b"null", b"\xef\xbb\xbf" + good,
                     good + b"x", good[:-1] + b',"a":NaN}',
                     good[:-1] + b',"a":"\xff"}',
                     good[:-1] + b',"a":"\\ud800"}',
                     good[:-1] + b',"jobName":"twice"}',
                     b"[" * 100000, good.replace(b'"never"', b"5"),
                     good[:-1] + b',"numResults":"5"}',
                     good[:-1] + b',"numResults":5.0}',
                     good[:-1] + b',"numResults":true}',
                     good[:-1] + b',"numResults":2147483648}',
                     good[:-1] + b',"tags":{}}'):
            with self.subTest(body[-40:]):
                self.assertTrue(self.refused_as("SerializationException",
                                                body))

    def test_unknown_members_are_ignored(self):
        body = self.body("unknown")[:-1] + b',"later":[{"x":null}]}'
        self.assertEqual(self.post(body)[0], 200)

    def test_null_is_absent(self):
        nulls = b',"filterArn":null,"tags":null,"numResults":null}'
        self.assertEqual(self.post(self.body("nulls")[:-1] + nulls)[0], 200)
        body = self.body("never").replace(b'"never"', b"null")
        self.assertIn("Value null at 'jobName'",
                      self.refused_as("InvalidInputException", body))

    def test_not_for_this_service(self):
        body = self.body("never")
        for others in ({"X-Amz-Target": "AmazonPersonalize.CreateSolution"},
                       {"X-Amz-Target": "Other.CreateBatchSegmentJob"},
                       {"Content-Type": "application/json"}):
            with self.subTest(others):
                status, headers, response = self.post(
                    body, self.headers(body, **others))
                self.assertEqual(status, 404)
                self.assertEqual(response, b"<UnknownOperationException/>\n")
                self.assertEqual(headers["Content-Type"], "application/xml")
        for line in ("GET / HTTP/1.1", "POST /x HTTP/1.1"):
            self.assertEqual(self.post(body, line=line)[0], 404)

    def test_not_http(self):
        body = self.body("never")
        good = self.headers(body)
        port = self.emulator.port
        for status, changes in (
                (400, {"Host": "example.com:%d" % port}),
                (400, {"Host": "localhost"}), (400, {"Host": "localhost:443"}),
                (400, {"Host": ""}), (400, {"Bad Name": "x"}),
                (400, {"X": "\x01"}), (400, {"HOST": good["Host"]}),
                (400, {"Content-Length": "+1"}),
                (400, {"Content-Length": str(len(body) - 1)}),
                (411, {"Content-Length": None}),
                (413, {"Content-Length": "99999999"}),
                (501, {"Transfer-Encoding": "chunked"})):
            with self.subTest(changes):
                headers = {name: value for name, value in
                           {**good, **changes}.items() if value is not None}
                found, headers, _ = self.post(body, headers)
                self.assertEqual(found, status)
                self.assertEqual(headers["Connection"], "close")
        for start in (b"POST / HTTP/1.0\r\n\r\n", b"\r\n\r\n",
                      b"POST / HTTP/1.1\nHost: x\r\n\r\n",
                      b"post / HTTP/1.1\r\n\r\n"):
            self.assertEqual(self.exchange(start)[0], 400)
        self.assertEqual(self.exchange(b"x" * 70000)[0], 431)

    def test_signature_quotes_the_canonical_string(self):
        body = self.body("never")
        headers = self.headers(body, secret="another")
        message = self.refused_as("InvalidSignatureException", body, headers)
        canonical = (
            "'POST\n/\n\ncontent-type:application/x-amz-json-1.1\n"
            "host:localhost:%d\nx-amz-date:%s\nx-amz-target:%s\n\n"
            "content-type;host;x-amz-date;x-amz-target\n" %
            (self.emulator.port, headers["X-Amz-Date"], TARGET))
        self.assertIn("The Canonical String for this request should have been"
                      "\n" + canonical, message)
        self.assertIn("The String-to-Sign should have been\n"
                      "'AWS4-HMAC-SHA256\n", message)

    def test_tampered(self):
        body = self.body("never")
        good = self.headers(body)
        header = good["Authorization"]
        self.refused_as("InvalidSignatureException",
                        body.replace(b"never", b"nevex"), good)
        for changes in (
                {"X-Amz-Target": TARGET.replace("Create", "Describe")},
                {"X-Amz-Meta": "unsigned"},
                {"Host": "127.0.0.1:%d" % self.emulator.port},
                {"Authorization": header[:-1] + "g"},
                {"Authorization": header.replace("content-type;", "")},
                {"Authorization": header.replace("content-type;host",
                                                 "host;content-type")},
                {"Authorization": header.replace("x-amz-target",
                                                 "x-amz-target;x-none")}):
            with self.subTest(changes):
                self.refused_as("InvalidSignatureException", body,
                                {**good, **changes})

    def test_content_sha256(self):
        body = self.body("hashed")
        headers = self.headers(body, **{"X-Amz-Content-SHA256": "0" * 64})
        self.refused_as("InvalidSignatureException", body, headers)

    def test_incomplete(self):
        body = self.body("never")
        good = self.headers(body)
        absent = dict(good)
        del absent["Authorization"]
        self.refused_as("MissingAuthenticationTokenException", body, absent)
        for text in ("", "Basic eDp5", "AWS4-HMAC-SHA256 x",
                     "AWS4-HMAC-SHA256 Credential=a/b",
                     good["Authorization"].replace("SHA256", "SHA1"),
                     good["Authorization"].replace("/aws4_request", ""),
                     good["Authorization"] + ", X=y"):
            with self.subTest(text):
                self.refused_as("IncompleteSignatureException", body,
                                {**good, "Authorization": text})
        for date in ("", "2026-01-01T00:00:00Z"):
            self.refused_as("IncompleteSignatureException", body,
                            {**good, "X-Amz-Date": date})

    def test_scope(self):
        body = self.body("never")
        for named, words in ((dict(region="eu-west-1"), "valid region"),
                             (dict(service="s3"), "correct service")):
            message = self.refused_as("InvalidSignatureException", body,
                                      self.headers(body, **named))
            self.assertIn(words, message)
        good = self.headers(body)
        day = good["X-Amz-Date"][:8]
        for old, new, words in (("/" + day, "/20200101", "does not match"),
                                ("aws4_request", "aws5_request", "terminat")):
            text = good["Authorization"].replace(old, new)
            self.assertIn(words, self.refused_as(
                "InvalidSignatureException", body,
                {**good, "Authorization": text}))

    def test_date(self):
        body = self.body("dated")
        minute = datetime.timedelta(minutes=1)
        for minutes, words in ((-6, "Signature expired: "),
                               (6, "Signature not yet current: ")):
            when = datetime.datetime.utcnow() + minutes * minute
            message = self.refused_as("InvalidSignatureException", body,
                                      self.headers(body, when=when))
            self.assertTrue(message.startswith(
                words + when.strftime("%Y%m%dT%H%M%SZ is ")), message)
        when = datetime.datetime.utcnow() - 4 * minute
        self.assertEqual(self.post(body, self.headers(body, when=when))[0],
                         200)

    def test_wrong_session_token(self):
        body = self.body("never")
        self.refused_as("UnrecognizedClientException", body,
                        self.headers(body, token="surplus"))

    def test_log_has_no_secret(self):
        self.post(self.body("logged"))
        log = self.emulator.output()
        self.assertIn("POST %s 200\n" % TARGET, log)
        for word in ("Traceback", self.emulator.secret, "Signature="):
            self.assertNotIn(word, log)


class Identities(EmulatorCase):
    token = "IQoJb3JpZ2luX2Vj+/=" * 100
    options = ("--key", "AKIDSECOND=second/secret+=")

    def test_temporary_credentials(self):
        self.create("temporary")
        for token in (None, "x"):
            self.client = client_of(self.emulator, aws_session_token=token)
            self.refused("UnrecognizedClientException", "never")

    def test_wrong_signature_quotes_the_token(self):
        self.client = client_of(self.emulator, aws_secret_access_key="x")
        message = self.refused("InvalidSignatureException", "never")
        self.assertIn("\nx-amz-security-token:%s\n" % self.token, message)

    def test_second_credentials(self):
        self.client = client_of(self.emulator, aws_session_token=None,
                                aws_access_key_id="AKIDSECOND",
                                aws_secret_access_key="second/secret+=")
        self.create("second")

    def test_unknown_credentials(self):
        self.client = client_of(self.emulator, aws_access_key_id="AKIDOTHER")
        self.assertEqual(
            self.refused("UnrecognizedClientException", "never"),
            "The security token included in the request is invalid.")

    def test_another_authority_is_not_trusted(self):
        with tempfile.TemporaryDirectory() as folder:
            other = certificates.authority(folder)
            self.client = client_of(self.emulator, verify=other.path)
            with self.assertRaises(SSLError):
                self.create("never")


class Program(unittest.TestCase):
    def run_program(self, *options):
        return subprocess.run(
            [sys.executable, running.PROGRAM, *options], timeout=SECONDS,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def test_readme_names_all(self):
        path = os.path.join(os.path.dirname(running.PROGRAM), "README.md")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        options = set(re.findall("--[a-z-]+", self.run_program("-h").stdout))
        for name in (*options - {"--help"}, *faults.FAULTS, *faults.ARGUMENTS,
                     *faults.SETTINGS):
            self.assertRegex(text, "`%s[` ]" % name)

    def test_options_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            for options in ((), ("--dir", folder, "--host", "0.0.0.0"),
                            ("--dir", folder, "--host", "example.com"),
                            ("--dir", folder, "--key", "x"),
                            ("--dir", folder, "--port", "x"),
                            ("--dir", folder, "--tls", "1.1"),
                            ("--dir", folder, "--certificate", "x", "x"),
                            ("--certificate", "x")):
                self.assertEqual(self.run_program(*options).returncode, 2)
            for options in (("--dir", "/dev/null/x"),
                            ("--certificate", "/dev/null/x", "/dev/null"),
                            ("--certificate", "/dev/null", "/dev/null"),
                            ("--dir", folder, "--port", "65536"),
                            ("--dir", folder, "--database", "/dev/null/x")):
                ended = self.run_program(*options)
                self.assertEqual((ended.returncode, ended.stdout), (1, ""))
                self.assertEqual(ended.stderr.count("\n"), 1, ended.stderr)

    def test_quiet_and_ended_by_sigterm(self):
        with running.Emulator() as emulator:
            client_of(emulator).list_batch_segment_jobs()
            open_connection = socket.create_connection(
                ("127.0.0.1", emulator.port), timeout=SECONDS)
            with open_connection:
                self.assertEqual(emulator.stop(), 0)
            self.assertEqual(emulator.output(), "control on %s\n"
                             "listening on 127.0.0.1:%d\n" % (
                                 emulator.control[len("http://"):],
                                 emulator.port))

    def test_ipv6_and_default_credentials(self):
        with running.Emulator("--host", "::1") as emulator:
            client = client_of(emulator, endpoint_url="https://[::1]:%d"
                               % emulator.port)
            client.list_batch_segment_jobs()

    def test_jobs_outlive_the_program(self):
        with running.Emulator() as emulator:
            client_of(emulator).create_batch_segment_job(**parameters("kept"))
            with running.Emulator("--database", emulator.database) as second:
                with self.assertRaises(ClientError) as caught:
                    client_of(second).create_batch_segment_job(
                        **parameters("kept"))
        self.assertEqual(caught.exception.response["Error"]["Code"],
                         "ResourceAlreadyExistsException")

    def test_a_given_certificate(self):
        with tempfile.TemporaryDirectory() as folder:
            root = certificates.authority(folder)
            issued = certificates.issue(root, ["a.localhost"])
            with running.Emulator("--verbose", certificate=issued) as emulator:
                for name, status in (("a.localhost", "404 Not Found"),
                                     ("localhost", "400 Bad Request")):
                    with self.subTest(name):
                        out = Sessions.s_client(emulator, name, root.path)
                        self.assertIn("\nVerification: OK\n", out)
                        self.assertIn("\nHTTP/1.1 %s\r\n" % status, out)
                self.assertFalse(os.path.exists(emulator.ca))


class Sessions(unittest.TestCase):
    """TLS versions, sessions and connections, as OpenSSL and the log see them.
    """

    @staticmethod
    def s_client(emulator, name, ca, *options):
        """What s_client prints for a request whose response is 404 or 400."""
        request = ("GET / HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n"
                   "\r\n" % (name, emulator.port))
        return subprocess.run(
            ["openssl", "s_client", "-connect",
             "127.0.0.1:%d" % emulator.port, "-servername", name, "-CAfile",
             ca, "-ign_eof", *options], input=request.encode(), check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=SECONDS).stdout.decode()

    def check(self, version, *options, emulator_options=()):
        """Check a new session, and its resumption on another connection."""
        with running.Emulator("--verbose", *emulator_options) as emulator:
            session = os.path.join(emulator.dir, "session")
            for use, word in (("-sess_out", "New"), ("-sess_in", "Reused")):
                out = self.s_client(emulator, "localhost", emulator.ca, use,
                                    session, *options)
                self.assertIn("\n%s, %s, Cipher is " % (word, version), out)
            lines = emulator.output().splitlines()[2:]
        self.assertEqual(lines, [
            "connection 1, %s, new session: GET - 404" % version,
            "connection 2, %s, resumed session: GET - 404" % version])

    def test_tickets(self):
        self.check("TLSv1.2", "-tls1_2")

    def test_session_ids(self):
        self.check("TLSv1.2", "-tls1_2", "-no_ticket")

    def test_tls_1_3(self):
        self.check("TLSv1.3")

    def test_newest_version(self):
        self.check("TLSv1.2", emulator_options=("--tls", "1.2"))


class Certificates(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def verify(self, root, issued, name):
        """OpenSSL's error for the chain; empty if it is valid."""
        ended = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", "sslserver",
             "-verify_hostname", name, "-CAfile", root.path,
             "-untrusted", issued.certificate, issued.certificate],
            capture_output=True, text=True, timeout=SECONDS)
        return ended.stderr if ended.returncode else ""

    def test_chains(self):
        for key in ("ec", "rsa"):
            root = certificates.authority(self.dir, key=key)
            direct = certificates.issue(root, ["a.test", "127.0.0.1"], key=key)
            self.assertEqual(self.verify(root, direct, "a.test"), "")
            self.assertIn("hostname mismatch",
                          self.verify(root, direct, "b.test"))
            middle = certificates.intermediate(root, key=key)
            lower = certificates.intermediate(middle, "lower")
            longer = certificates.issue(lower, ["a.test"], file="longer")
            self.assertEqual(self.verify(root, longer, "a.test"), "")

    def test_dates(self):
        root = certificates.authority(self.dir)
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        expired = certificates.issue(root, ["a.test"], not_after=now - day)
        self.assertIn("has expired", self.verify(root, expired, "a.test"))
        future = certificates.issue(root, ["a.test"], not_before=now + day)
        self.assertIn("not yet valid", self.verify(root, future, "a.test"))

    def test_another_authority(self):
        root = certificates.authority(self.dir)
        other = certificates.authority(self.dir, "other")
        issued = certificates.issue(other, ["a.test"])
        self.assertIn("unable to get local issuer",
                      self.verify(root, issued, "a.test"))

    def test_keys_are_private(self):
        root = certificates.authority(self.dir)
        issued = certificates.issue(root, ["a.test"])
        self.assertEqual(os.stat(issued.key).st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(self.dir)),
                         ["ca.pem", "server-key.pem", "server.pem"])


if __name__ == "__main__":
    unittest.main()
