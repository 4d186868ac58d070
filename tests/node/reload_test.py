"""SIGHUP: the daemon takes over what it can of its changed files, names what it cannot, and keeps all where they are wrong."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
import unittest

from node_support import NODE, SECONDS_MAX, NodeTest, wait_until


class ReloadTest(NodeTest):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "node.yaml"
        self.keys = self.folder / "keys.json"

    def configure(self, text: str):
        self.config.write_text(f"interface: 127.0.0.1\nport: 0\ntrusted_keys: {self.keys}\n{text}")

    def begin(self, text: str = ""):
        self.keys.write_text('{"trusted_hosts": []}')
        self.configure(text)
        node = self.node("n")
        log = self.folder / "log.json"
        with log.open("w") as stream:
            node.process = subprocess.Popen([NODE, "run", "--config", self.config, "--state", node.folder, "--set", "log.format=json"],
                                            stderr=stream)  # fmt: skip
        self.addCleanup(node.kill)
        node.wait_listening()
        self.log = log
        return node

    def lines(self, event: str) -> list[dict]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if line["event"] == event]

    def reload(self, node, event: str) -> dict:
        before = len(self.lines(event))
        node.signal(signal.SIGHUP)
        wait_until(lambda: len(self.lines(event)) > before, f"the log says: {event}")
        return self.lines(event)[-1]

    def test_what_can_change_changes(self):
        other = self.swarm(1)[0]
        node = self.begin()
        self.assertEqual(self.reload(node, "reloaded")["changed"], "")
        self.configure(f"bootstrap: ['{other.status()['endpoint']}']\nlimits: {{inbox: 1}}\nlog: {{level: debug}}\n")
        self.assertEqual(self.reload(node, "reloaded")["changed"], "bootstrap, limits.inbox, log.level")
        node.wait_joined()  # Through a peer that it did not know when it began.
        sends = [self.run_client("send", node.status()["id"], "x", "--state", str(node.folder)).returncode for _ in range(3)]
        self.assertEqual(sends, [0, 1, 1])  # One fits, whatever was allowed before.
        self.assertEqual(self.lines("needs a restart"), [])
        self.configure("log: {level: error}\n")
        self.reload(node, "reloaded")
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.lines("stopped"), [])

    def test_pinned_peers_are_read_again(self):
        (other,) = self.swarm(1)
        node = self.begin()
        lookup = ["send", "anna", "x", "--state", str(node.folder)]
        self.assertIn("found 'anna', expected host:port", self.run_client(*lookup).stderr)
        status = other.status()
        pinned = {"name": "anna", "address": status["endpoint"], "key": status["public_key"]}
        self.keys.write_text(json.dumps({"trusted_hosts": [pinned]}))
        self.assertEqual(self.reload(node, "reloaded")["pinned_peers"], 1)
        self.assertNotIn("expected host:port", self.run_client(*lookup).stderr)

    def test_what_cannot_change_is_named(self):
        node = self.begin()
        self.configure("swarm: another\nprotocol: {successors: 5}\nduplicates: 2\n")
        self.assertEqual(self.reload(node, "needs a restart")["keys"], "swarm, protocol.successors")
        self.assertEqual(self.lines("reloaded")[-1]["changed"], "duplicates")
        self.assertEqual(node.status()["swarm"], "cicada")

    def test_wrong_files_change_nothing(self):
        node = self.begin("duplicates: 1\n")
        self.configure("duplicates: 3\nlog: {level: loud}\n")
        why = self.reload(node, "not reloaded")["why"]
        self.assertTrue(why.startswith(f"{self.config}:5:14: "), why)
        self.configure("duplicates: 3\n")
        self.keys.write_text('{"trusted_hosts": [')
        self.assertIn(str(self.keys), self.reload(node, "not reloaded")["why"])
        self.keys.write_text('{"trusted_hosts": []}')
        self.assertEqual(self.reload(node, "reloaded")["changed"], "duplicates")

    def test_without_a_file(self):
        self.keys.write_text('{"trusted_hosts": []}')
        (node,) = self.swarm(1, trusted_keys=self.keys)
        self.keys.write_text(json.dumps({"trusted_hosts": [{"name": "anna", "key": "a" * 64}]}))
        node.signal(signal.SIGHUP)
        wait_until(lambda: '"reloaded"' in node.log(), "the log says so")
        line = next(line for line in map(json.loads, node.log().splitlines()) if line["event"] == "reloaded")
        self.assertEqual((line["file"], line["pinned_peers"]), ("none; only the pinned peers are read again", 1))
        self.assertEqual(node.stop(), 0)

    def in_terminal(self, *before: str):
        terminal, inside = pty.openpty()
        node = self.node("t")
        words = [*before, NODE, "run", "--state", str(node.folder), "--set", "interface=127.0.0.1", "--port", "0"]
        node.process = subprocess.Popen(words, stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # fmt: skip
        node.wait_listening()
        os.close(inside)
        os.close(terminal)
        return node

    def test_a_terminal_that_closes_ends_it_in_order(self):
        node = self.in_terminal()
        # In order, and with what it says of a log that nobody can read.
        self.assertEqual(node.process.wait(SECONDS_MAX), 1)
        self.assertFalse(node.control.exists())

    def test_who_is_told_to_outlive_its_terminal_does(self):
        node = self.in_terminal("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
        node.signal(signal.SIGHUP)
        for _ in range(5):  # It answers after the signal, whichever of the two came first.
            self.assertTrue(node.status()["ok"])
        self.assertIsNone(node.process.poll())


if __name__ == "__main__":
    unittest.main(verbosity=2)
