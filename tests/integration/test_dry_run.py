"""The bytes of --dry-run against botocore: signature, endpoint, body."""

import json
import re
import time
import unittest

import botocore.serialize
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from command import ACCOUNT, CommandTest, environment, options
from test_create import ALL, ALL_OPTIONS

HEAD = re.compile(r"POST / HTTP/1\.1\r\n((?:[A-Za-z0-9-]+: [!-~ ]+\r\n)+)\r\n")


class Signed:
    """The parts of a request as printed."""

    def __init__(self, text):
        match = HEAD.match(text)
        assert match, text
        self.headers = dict(
            line.split(": ", 1) for line in match[1].splitlines())
        assert len(self.headers) == len(match[1].splitlines()), text
        self.body = text[match.end():].encode()
        scope = re.fullmatch(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8})/([^/]+)/"
            "personalize/aws4_request, SignedHeaders=([a-z0-9;-]+), "
            "Signature=([0-9a-f]{64})", self.headers["Authorization"])
        self.key_id, self.date, self.region, names, self.signature = \
            scope.groups()
        self.signed = names.split(";")

    def signature_by_botocore(self, secret, token=None):
        """botocore's signature, from the headers that it would send."""
        headers = {name: self.headers[name] for name in
                   ("Content-Type", "X-Amz-Target", "X-Amz-Date")}
        if token:
            headers["X-Amz-Security-Token"] = token
        request = AWSRequest(
            "POST", "https://%s/" % self.headers["Host"], headers, self.body)
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials(self.key_id, secret, token),
                           "personalize", self.region)
        canonical = signer.canonical_request(request)
        return signer.signature(signer.string_to_sign(request, canonical),
                                request)


class DryRun(CommandTest):
    def dry_run(self, *arguments, env=None, **keywords):
        result = self.create(*arguments, "--dry-run", env=env, **keywords)
        self.assertEqual(result.code, 0, result)
        signed = Signed(result.out)
        env = self.env if env is None else env
        token = env.get("AWS_SESSION_TOKEN")
        self.assertEqual(signed.signature, signed.signature_by_botocore(
            env["AWS_SECRET_ACCESS_KEY"], token))
        self.assertEqual(signed.headers.get("X-Amz-Security-Token"), token)
        self.assertEqual(int(signed.headers["Content-Length"]),
                         len(signed.body))
        return signed

    def test_as_botocore_would_send(self):
        signed = self.dry_run(*ALL_OPTIONS)
        model = botocore.session.Session().get_service_model("personalize")
        serialized = botocore.serialize.create_serializer("json") \
            .serialize_to_request(ALL, model.operation_model(
                "CreateBatchSegmentJob"))
        self.assertEqual(json.loads(signed.body), json.loads(
            serialized["body"]))
        for name, value in serialized["headers"].items():
            self.assertEqual(signed.headers[name], value)
        self.assertEqual(signed.signed, [
            "content-type", "host", "x-amz-date", "x-amz-target"])

    def test_headers(self):
        before = int(time.time())
        signed = self.dry_run(*options())
        self.assertEqual(signed.headers["Host"],
                         "personalize.us-east-1.amazonaws.com")
        sent = time.strptime(signed.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        stamps = [time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
                  for at in range(before, int(time.time()) + 1)]
        self.assertIn(signed.headers["X-Amz-Date"], stamps)
        self.assertEqual(signed.date, time.strftime("%Y%m%d", sent))
        self.assertIn("segjob/", signed.headers["User-Agent"])

    def test_tokens_of_any_length(self):
        for n in (1, 63, 64, 1000, 4096, 30000, 120000):
            env = environment(AWS_SESSION_TOKEN="FwoGZXIvYXdz+/=="[:n] +
                              "x" * (n - 16))
            signed = self.dry_run(*options(), env=env)
            self.assertIn("x-amz-security-token", signed.signed)

    def test_port_is_signed(self):
        for url, host in [
                ("https://example.org", "example.org"),
                ("https://example.org/", "example.org"),
                ("https://example.org:443", "example.org"),
                ("https://example.org:8443/", "example.org:8443"),
                ("HTTPS://example.org:1", "example.org:1"),
                ("https://example.org:65535", "example.org:65535")]:
            signed = self.dry_run(*options(endpoint_url=url))
            self.assertEqual(signed.headers["Host"], host)

    def test_regions(self):
        session = botocore.session.Session()
        for region in ("us-east-1", "eu-central-1", "cn-north-1",
                       "us-gov-west-1", "us-iso-east-1", "us-isob-east-1",
                       "ap-nowhere-7"):
            signed = self.dry_run(*options(region=region))
            client = session.create_client(
                "personalize", region_name=region, aws_access_key_id="x",
                aws_secret_access_key="x")
            self.assertEqual("https://" + signed.headers["Host"],
                             client.meta.endpoint_url)
            self.assertEqual(signed.region, region)

    def test_text_of_all_kinds(self):
        path = 's3://b/"quoted" \\ back\tslash \x01\x1f\x7f é 𐍈/'
        tag = "Ωmega 1_.:/=+-@=日本 \u2028 ½"
        signed = self.dry_run(*options(input_path=path), "--tag", tag)
        document = json.loads(signed.body)
        self.assertEqual(document["jobInput"]["s3DataSource"]["path"], path)
        key, value = tag.split("=", 1)
        self.assertEqual(document["tags"],
                         [{"tagKey": key, "tagValue": value}])

    def test_two_hundred_tags(self):
        tags = {"%03d%s" % (i, "𐍈" * 125): "鍵" * 256 for i in range(200)}
        document = {"tags": [{"tagKey": key, "tagValue": value}
                             for key, value in tags.items()]}
        env = environment(AWS_SESSION_TOKEN="t" * 100000)
        signed = self.dry_run(*options(), "--cli-input-json", "-", env=env,
                              stdin=json.dumps(document).encode())
        self.assertEqual(json.loads(signed.body)["tags"], document["tags"])

    def test_filter(self):
        arn = ACCOUNT + "filter/recent"
        signed = self.dry_run(*options(filter_arn=arn))
        self.assertEqual(json.loads(signed.body)["filterArn"], arn)

    def test_nothing_else_is_needed(self):
        # --dry-run needs the core alone: no certificates, no resolver.
        result = self.create(*options(ca_bundle="/nowhere"), "--dry-run",
                             "--endpoint-url", "https://nobody.invalid")
        self.assertEqual(result.code, 0)

    def test_parameters_are_checked(self):
        self.refused(252, "jobName", *options(job_name="-"), "--dry-run")


if __name__ == "__main__":
    unittest.main()
