"""Creation, bad command lines, settings and failures, beside the AWS CLI."""

import itertools
import subprocess
import unittest

import commands

# As somebody wrote it for the AWS CLI.
SCRIPT = """
set -eu
arn=$(aws personalize create-batch-segment-job --job-name from-a-script \\
    --solution-version-arn "$VERSION" --role-arn "$ROLE" \\
    --job-input 's3DataSource={path=s3://b/i}' \\
    --job-output 's3DataDestination={path=s3://b/o/}' \\
    --query batchSegmentJobArn --output text)
until [ "$(aws personalize describe-batch-segment-job \\
    --batch-segment-job-arn "$arn" \\
    --query batchSegmentJob.status --output text)" = ACTIVE ]; do
    sleep 0.1
done
aws personalize list-batch-segment-jobs --output text \\
    --query "batchSegmentJobs[?jobName=='from-a-script'].[jobName, status]"
"""


class Creating(commands.CommandsTest):
    def test_creating(self):
        self.check(commands.creating())

    def test_bad_lines(self):
        self.check(commands.bad())

    def test_all_that_is_wanted_is_tried(self):
        rows = [repr(row) for row in itertools.chain(
            commands.reading(), commands.paging(), commands.creating(),
            commands.bad(), commands.SETTINGS, commands.FAILURES,
            commands.ATTEMPTS)]
        for part, _, reason in commands.WANTED:
            self.assertTrue(any(part in row for row in rows), part)
            self.assertTrue(reason)

    def test_a_script(self):
        """The same script runs with either program as `aws`."""
        for emulator, program in zip(self.emulators, (commands.AWS,
                                                      commands.SEGJOB)):
            emulator.script()
            aws = f"aws() {{ '{program}' --endpoint-url " \
                  f"{emulator.endpoint} \"$@\"; }}\n"
            done = subprocess.run(
                ["sh", "-c", aws + SCRIPT],
                env=self.environment(emulator, {
                    "VERSION": commands.VERSION, "ROLE": commands.ROLE}),
                stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (0, "from-a-script\tACTIVE\n", ""))


class Circumstances(commands.CommandsTest):
    def test_settings_and_failures(self):
        self.check((row, (), more) for more, row in commands.SETTINGS)
        self.check((row.replace("{job}", commands.job()), script)
                   for script, row in commands.FAILURES)

    def test_attempts(self):
        self.check((commands.LIST, script, more)
                   for more, script in commands.ATTEMPTS)


if __name__ == "__main__":
    unittest.main()
