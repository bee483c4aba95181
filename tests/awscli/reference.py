"""Debian's AWS CLI, loaded once and then run in a child for each command line.

    reference.run(["personalize", "list-batch-segment-jobs"], environment)

It is /usr/bin/aws: the same modules, arguments, environment and exit code, but
without the second that Python takes to load them.
"""

import os
import sys
import tempfile
import time
import traceback
import warnings
from collections import namedtuple

import awscli.clidriver

Ran = namedtuple("Ran", "code out err")


def run(arguments, environment):
    """Run `aws` with these arguments; its exit code and output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()  # or the child writes it as well
        child = os.fork()
        if child == 0:
            become(arguments, environment, out, err)
        _, status = os.waitpid(child, 0)
        return Ran(os.waitstatus_to_exitcode(status), contents(out),
                   contents(err))


def contents(file):
    file.seek(0)
    return file.read().decode()


def become(arguments, environment, out, err):
    """In the child: never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        data = os.environ["AWS_DATA_PATH"]  # awscli set it when it was loaded
        os.environ.clear()
        os.environ.update(environment, AWS_DATA_PATH=data)
        time.tzset()
        warnings.simplefilter("ignore")  # which unittest shows
        sys.argv = ["aws", *arguments]
        code = awscli.clidriver.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)
