"""The operations on batch segment jobs, and the jobs in SQLite."""

import base64
import json
import re
import sqlite3
import threading

import model
from model import ServiceError

NUM_RESULTS_MAX = 5000000  # users per segment; documented, not in the model


class Jobs:
    """The jobs, in SQLite; safe to use from several threads.

    `faults.settings` has how long they take and how they end.
    """

    def __init__(self, path, faults):
        self.faults = faults
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, check_same_thread=False)
        with self.database:
            self.database.execute(
                "CREATE TABLE IF NOT EXISTS jobs ("
                "id INTEGER PRIMARY KEY, arn TEXT UNIQUE NOT NULL,"
                "name TEXT NOT NULL, solution_version_arn TEXT NOT NULL,"
                "request TEXT NOT NULL, created REAL NOT NULL,"
                "failure TEXT)")

    def add(self, arn, request, now):
        """Insert a job. Returns False if its ARN is taken."""
        try:
            with self.lock, self.database:
                self.database.execute(
                    "INSERT INTO jobs (arn, name, solution_version_arn,"
                    " request, created, failure) VALUES (?, ?, ?, ?, ?, ?)",
                    (arn, request["jobName"], request["solutionVersionArn"],
                     json.dumps(request), now, self.faults.settings.fail))
        except sqlite3.IntegrityError:
            return False
        return True

    def find(self, now, arn):
        rows = self.select(now, "arn = ?", (arn,))
        return self.describe(rows[0], now) if rows else None

    def page(self, now, solution_version_arn, after, count):
        """Up to `count` pairs of id and job, older jobs first."""
        rows = self.select(
            now, "id > ? AND (? IS NULL OR solution_version_arn = ?) "
            "ORDER BY id LIMIT ?",
            (after, solution_version_arn, solution_version_arn, count))
        return [(row[0], self.describe(row, now)) for row in rows]

    def select(self, now, where, values):
        """Select visible jobs. Without a lag all are visible, even if the
        service's clock was set back since."""
        lag = self.faults.settings.lag
        with self.lock:
            return self.database.execute(
                "SELECT id, arn, request, created, failure FROM jobs "
                "WHERE (? = 0 OR created <= ?) AND " + where,
                (lag, now - lag, *values)).fetchall()

    def describe(self, row, now):
        _, arn, request, created, failure = row
        times = self.faults.settings
        # The service fills in its default and returns no tags.
        job = {"numResults": 25, **json.loads(request)}
        job.pop("tags", None)
        status, updated = "PENDING", created
        if now >= created + times.pending:
            status, updated = "IN PROGRESS", created + times.pending
        if now >= created + times.pending + times.in_progress:
            status, updated = "ACTIVE", updated + times.in_progress
            if failure is not None:
                status = "CREATE FAILED"
                job["failureReason"] = failure
        job.update(batchSegmentJobArn=arn, status=status,
                   creationDateTime=round(created, 3),
                   lastUpdatedDateTime=round(updated, 3))
        return job


class Personalize:
    """The operations, from a JSON body to a result or a ServiceError.

    All solution versions and filters exist, in every account of the service's
    region, and none elsewhere.
    """

    def __init__(self, region, jobs):
        self.region = region
        self.jobs = jobs
        self.model = model.load()
        self.operations = {
            "CreateBatchSegmentJob": self.create,
            "DescribeBatchSegmentJob": self.describe,
            "ListBatchSegmentJobs": self.list,
        }

    def call(self, operation, body, now):
        shape = self.model.operation_model(operation).input_shape
        request = model.validate(shape, body)
        return self.operations[operation](request, now)

    def create(self, request, now):
        check_tags(request.get("tags", []))
        # Inferred: the model has no range.
        if not 1 <= request.get("numResults", 1) <= NUM_RESULTS_MAX:
            raise ServiceError("InvalidInputException", "numResults must be "
                               "from 1 to %d" % NUM_RESULTS_MAX)
        account = self.account(request["solutionVersionArn"])
        if "filterArn" in request:
            self.account(request["filterArn"])
        partition = request["solutionVersionArn"].split(":")[1]
        arn = "arn:%s:personalize:%s:%s:batch-segment-job/%s" % (
            partition, self.region, account, request["jobName"])
        if not self.jobs.add(arn, request, now):
            raise ServiceError("ResourceAlreadyExistsException",
                               "Another resource with Arn %s already exists."
                               % arn)
        return {"batchSegmentJobArn": arn}

    def account(self, arn):
        """The account of a resource that may exist here."""
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[3] != self.region or not re.fullmatch(
                "[0-9]{12}", parts[4]):
            no_resource(arn)
        return parts[4]

    def describe(self, request, now):
        job = self.jobs.find(now, request["batchSegmentJobArn"])
        if job is None:
            no_resource(request["batchSegmentJobArn"])
        return {"batchSegmentJob": job}

    def list(self, request, now):
        version = request.get("solutionVersionArn")
        after = 0
        if "nextToken" in request:
            after = read_token(request["nextToken"], version)
        count = request.get("maxResults", 100)
        page = self.jobs.page(now, version, after, count + 1)
        shape = self.model.shape_for("BatchSegmentJobSummary")
        result = {"batchSegmentJobs": [
            {name: job[name] for name in shape.members if name in job}
            for _, job in page[:count]]}
        if len(page) > count:
            result["nextToken"] = write_token(page[count - 1][0], version)
        return result


def check_tags(tags):
    if len(tags) > 50:
        raise ServiceError("TooManyTagsException",
                           "A resource can have at most 50 tags.")
    keys = [tag["tagKey"] for tag in tags]
    if len(set(keys)) != len(keys):
        raise ServiceError("InvalidInputException", "Tag keys must be unique.")
    for text in keys + [tag["tagValue"] for tag in tags]:
        if text.startswith("aws:"):
            raise ServiceError("InvalidInputException", "'%s' begins with the "
                               "reserved prefix aws:" % text)


def no_resource(arn):
    raise ServiceError("ResourceNotFoundException",
                       "Resource Arn %s does not exist." % arn)


def write_token(job_id, version):
    text = json.dumps([job_id, version])
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_token(token, version):
    """The id of the last job of the page before, for the same list alone."""
    try:
        job_id, token_version = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError):
        job_id = token_version = None
    if type(job_id) is not int or not 0 < job_id < 2**63 \
            or token_version != version:
        raise ServiceError("InvalidNextTokenException",
                           "The next token is not valid.")
    return job_id
