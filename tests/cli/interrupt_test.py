"""An interrupted run writes what it measured, says that this is not the whole, and exits with 130."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from cli_support import ENDLESS, SECONDS_MAX, CliTest


class Terminal:
    """A terminal for a program's stderr, and all that was written to it."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 160, 0, 0))
        self.text = ""

    def read_until(self, part: str):
        end = time.monotonic() + SECONDS_MAX
        while part not in self.text:
            if time.monotonic() > end or not self.read_some():
                raise AssertionError(f"'{part}' never came, but: {self.text!r}")

    def read_some(self) -> bool:
        if not select.select([self.ours], [], [], 1)[0]:
            return True
        try:
            read = os.read(self.ours, 4096)
        except OSError:  # The other end is closed.
            return False
        self.text += read.decode()
        return bool(read)

    def read_rest(self):
        os.close(self.theirs)
        while self.read_some():
            pass
        os.close(self.ours)


class InterruptTest(CliTest):
    def interrupt(self, kind: signal.Signals) -> Terminal:
        """Runs an endless scenario, waits for its progress bar as the proof that it runs, and sends the signal."""
        self.write("endless.yaml", ENDLESS)
        terminal = Terminal()
        process = self.start("run", "endless.yaml", "--out", "a", stdout=subprocess.PIPE, stderr=terminal.theirs)
        terminal.read_until("simulated")
        process.send_signal(kind)
        terminal.read_until("Interrupted")
        process.communicate(timeout=SECONDS_MAX)
        terminal.read_rest()
        self.assertEqual(process.returncode, 130)
        return terminal

    def test_the_progress_bar_tells_how_far_it_is(self):
        text = self.interrupt(signal.SIGINT).text
        for part in ("[", "] ", " % ", "left", " of ", "simulated", "events/s", "40 peers"):
            self.assertIn(part, text)

    def test_what_was_measured_is_written_and_says_so(self):
        for kind in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=kind):
                self.interrupt(kind)
                summary = self.json("a/summary.json")
                self.assertIs(summary["interrupted"], True)
                self.assertIs(self.json("a/manifest.json")["interrupted"], True)
                self.assertGreater(summary["simulated_s"], 0)
                self.assertLess(summary["simulated_s"], 36500 * 86400)
                self.assertGreater(summary["lookups"]["count"], 0)
                # Its expectation was met, but not by the run that the scenario describes.
                self.assertEqual([one["ok"] for one in summary["expect"]], [False])
                self.assertIn("Interrupted", (self.folder / "a/report.html").read_text())
                leftovers = [path.name for path in (self.folder / "a").iterdir() if path.name.startswith(".")]
                self.assertEqual(leftovers, [])

    def test_without_a_terminal_there_is_no_progress(self):
        self.write("endless.yaml", ENDLESS)
        process = self.start(
            "run", "endless.yaml", "--json", "--out", "b", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        # Longer than the silence after which a terminal would see a bar; the run itself has no other sign of life here.
        try:
            process.wait(timeout=3)
            self.fail("an endless run ended")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=SECONDS_MAX)
        self.assertEqual(process.returncode, 130)
        self.assertNotIn("events/s", stderr)
        self.assertIn("Interrupted", stderr)
        self.assertEqual(stdout, (self.folder / "b/summary.json").read_text())
