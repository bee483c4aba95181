"""Builds firmware images, and runs them in QEMU for a test.

    image = machine.build("m3", "cortex-m", "mps2", [ca.path], time.time())
    with machine.Machine(image, "mps2-an385", endpoint="...") as board:
        board.set_link(False)
        result = board.finish()

At the end of the context a machine is always stopped, by its process id.
"""

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SOURCES = os.path.join(ROOT, "build", "sources")
MBEDTLS = os.environ.get("SEGJOB_MBEDTLS", os.path.join(SOURCES, "mbedtls"))
PROJECT = os.path.join(ROOT, "examples", "firmware")
BUILD = os.path.abspath(os.environ.get(
    "SEGJOB_FIRMWARE", os.path.join(ROOT, "build", "firmware")))

# This machine's loopback in QEMU's network, and its name there; localhost is
# the board itself.
HOST = "10.0.2.2"
NAME = "personalize.test"
PATIENCE = 600  # seconds; only a machine that hangs takes as long

LAN9118 = "-nic {network},model=lan9118,id=net"
VIRTIO = ("-bios none -global virtio-mmio.force-legacy=false "
          "-netdev {network},id=cable "
          "-device virtio-net-device,netdev=cable,id=net")
# QEMU's program for each of its machines, and options that give it the network
# device `net`.
MACHINES = {
    "mps2-an385": ("qemu-system-arm", LAN9118),
    "mps2-an386": ("qemu-system-arm", LAN9118),
    "mps2-an505": ("qemu-system-arm", LAN9118),
    "virt": ("qemu-system-riscv32", VIRTIO),
}

Result = namedtuple("Result", "code console")

# lwIP's CMake files write headers into its source tree, which all builds share.
configuring = threading.Lock()


def build(name, toolchain, board, roots, when, *options):
    """The path of an image that trusts the PEM files `roots`.

    `when` is its build time (https://reproducible-builds.org/specs/).
    """
    folder = os.path.join(BUILD, name)
    os.environ["SOURCE_DATE_EPOCH"] = str(int(when))
    with configuring:
        quietly("cmake", "-S", PROJECT, "-B", folder,
                "-DCMAKE_TOOLCHAIN_FILE=%s/%s.cmake" % (PROJECT, toolchain),
                "-DSEGJOB_BOARD=%s/boards/%s" % (PROJECT, board),
                "-DFETCHCONTENT_SOURCE_DIR_LWIP=%s/lwip" % SOURCES,
                "-DFETCHCONTENT_SOURCE_DIR_MBEDTLS=" + MBEDTLS,
                "-DSEGJOB_ROOTS=" + ";".join(roots), "-DSEGJOB_WERROR=ON",
                *options)
    quietly("cmake", "--build", folder, "-j", str(os.cpu_count()))
    return os.path.join(folder, "segjob.elf")


def quietly(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError("%s\n%s" % (" ".join(command), done.stdout))


class Machine:
    """A board that runs an image; `parameters` are the image's command line.

    `board` is QEMU's name of the machine. `options` are added to QEMU's,
    `network` is what the cable connects to. The clock counts instructions, a
    nanosecond each, and goes on while the board sleeps: its own work takes no
    longer if QEMU has to wait for a processor.
    """

    def __init__(self, image, board, *options, network="user", **parameters):
        words = ("%s=%s" % (name.replace("_", "-"), value)
                 for name, value in parameters.items() if value is not None)
        program, own = MACHINES[board]
        self.command = [
            program, "-M", board, "-icount", "shift=0", "-nographic",
            "-monitor", "none", "-serial", "stdio", "-semihosting-config",
            "enable=on,target=native", "-kernel", image, "-append",
            " ".join(words), *own.format(network=network).split(), *options]

    def __enter__(self):
        # Opened to append: reads do not move the place of the next write.
        self.output = tempfile.TemporaryFile("a+b")
        self.control, theirs = socket.socketpair()
        self.replies = self.control.makefile()
        self.agreed = False
        with theirs:
            self.process = subprocess.Popen(
                [*self.command, "-mon", "chardev=control,mode=control",
                 "-chardev", "socket,id=control,fd=%d" % theirs.fileno()],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                stdout=self.output, stderr=self.output)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.replies.close()
        self.control.close()
        self.output.close()

    def monitor(self, command, **arguments):
        """Run a command of QEMU's monitor."""
        if not self.agreed:
            self.agreed = True
            self.monitor("qmp_capabilities")
        self.control.sendall(json.dumps(
            {"execute": command, "arguments": arguments}).encode())
        for line in self.replies:
            reply = json.loads(line)
            if "error" in reply:
                raise RuntimeError(line)
            if "return" in reply:
                return
        raise RuntimeError("QEMU ended: " + self.console())

    def set_link(self, up):
        self.monitor("set_link", name="net", up=up)

    def console(self):
        """The output of the image and QEMU so far."""
        self.output.seek(0)
        return self.output.read().decode(errors="backslashreplace")

    def finish(self):
        """Wait until the image exits."""
        try:
            return Result(self.process.wait(PATIENCE), self.console())
        except subprocess.TimeoutExpired:
            raise RuntimeError("no end: " + self.console()) from None
