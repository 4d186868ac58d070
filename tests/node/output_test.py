"""cicada-node and what cannot be written: never success, never an abort, and a message that could not be shown is not
taken for read.
"""

import json
import signal
import subprocess
import unittest

from node_support import NODE, SECONDS_MAX, NodeTest


def shell(command: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", "-c", command, "sh", NODE, *arguments], capture_output=True, text=True, timeout=SECONDS_MAX)


class OutputTest(NodeTest):
    def commands(self) -> list[list[str]]:
        node = self.node("n").start()
        node.wait_listening()
        state = ["--state", str(node.folder)]
        own = node.status()["id"]
        return [["--help"], ["--version"], ["run", "--print-config"], ["status", *state], ["status", "--json", *state],
                ["peers", *state], ["lookup", "x", *state], ["send", own, "x", *state], ["broadcast", "x", *state]]  # fmt: skip

    def test_standard_output_that_takes_nothing(self):
        for words in self.commands():
            for target, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
                done = shell(f'exec "$@" {target}', *words)
                self.assertEqual(done.returncode, 1, (words, target, done))
                self.assertIn(f"cicada-node: standard output: cannot write: {why}", done.stderr)
            process = subprocess.Popen([NODE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.close()
            with process.stderr:
                process.stderr.read()
            self.assertEqual(process.wait(SECONDS_MAX), -signal.SIGPIPE, words)

    def test_complaints_that_cannot_be_written(self):
        for stream in ("2>/dev/full", "2>&-", "<&- >&- 2>&-"):
            done = shell(f'exec "$@" {stream}', "send", "nobody", "x", "--state", str(self.folder / "none"))
            self.assertEqual(done.returncode, 2, (stream, done))

    def test_a_daemon_whose_log_goes_nowhere_works_on_and_says_so_at_its_end(self):
        for stream in ("2>/dev/full", "2>&-"):
            folder = self.folder / stream.replace("/", "_")
            process = subprocess.Popen(["sh", "-c", f'exec "$@" {stream}', "sh", NODE, "run", "--state", str(folder), "--set",
                                        "interface=127.0.0.1", "--port", "0"])  # fmt: skip
            self.addCleanup(process.kill)
            node = self.node(folder.name)
            node.process = process
            node.wait_listening()
            self.assertEqual(json.loads(self.run_client("status", "--json", "--state", str(folder)).stdout)["ok"], True)
            self.assertEqual(node.stop(), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
