"""cicada-node and what cannot be written: never success, never an abort, and a message that could not be shown is not
taken for read.
"""

import json
import os
import signal
import subprocess
import unittest

from node_support import NODE, SECONDS_MAX, Connection, NodeTest


def shell(command: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", "-c", command, "sh", NODE, *arguments], capture_output=True, text=True, timeout=SECONDS_MAX)


def into_closed_pipe(*arguments: str) -> int:
    """Whoever reads the output is gone before the program begins."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run([NODE, *arguments], stdout=writer, stderr=subprocess.DEVNULL, timeout=SECONDS_MAX).returncode
    finally:
        os.close(writer)


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
            self.assertEqual(into_closed_pipe(*words), -signal.SIGPIPE, words)

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

    def unread(self, node, *messages: str):
        for message in messages:
            self.assertEqual(self.run_client("send", node.status()["id"], message, "--state", str(node.folder)).returncode, 0)

    def read_all(self, node, count: int) -> str:
        return self.run_client("recv", "--count", str(count), "--timeout", "10s", "--state", str(node.folder)).stdout

    def test_what_recv_cannot_write_is_left_with_the_daemon(self):
        node = self.node("n").start()
        node.wait_listening()
        self.unread(node, "one", "two", "three")
        recv = ["recv", "--count", "0", "--timeout", "20s", "--state", str(node.folder)]
        for target, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
            done = shell(f'exec "$@" {target}', *recv)
            self.assertEqual(done.returncode, 1, (target, done))
            self.assertIn(f"cannot write: {why}", done.stderr)
            self.assertIn("not taken, and left with the daemon", done.stderr)
        self.assertEqual(into_closed_pipe(*recv), -signal.SIGPIPE)
        self.assertEqual(self.read_all(node, 3), "one\ntwo\nthree\n")

    def test_what_a_killed_client_did_not_take_goes_to_the_next_one(self):
        node = self.node("n").start()
        node.wait_listening()
        self.unread(node, "one", "two", "three")
        process = subprocess.Popen([NODE, "recv", "--count", "0", "--state", str(node.folder)], stdout=subprocess.PIPE)
        with process.stdout:
            self.assertEqual(process.stdout.readline(), b"one\n")
            # Whatever it has printed is read; the rest is still there, in order and once.
            process.kill()
            printed = b"one\n" + process.stdout.read()
        process.wait(SECONDS_MAX)
        # For ever: all that is there.
        left = self.run_client("recv", "--count", "0", "--timeout", "1s", "--state", str(node.folder)).stdout
        self.assertTrue((printed.decode() + left).endswith("three\n"))
        self.assertEqual(list(dict.fromkeys((printed.decode() + left).split())), ["one", "two", "three"])

    def test_a_client_that_takes_nothing_gets_nothing_more(self):
        node = self.node("n").start()
        node.wait_listening()
        self.unread(node, "one", "two")
        connection = Connection(node.control)
        connection.say({"op": "recv", "count": 2, "confirm": True})
        self.assertEqual(connection.hear()["data"], "one")
        self.assertEqual(self.read_all(node, 1), "two\n")
        connection.close()
        self.assertEqual(self.read_all(node, 1), "one\n")
        # Two that leave in the order of their messages leave them in that order.
        self.unread(node, "five", "six")
        both = [Connection(node.control) for _ in range(2)]
        for connection, message in zip(both, ("five", "six")):
            connection.say({"op": "recv", "confirm": True})
            self.assertEqual(connection.hear()["data"], message)
        for connection in both:
            connection.close()
        self.assertEqual(self.read_all(node, 2), "five\nsix\n")
        self.unread(node, "three", "four")
        connection = Connection(node.control)
        connection.say({"op": "recv", "count": 2, "confirm": True})
        self.assertEqual(connection.hear()["data"], "three")
        connection.say({"op": "taken"})
        self.assertEqual(connection.hear()["data"], "four")
        connection.say({"op": "taken"})
        self.assertEqual(connection.hear()["received"], 2)
        connection.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
