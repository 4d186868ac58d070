"""What the tests of the command line share: a folder of their own, scenarios, the program."""

import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

SIMULATOR = os.environ["CICADA_SIM"]
SECONDS_MAX = 60  # No step here takes more than a few; a loaded machine may need longer.

SMALL = """name: small
about: A test.
duration: 2min
peers: {count: 40}
protocol: {successors: 4}
workloads:
  - lookups: {rate: 0.5/s per peer}
expect:
  - lookups.correct >= 1
"""

# Far longer than any test waits, however fast the machine.
ENDLESS = SMALL.replace("duration: 2min", "duration: 36500d")


def wait_until(condition, what: str):
    """Polls, bounded in time; returns what the condition returned."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {SECONDS_MAX} s in vain until {what}")


class CliTest(unittest.TestCase):
    """Every test runs in an empty folder."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cicada-cli-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return name

    def sim(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [SIMULATOR, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=SECONDS_MAX
        )

    def start(self, *arguments: str, **streams) -> subprocess.Popen:
        process = subprocess.Popen([SIMULATOR, *arguments], cwd=self.folder, **streams)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process: subprocess.Popen):
        process.kill()
        process.communicate()

    def json(self, *parts: str) -> dict:
        return json.loads((self.folder.joinpath(*parts)).read_text())

    def expect_status(self, done: subprocess.CompletedProcess, status: int):
        self.assertEqual(done.returncode, status, f"stdout: {done.stdout}\nstderr: {done.stderr}")

    def expect_refusal(self, done: subprocess.CompletedProcess, *parts: str):
        """Exit status 2, nothing on stdout, and every part somewhere in the message."""
        self.expect_status(done, 2)
        self.assertEqual(done.stdout, "")
        for part in parts:
            self.assertIn(part, done.stderr)
