#!/usr/bin/env python3
"""The Debian packages, in systems that have nothing else.

    debian.py BUILD

Packages are made from a tarball of the sources, without git. Two builds by
other users, in other folders, at other times and in other locales must be
equal, and lintian must have no warning. On bare systems of both Debian
releases, which debootstrap makes in BUILD, they are installed; the command
creates a job at the emulator, and programs are built with the library; then
they are removed, and no file of theirs may stay. Needs root. What happens in
such a system has mounts of its own.
"""

import concurrent.futures
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "emulator"))

import running  # noqa: E402

RELEASES = "bookworm", "trixie"
NEEDED = ["gcc", "libc6-dev", "make", "cmake", "dpkg-dev", "file",
          "libmbedtls-dev", "libjsmn-dev"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

# Run a command in the system in $0.
WITHIN = """
mount --rbind /dev "$0/dev"
mount --rbind /proc "$0/proc"
exec chroot "$0" "$@"
"""


def run(*command, **options):
    print("+", *command, flush=True)
    subprocess.run([str(word) for word in command], check=True, **options)


def printed(*command, **options):
    return subprocess.run([str(word) for word in command], check=True,
                          stdout=subprocess.PIPE, text=True,
                          **options).stdout.strip()


def private_apt(command):
    return printed("sh", "-euc", '. "$0"; ' + command,
                   ROOT / "tests" / "private_apt.sh")


def archive(tarball):
    """The sources: what git knows, as it is now; else all files."""
    git = ["git", "-C", ROOT]
    try:
        changed = printed(*git, "-c", "user.name=-", "-c", "user.email=-",
                          "stash", "create")
        run(*git, "archive", "--prefix=segjob/", "-o", tarball,
            changed or "HEAD")
    except (OSError, subprocess.CalledProcessError):
        run("tar", "-C", ROOT, "--exclude=./build", "--exclude=__pycache__",
            "--transform", "s,^[.],segjob,", "-cf", tarball, ".")


# ------------------------------------------------------------------- builds

def packages(folder):
    return sorted((folder / "packages").glob("*.deb"))


def build(tarball, folder, *before, **options):
    """Build in an empty folder, by a command after the words of `before`."""
    run(*before, "sh", HERE / "deb.sh", tarball, folder, **options)
    if len(packages(folder)) != 2:
        sys.exit("%s has not two packages" % folder)


def build_elsewhere(tarball, folder):
    """Another user, time, time zone and locale."""
    locales = folder.parent / "locales"
    locales.mkdir()
    run("localedef", "-i", "tr_TR", "-f", "UTF-8", locales / "tr_TR.UTF-8")
    os.chown(folder, 65534, 65534)
    other = dict(os.environ, LOCPATH=str(locales), LC_ALL="tr_TR.UTF-8",
                 TZ="Pacific/Kiritimati", HOME="/nowhere", USER="nobody")
    build(tarball, folder, "faketime", "-f", "+400d", *NOBODY, env=other)


def compare(folder, other):
    for package in packages(folder):
        if not filecmp.cmp(package, other / "packages" / package.name, False):
            sys.exit("two builds differ: %s" % package.name)
        print("equal in both builds: %s" % package.name)


def lint(folder):
    run(*NOBODY, "lintian", "--fail-on", "error,warning", *packages(folder),
        env=dict(os.environ, HOME="/nowhere"))


# ------------------------------------------------------------------ systems

class System:
    """A bare Debian in a folder."""

    def __init__(self, folder, release, mirror, keyring):
        self.folder = folder
        # What it mounts ends with it.
        run("unshare", "-m", "debootstrap", "--variant=minbase",
            "--keyring=" + keyring, release, folder, mirror)
        if os.path.exists("/etc/resolv.conf"):
            shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        (folder / "etc/apt/apt.conf.d/99host").write_text(
            printed("apt-config", "dump", "Acquire") + "\n")
        (folder / "etc/hosts").write_text("127.0.0.1 localhost\n")
        (folder / "room").mkdir()

    def command(self, *words, **variables):
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                     "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive",
                     **variables}
        return ["unshare", "-m", "env", "-i",
                *("%s=%s" % pair for pair in variables.items()),
                "sh", "-euc", WITHIN, self.folder, *words]

    def run(self, *words, **variables):
        run(*self.command(*words, **variables))

    def printed(self, *words, **variables):
        return printed(*self.command(*words, **variables))

    def install(self, *names):
        self.run("apt-get", "-q", "-y", "--no-install-recommends", "install",
                 *names)

    def give(self, *files):
        for file in files:
            shutil.copy(file, self.folder / "room")

    def copy(self):
        other = object.__new__(System)
        other.folder = self.folder.with_name(self.folder.name + "-build")
        run("cp", "-a", self.folder, other.folder)
        return other


def build_on(system, tarball, folder):
    """Packages are made on the release that they are for."""
    room = system.copy()
    room.install(*NEEDED)
    room.give(tarball, HERE / "deb.sh")
    (room.folder / "sources").mkdir()
    room.run("sh", "/room/deb.sh", "/room/" + tarball.name, "/sources")
    shutil.move(room.folder / "sources/packages", folder / "packages")
    shutil.rmtree(room.folder)


def create_job(system, emulator, name):
    system.give(emulator.ca)
    response = system.printed(
        "segjob", "create", "--job-name", name, "--solution-version-arn",
        "arn:aws:personalize:us-east-1:123456789012:solution/films/4f2a9c01",
        "--role-arn", "arn:aws:iam::123456789012:role/PersonalizeS3",
        "--input-path", "s3://example-bucket/users.json",
        "--output-path", "s3://example-bucket/segments/",
        "--endpoint-url", emulator.endpoint,
        "--ca-bundle", "/room/ca.pem", AWS_REGION=emulator.region,
        AWS_ACCESS_KEY_ID=emulator.key_id,
        AWS_SECRET_ACCESS_KEY=emulator.secret)
    if name not in response or name not in emulator.jobs():
        sys.exit("no job %s: %s" % (name, response))


def live(system, emulator, release, folder, tarball):
    """Install, use, remove."""
    names = ["segjob", "libsegjob-dev"]
    system.give(tarball, *packages(folder))
    rooms = ["/room/" + package.name for package in packages(folder)]
    system.install(next(room for room in rooms if "/segjob_" in room))
    create_job(system, emulator, "on-" + release)

    system.install(*rooms, "g++", "make", "cmake", "pkgconf")
    system.run("tar", "-xf", "/room/" + tarball.name)
    system.run("sh", "/segjob/tests/packaging/run.sh", "debian")

    files = [system.folder / path.lstrip("/") for path in
             system.printed("dpkg", "-L", *names).split("\n")]
    files = {file for file in files if file.is_file()}
    system.run("apt-get", "-q", "-y", "purge", *names)
    rest = [str(file) for file in files if file.exists()]
    if not files or rest:
        sys.exit("of %d files these stay: %s" % (len(files), rest))
    print("%d files were removed again" % len(files))


def on_release(release, folder, host, tarball, emulator):
    """The result in words. `host` has the packages for this system's release,
    once they are built."""
    folder.mkdir()
    is_own = release == private_apt("echo $codename")
    try:
        system = System(folder / "system", release,
                        private_apt("system_mirror"),
                        private_apt('system_keyring "$(system_mirror)"'))
    except subprocess.CalledProcessError:
        if is_own:
            raise
        return "%s: skipped, debootstrap could not make one" % release
    system.run("apt-get", "-q", "update")
    if is_own:
        folder = host.result()
    else:
        build_on(system, tarball, folder)
        lint(folder)
    live(system, emulator, release, folder, tarball)
    shutil.rmtree(system.folder)
    return "%s: installed, a job created, a program built, removed" % release


def on_host(build_folder, tarball):
    one, two = build_folder / "one", build_folder / "two" / "elsewhere"
    for folder in one, two:
        folder.mkdir(parents=True)
    build(tarball, one)
    build_elsewhere(tarball, two)
    compare(one, two)
    lint(one)
    return one


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not private_apt("system_mirror"):
        sys.exit("no apt entry for main")
    tarball = folder / "segjob.tar"
    archive(tarball)
    with running.Emulator() as emulator, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        host = pool.submit(on_host, folder, tarball)
        results = [pool.submit(on_release, release, folder / release, host,
                               tarball, emulator) for release in RELEASES]
        host.result()
        for result in results:
            print("result", result.result())


main(pathlib.Path(sys.argv[1]).resolve())
