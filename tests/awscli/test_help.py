"""The help, the manual pages and the completions: the same options in all.

`segjob help COMMAND` is the reference: what it names, the command's page and
both completions name too, and nothing else.
"""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "emulator"))

import running  # noqa: E402

SEGJOB = os.environ.get("SEGJOB", str(ROOT / "build/host/segjob"))
MAN = ROOT / "examples/cli/man"
COMPLETION = ROOT / "examples/cli/completion"
BASH, ZSH = COMPLETION / "segjob.bash", COMPLETION / "_segjob"
PATIENCE = 300  # seconds; only a shell that hangs takes as long

OWN = ["create", "list", "describe", "wait"]
API = ["create-batch-segment-job", "list-batch-segment-jobs",
       "describe-batch-segment-job"]
COMMANDS = OWN + API
PAGES = {**{name: f"segjob-{name}.1" for name in OWN},
         **{name: "segjob-aws.1" for name in API}}

PROFILES = {
    "config": "[default]\nregion = us-east-1\n[profile films]\n"
              "[profile 'the books']\n[sso-session none]\n[filth]\n"
              "[profile team:a]\n",
    "credentials": "[keys]\naws_access_key_id = x\n[films]\n# [none]\n",
}
NAMES = ["default", "films", "keys", "team:a", "the books"]


def help_of(*command):
    done = subprocess.run([SEGJOB, "help", *command], capture_output=True,
                          text=True, check=True)
    return done.stdout


def options_of_help(command, pattern="--[a-z-]+"):
    """The options at the beginnings of lines, without what is said of them."""
    lines = re.findall(r"^  (--.*)", help_of(command), re.M)
    return {name for line in lines
            for text in re.split(" {2,}", line)[0].split(", ")
            for name in re.findall(f"^{pattern}", text)}


def choices_of_help(command):
    """(option, choices) of those with choices."""
    found = re.findall(r"^  (--[a-z-]+) \[?([a-z]+(?:\|[a-z]+)+)",
                       help_of(command), re.M)
    return [(option, choices.split("|")) for option, choices in found]


def example_of(text):
    return text.partition("\nExample:\n")[2]


def page_parts(name):
    """The text of a page by its headings; the part before DESCRIPTION too."""
    text = (MAN / name).read_text(encoding="utf-8")
    parts = re.split(r"^\.S[hs] (.*)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def options_of_page(command):
    parts = page_parts(PAGES[command])
    others = set(API) - {command}
    text = "".join(part for title, part in parts.items()
                   if title not in others)
    return {"-" + name for name in
            re.findall(r"^\.It Fl (-[a-z-]+)", text, re.M)}


class Help(unittest.TestCase):
    def test_width_and_example(self):
        for command in [[], *([name] for name in COMMANDS)]:
            text = help_of(*command)
            with self.subTest(command):
                self.assertLessEqual(max(map(len, text.splitlines())), 80)
                self.assertTrue(text.endswith("\n"))
                self.assertRegex(example_of(text), r"^  segjob \w")

    def test_options(self):
        """A command takes the options that its help has, and no others."""
        env = dict(os.environ, AWS_REGION="", AWS_DEFAULT_REGION="",
                   AWS_CONFIG_FILE=os.devnull, AWS_ACCESS_KEY_ID="",
                   AWS_SHARED_CREDENTIALS_FILE=os.devnull,
                   AWS_EC2_METADATA_DISABLED="true")
        # They change nothing there.
        silent = {*((name, "--no-cli-pager") for name in OWN),
                  *((name, "--no-paginate") for name in API),
                  (API[0], "--tag")}  # short for --tags
        source = (ROOT / "examples/cli/options.h").read_text(encoding="utf-8")
        for command in COMMANDS:
            named = options_of_help(command)
            for option in re.findall(r'X\(\w+, "(--[a-z-]+)"', source):
                if (command, option) in silent:
                    continue
                done = [subprocess.run([SEGJOB, command, text], env=env,
                                       stdin=subprocess.DEVNULL,
                                       capture_output=True, text=True)
                        for text in (option, f"{option}=x")]
                refused = any(ran.stderr.endswith(f" takes no {option}\n")
                              for ran in done)
                with self.subTest([command, option]):
                    self.assertEqual(refused, option not in named)

    def test_examples_work(self):
        with running.Emulator("--pending", "0") as emulator:
            path = f"{os.path.dirname(SEGJOB)}:{os.environ['PATH']}"
            env = dict(emulator.environment, PATH=path)
            for command in COMMANDS:
                example = example_of(help_of(command))
                if command in API:  # one that exists is refused
                    example = example.replace("nightly", "weekly")
                example = example.replace("--wait", "")
                example = re.sub("--poll-interval [0-9]+",
                                 "--poll-interval 1", example)
                done = subprocess.run(["sh", "-c", example], env=env,
                                      capture_output=True, text=True)
                with self.subTest(command):
                    self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(emulator.jobs(), ["nightly", "weekly"])


class Pages(unittest.TestCase):
    def test_options(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(sorted(options_of_page(command)),
                                 sorted(options_of_help(command)))

    def test_commands(self):
        page = page_parts("segjob.1")["DESCRIPTION"]
        named = re.findall(r"^\.It Cm ([a-z-]+)", page, re.M)
        self.assertEqual(sorted(named), sorted([*COMMANDS, "help"]))

    def test_program(self):
        """What the program's help says, its page says too."""
        text = help_of()
        page = (MAN / "segjob.1").read_text(encoding="utf-8")
        for word in re.findall(r"\bAWS_\w+|~/\.aws/\w+|^  [0-9]+", text, re.M):
            self.assertRegex(page, rf"(?<!\w){re.escape(word.strip())}(?!\w)")

    def test_common_part(self):
        title = "Options of all commands"
        texts = {page_parts(page)[title].partition("\n.Sh")[0]
                 for page in PAGES.values()}
        self.assertEqual(len(texts), 1)

    def test_sections(self):
        for page in sorted(MAN.iterdir()):
            with self.subTest(page.name):
                self.assertLessEqual(
                    {"NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES",
                     "EXIT STATUS", "EXAMPLES", "SEE ALSO"},
                    set(page_parts(page.name)))

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc")
    def test_lint(self):
        pages = sorted(page.name for page in MAN.iterdir())
        self.assertEqual(set(pages), {"segjob.1", *PAGES.values()})
        # In their folder, where it looks for the pages that they name.
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", *pages],
                              cwd=MAN, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual((done.stdout, done.returncode), ("", 0))


class Completion:
    """What both shells offer; `offered(line)` is what a shell completes."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="completion-")
        cls.addClassCleanup(folder.cleanup)
        cls.room = Path(folder.name)
        for name, text in PROFILES.items():
            (cls.room / name).write_text(text)
        (cls.room / "folder").mkdir()
        for name in "job.json", "two words.pem", "folder/x.pem":
            (cls.room / name).touch()
        cls.env = dict(os.environ, HOME=str(cls.room), TERM="dumb",
                       AWS_CONFIG_FILE="~/config",
                       AWS_SHARED_CREDENTIALS_FILE=str(cls.room /
                                                       "credentials"))

    def check(self, line, *words):
        with self.subTest(line):
            self.assertEqual(sorted(self.offered(line)), sorted(words))

    def test_options(self):
        for command in COMMANDS:
            self.check(f"segjob {command} --", *options_of_help(command))
        for command in API:
            self.check(f"segjob personalize {command} --",
                       *options_of_help(command))
        self.check("segjob --", "--help", "--version")
        self.check("segjob list --debug --col", "--color")
        self.check("segjob create --job-name list --poll", "--poll-interval")
        self.check("segjob list --page")

    def test_which_options_take_values(self):
        for command in COMMANDS:
            flags = options_of_help(command, "--[a-z-]+$")
            for option in options_of_help(command) - {"--help", "--version"}:
                with self.subTest([command, option]):
                    offered = self.offered(f"segjob {command} {option} ")
                    self.assertEqual(option in flags, any(
                        word.startswith("--") for word in offered))

    def test_commands(self):
        self.check("segjob ", *OWN, "help", "personalize")
        self.check("segjob w", "wait")
        self.check("segjob create-", "create-batch-segment-job")
        self.check("segjob personalize ", *API, "help")
        self.check("segjob help ", *COMMANDS)
        self.check("segjob help desc", "describe",
                   "describe-batch-segment-job")

    def test_choices(self):
        for command in COMMANDS:
            for option, choices in choices_of_help(command):
                self.check(f"segjob {command} {option} ", *choices)
        self.check("segjob personalize list-batch-segment-jobs --output t",
                   "text", "table")
        self.check(f"segjob {API[0]} --cli-binary-format r",
                   "raw-in-base64-out")
        self.check("segjob list --query ")

    def test_regions(self):
        try:
            import botocore.session
        except ImportError as error:
            self.skipTest(error)
        session = botocore.session.Session()
        known = [region for partition in ("aws", "aws-cn")
                 for region in session.get_available_regions("personalize",
                                                             partition)]
        self.assertIn("us-east-1", known)
        self.check("segjob list --region ", *known)
        self.check("segjob list --region us-e", "us-east-1", "us-east-2")

    def test_profiles(self):
        self.check("segjob list --profile ", *map(self.quoted, NAMES))
        self.check("segjob list --profile f", "films")
        self.check(f"segjob personalize {API[1]} --profile k", "keys")

    def test_files(self):
        room = self.room
        both = f"segjob {API[0]} --job-input file://{room}/"
        self.check(f"segjob list --ca-bundle {room}/two",
                   self.file(room, "two words.pem"))
        self.check(f"segjob list --ca-bundle {room}/folder/",
                   self.file(room, "folder/x.pem"))
        self.check(f"segjob create --cli-input-json {room}/j",
                   self.file(room, "job.json"))
        self.check(f"segjob create --cli-input-json file://{room}/j",
                   self.file(room, "job.json", "//"))
        self.check(f"{both}j", self.file(room, "job.json", "//"))
        self.check(f"segjob list --query file://{room}/j")
        self.check(f"segjob create --filter-arn file://{room}/j")


class Bash(Completion, unittest.TestCase):
    SCRIPT = """. "$1" && COMP_WORDBREAKS=$' \\t\\n"'$2 && shift 2 &&
        COMP_WORDS=("$@") && COMP_CWORD=$(($# - 1)) && _segjob segjob
        printf '%s\\n' "${COMPREPLY[@]}" """

    def offered(self, line, breaks="=:"):
        # As readline splits it: at blanks, and at breaks.
        words = []
        for word in line.split(" "):
            words += [part for part in
                      re.split(rf"([{breaks}]+)" if breaks else "$^", word)
                      if part] or [""]
        if breaks and words[-1] == "" and line.endswith(tuple(breaks)):
            words.pop()
        done = subprocess.run(
            ["bash", "--norc", "-c", self.SCRIPT, "bash", BASH, breaks, *words],
            env=self.env, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [word for word in done.stdout.split("\n") if word]

    def file(self, room, name, before=""):
        """Readline quotes it; and has replaced what follows `file:`."""
        return f"{before}{room}/{name}"

    def quoted(self, name):
        return name.replace(" ", "\\ ")

    def test_values_behind_equals_signs(self):
        self.check("segjob list --output=", "json", "text", "table")
        self.check("segjob list --output=te", "text")
        self.check("segjob list --output=te --color=o", "on", "off")
        self.check("segjob list --profile team:", "a")
        self.check("segjob list --profile=team:", "a")
        self.check(f"segjob create --cli-input-json=file://{self.room}/j",
                   f"//{self.room}/job.json")
        self.check("segjob wait --batch-segment-job-arn a:b:c/d --poll",
                   "--poll-interval")
        self.check("segjob describe --batch-segment-job-arn=a:b:c/d --outp",
                   "--output")

    def test_without_breaks(self):
        self.assertEqual(self.offered("segjob list --output=te", ""),
                         ["--output=text"])
        self.assertEqual(self.offered("segjob list --profile team:", ""),
                         ["team:a"])

    def test_folders(self):
        self.check(f"segjob list --ca-bundle {self.room}/f",
                   f"{self.room}/folder/")

    def test_redirection(self):
        for sign in "<", ">", ">>":
            self.check(f"segjob list {sign} {self.room}/j",
                       f"{self.room}/job.json")

    def test_it_is_registered(self):
        done = subprocess.run(
            ["bash", "--norc", "-c", '. "$1" && complete -p segjob', "bash",
             BASH], capture_output=True, text=True)
        self.assertEqual(done.stdout, "complete -F _segjob segjob\n")


@unittest.skipUnless(shutil.which("zsh"), "no zsh")
class Zsh(Completion, unittest.TestCase):
    """In a terminal: what its completion adds goes into a file."""

    SETUP = r"""
        PS1= RPS1= LISTMAX=100000
        unsetopt auto_list beep zle_bracketed_paste 2>/dev/null
        fpath=(%s $fpath)
        autoload -U compinit && compinit -D -u
        compadd() {
            local -a hits
            if [[ ${@[(I)-[OAD]*]} -eq 0 ]]; then
                builtin compadd -O hits "$@"
                print -rl -- $hits >>$OFFERED
            fi
            builtin compadd "$@"
        }
        end-of-offer() { BUFFER=; print -r -- END >>$OFFERED }
        zle -N end-of-offer
        bindkey -e
        bindkey '^I' complete-word
        bindkey '^T' end-of-offer
        print -r -- END >>$OFFERED
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.room / "zsh"
        folder.mkdir()
        cls.list = cls.room / "zsh/offered"
        setup = folder / "setup"
        setup.write_text(cls.SETUP % shlex.quote(str(COMPLETION)))
        try:
            pid, cls.terminal = pty.fork()
        except OSError as error:
            raise unittest.SkipTest(f"no pseudo-terminal: {error}")
        if pid == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"],
                       dict(cls.env, OFFERED=str(cls.list)))
        cls.addClassCleanup(cls.end, pid)
        cls.send(f". {shlex.quote(str(setup))}\n")

    @classmethod
    def end(cls, pid):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(cls.terminal)

    @classmethod
    def send(cls, keys):
        """Type these keys; what was offered until END was printed."""
        cls.list.write_text("")
        os.write(cls.terminal, keys.encode())
        end = time.monotonic() + PATIENCE
        while not cls.list.read_text().endswith("END\n"):
            if select.select([cls.terminal], [], [], 0.01)[0]:
                os.read(cls.terminal, 4096)
            if time.monotonic() > end:
                raise TimeoutError(keys)
        return cls.list.read_text().split("\n")[:-2]

    def offered(self, line):
        found = self.send(f"{line}\t\x14")
        return {re.sub("=$", "", word).replace("\\", "")
                for word in found if word}

    def file(self, room, name, before=""):
        """It has completed the folder before it."""
        return Path(name).name

    def quoted(self, name):
        return name

    def test_values_behind_equals_signs(self):
        self.check("segjob list --output=", "json", "text", "table")
        self.check("segjob list --profile=k", "keys")


if __name__ == "__main__":
    unittest.main()
