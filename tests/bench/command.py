#!/usr/bin/python3
"""One job over TLS to a local nginx: the command beside `curl --aws-sigv4`.

    command.py SEGJOB [PAIRS]

Both programs send the same body to the same server, trust the same bundle (the
system's certificates and the server's authority) and run in turn, so that a
noisy machine disturbs both. The medians of the ratios pair by pair are printed
as lines `KEY VALUE`, and a table of medians on standard error.
"""

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "emulator"))
import certificates  # noqa: E402
import running  # noqa: E402

SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
REGION = "us-east-1"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REQUEST = {
    "jobName": "bench",
    "solutionVersionArn":
        "arn:aws:personalize:us-east-1:123456789012:solution/users/0123abcd",
    "roleArn": "arn:aws:iam::123456789012:role/PersonalizeRole",
    "jobInput": {"s3DataSource": {"path": "s3://bucket/users.json"}},
    "jobOutput": {"s3DataDestination": {"path": "s3://bucket/segments/"}},
    "numResults": 100,
    "tags": [{"tagKey": "team-%d" % i, "tagValue": "segments"}
             for i in range(4)],
}
RESPONSE = {
    "batchSegmentJobArn":
        "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/bench"}
CONFIG = """
daemon off; worker_processes 1; pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols {protocols};
        ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256;
        ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        ssl_certificate {server.certificate};
        ssl_certificate_key {server.key};
        location / {{
            default_type application/x-amz-json-1.1;
            add_header x-amzn-RequestId $connection;
            return 200 '{response}';
        }}
    }}
}}
"""


def wait_for(port, server):
    deadline = time.monotonic() + running.PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.01)
    sys.exit("command.py: nginx did not start")


# As AWS's endpoints, which choose AES-128-GCM: here there is no other.
@contextlib.contextmanager
def nginx(folder, server, response, protocols="TLSv1.2 TLSv1.3"):
    with running.free_port() as port:
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(CONFIG.format(dir=folder, port=port, server=server,
                                  response=json.dumps(response),
                                  protocols=protocols))
        process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", folder, "-c", config],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def issue(folder):
    """An authority, and localhost's certificate: RSA, as those of AWS."""
    ca = certificates.authority(folder, key="rsa")
    between = certificates.intermediate(ca, key="rsa")
    return ca, certificates.issue(between, ["localhost"], key="rsa")


def run(command, env):
    """Wall and processor seconds of one run, which must succeed."""
    begin = time.perf_counter()
    read, write = os.pipe()
    pid = os.posix_spawn(command[0], command, env, file_actions=[
        (os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, read)])
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    if status != 0 or json.loads(output) != RESPONSE:
        sys.exit("command.py: %s failed: %s, %r"
                 % (command[0], status, output))
    return wall, usage.ru_utime + usage.ru_stime


def peak_memory(command, env, folder):
    """Kilobytes. GNU time is small: a child starts with its parent's memory."""
    report = os.path.join(folder, "memory")
    subprocess.run(["/usr/bin/time", "-f", "%M", "-o", report, *command],
                   env=env, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.PIPE)
    with open(report, encoding="ascii") as f:
        return int(f.read())


def measure(segjob, pairs, folder, port, bundle):
    """(wall, processor, memory) of both programs, pair by pair."""
    body = os.path.join(folder, "request.json")
    with open(body, "w", encoding="utf-8") as f:
        json.dump(REQUEST, f)
    url = "https://localhost:%d" % port
    env = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET,
           "AWS_CONFIG_FILE": os.devnull, "PATH": "/usr/bin:/bin",
           "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    ours = [segjob, "create", "--region", REGION, "--endpoint-url", url,
            "--ca-bundle", bundle, "--cli-input-json", body]
    curl = ["/usr/bin/curl", "-q", "--silent", "--fail", "--cacert", bundle,
            "--aws-sigv4", "aws:amz:%s:personalize" % REGION,
            "--user", "%s:%s" % (KEY_ID, SECRET),
            "-H", "Content-Type: application/x-amz-json-1.1",
            "-H", "X-Amz-Target: AmazonPersonalize.CreateBatchSegmentJob",
            "--data-binary", "@" + body, url]
    run(ours, env), run(curl, env)  # caches are warm for both
    memory = tuple(peak_memory(command, env, folder)
                   for command in (ours, curl))
    return [tuple((*run(command, env), kilobytes)
                  for command, kilobytes in zip((ours, curl), memory))
            for _ in range(pairs)]


def median_ratio(rows, column):
    return statistics.median(ours[column] / curl[column]
                             for ours, curl in rows)


def main():
    # So that nginx is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    segjob = os.path.abspath(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 31
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ca, server = issue(folder)
        bundle = os.path.join(folder, "bundle.pem")
        with open(bundle, "w", encoding="ascii") as out:
            for path in (SYSTEM_BUNDLE, ca.path):
                with open(path, encoding="ascii") as f:
                    out.write(f.read())
        with nginx(folder, server, RESPONSE) as port:
            rows = measure(segjob, pairs, folder, port, bundle)
    print("one job over TLS to nginx, medians of %d pairs:" % pairs,
          file=sys.stderr)
    row = "%-22s %10s %10s %8s"
    print(row % ("", "segjob", "curl", "ratio"), file=sys.stderr)
    for column, (key, name, unit) in enumerate((
            ("wall", "wall ms", 1e3), ("processor", "processor ms", 1e3),
            ("memory", "peak memory KB", 1))):
        ours, curl = ("%.1f" % (unit * statistics.median(
            pair[i][column] for pair in rows)) for i in (0, 1))
        ratio = "%.3f" % median_ratio(rows, column)
        print(row % (name, ours, curl, ratio), file=sys.stderr)
        print("command_%s_ratio" % key, ratio)


if __name__ == "__main__":
    main()
