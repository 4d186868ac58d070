"""What the tests in real network namespaces share: the lab, programs inside it whose lines are read as they come.

The lab is the script ../shared/natlab/natlab, seen from the project's root (CICADA_NATLAB names another). Where it is not
there, or we are not root, the tests say what they left out, and end with status 77.
"""

import json
import os
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = 77  # What ctest takes for "skipped".
SECONDS_MAX = 60


def find_lab() -> Path:
    candidates = [os.environ.get("CICADA_NATLAB"), ROOT.parent / "shared/natlab/natlab"]
    # A work tree of git may lie elsewhere than the repository that it belongs to.
    common = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--path-format=absolute", "--git-common-dir"], capture_output=True, text=True
    ).stdout.strip()
    if common:
        candidates.append(Path(common).parents[1] / "shared/natlab/natlab")
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    leave_out("there is no ../shared/natlab/natlab beside the project")


def leave_out(why: str):
    print(f"left out: everything in {Path(sys.argv[0]).name}, because {why}")
    sys.exit(LEFT_OUT)


class Lab:
    """The routers named, for as long as the `with` block lasts."""

    def __init__(self, *routers: str):
        if os.geteuid() != 0:
            leave_out("network namespaces are for root")
        self.script = str(find_lab())
        self.prefix = f"cic{os.getpid()}"
        self.routers = routers

    def __enter__(self):
        done = subprocess.run(self.words("up", *self.routers), capture_output=True, text=True)
        if done.returncode != 0:
            leave_out(f"the lab cannot be built here:\n{done.stdout}{done.stderr}")
        return self

    def __exit__(self, *_):
        subprocess.run(self.words("down"), capture_output=True)

    def words(self, *arguments: str) -> list[str]:
        return [self.script, "--prefix", self.prefix, *arguments]

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(self.words(*arguments), capture_output=True, text=True, timeout=SECONDS_MAX)
        if done.returncode != 0:
            raise AssertionError(f"natlab {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def mappings(self, router: str) -> list[str]:
        return [line.strip() for line in self("mappings", router).splitlines() if line.strip()]


class Program:
    """A program inside a host of the lab. Its lines are read by a thread, so that waiting for one is bounded."""

    def __init__(self, lab: Lab, host: str, *words: str):
        self.process = subprocess.Popen(
            lab.words("exec", host, *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait_for(self, condition, seconds: float = SECONDS_MAX):
        """The first line, parsed as JSON, for which the condition holds; also among those that came before."""
        end = time.monotonic() + seconds
        seen = 0
        with self.changed:
            while True:
                for line in self.lines[seen:]:
                    if line.startswith("{") and condition(value := json.loads(line)):
                        return value
                seen = len(self.lines)
                left = end - time.monotonic()
                if left <= 0 or not (self.changed.wait(min(left, 1.0)) or self.thread.is_alive()):
                    raise AssertionError(f"waited {seconds} s in vain; the lines were: {self.lines}")

    def finish(self) -> dict:
        """Ends the program's input; its last line."""
        self.process.stdin.close()
        self.process.wait(SECONDS_MAX)
        self.thread.join(SECONDS_MAX)
        return json.loads(self.lines[-1])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.thread.join(SECONDS_MAX)
        self.process.stdout.close()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass


def wait_until(condition, what: str, seconds: float = SECONDS_MAX):
    """Polls, bounded in time; returns what the condition returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain until {what}")


class LabTest(unittest.TestCase):
    """Tests that share one lab, which `run` has built."""

    lab: Lab

    def start(self, host: str, *words: str) -> Program:
        program = Program(self.lab, host, *words)
        self.addCleanup(program.kill)
        return program


def run(*routers: str):
    """Builds the lab, runs the tests of the main module in it, and removes it."""
    with Lab(*routers) as lab:
        LabTest.lab = lab
        outcome = unittest.main(exit=False, verbosity=2).result
    sys.exit(0 if outcome.wasSuccessful() else 1)
