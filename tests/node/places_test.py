"""Files and places of cicada-node: it takes only what it made, and says why it refuses the rest. Payloads of any legal length."""

import os
import resource
import stat
import subprocess
import unittest

from node_support import NODE, SECONDS_MAX, Connection, NodeTest, wait_until

GOOD, BAD_INPUT = 0, 2


class PlacesTest(NodeTest):
    def refused_run(self, *words: str, **environment: str) -> str:
        variables = {**os.environ, **environment}
        done = subprocess.run(
            [NODE, "run", "--interface", "127.0.0.1", *words],
            capture_output=True, text=True, timeout=SECONDS_MAX, env=variables, cwd=self.folder,
        )  # fmt: skip
        self.assertEqual(done.returncode, BAD_INPUT, done)
        return done.stderr

    def test_control_on_a_file(self):
        file = self.folder / "letter.txt"
        file.write_text("mine")
        self.folder.chmod(0o755)
        said = self.refused_run("--state", str(self.folder / "s"), "--control", str(file), "--port", "0")
        self.assertIn(f"{file}: is there already and is not a socket", said)
        self.assertEqual(file.read_text(), "mine")
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o755)

    def test_a_stale_socket_is_replaced_and_a_foreign_file_survives_the_end(self):
        (node,) = self.swarm(1)
        node.kill()
        self.assertTrue(node.control.is_socket())
        node.start().wait_listening()
        node.control.unlink()
        node.control.write_text("not the daemon's")
        self.assertEqual(node.stop(), GOOD)
        self.assertEqual(node.control.read_text(), "not the daemon's")

    def test_a_foreign_folder(self):
        shared = self.folder / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        self.assertIn("others may write to", self.refused_run("--state", str(shared), "--port", "0"))
        self.assertEqual(stat.S_IMODE(shared.stat().st_mode), 0o1777)
        self.assertEqual(list(shared.iterdir()), [])

    def test_relative_places_are_ignored(self):
        for variables in ({"XDG_STATE_HOME": "here", "HOME": ""}, {"XDG_STATE_HOME": "", "HOME": "home"}):
            said = self.refused_run("--port", "0", STATE_DIRECTORY="", **variables)
            self.assertIn("neither XDG_STATE_HOME nor HOME is an absolute path", said)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_home_that_cannot_be_written(self):
        said = self.refused_run("--port", "0", STATE_DIRECTORY="", XDG_STATE_HOME="", HOME="/proc/1")
        self.assertIn("/proc/1/.local/state: cannot create the folder", said)

    def test_a_taken_port_is_named(self):
        (node,) = self.swarm(1)
        port = str(node.settings["port"])
        said = self.refused_run("--state", str(self.folder / "b"), "--port", port)
        self.assertIn(f"port {port} of 127.0.0.1", said)

    def test_a_state_of_a_later_version(self):
        (node,) = self.swarm(1)
        node.stop()
        (node.folder / "state").write_text("cicada-state 2 of another form\n")
        said = self.refused_run("--state", str(node.folder), "--port", "0")
        self.assertIn("of a version that this program does not know", said)
        self.assertEqual((node.folder / "state").read_text(), "cicada-state 2 of another form\n")


class ControlSocketTest(NodeTest):
    def test_no_descriptor_is_free(self):
        """The daemon says so and waits; it doesn't spin, and it answers when there are some again."""
        (node,) = self.swarm(1)
        used = len(os.listdir(f"/proc/{node.process.pid}/fd"))
        resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE, (used + 8, used + 8))
        held = [Connection(node.control) for _ in range(24)]
        wait_until(lambda: "control connections wait" in node.log_path.read_text(), "the daemon says that it waits")
        before = self.cpu_ticks(node)
        # Time that passes is what is measured here: a loop that spins uses all of it.
        with self.assertRaises(AssertionError):
            wait_until(lambda: node.process.poll() is not None, "it ends", 3)
        self.assertLess(self.cpu_ticks(node) - before, 100)
        self.assertEqual(node.log_path.read_text().count("control connections wait"), 1)
        for connection in held:
            connection.close()
        node.status()

    @staticmethod
    def cpu_ticks(node) -> int:
        fields = open(f"/proc/{node.process.pid}/stat").read().rsplit(") ", 1)[1].split()
        return int(fields[11]) + int(fields[12])


class PayloadTest(NodeTest):
    def test_long_payloads_of_any_bytes(self):
        (node,) = self.swarm(1)
        state = ["--state", str(node.folder)]
        address = node.status()["endpoint"]
        for payload in (b"\0" * 500_000, b"\n" * 1_048_576, bytes(range(256)) * 4096, b"a\0b"):
            sent = subprocess.run([NODE, "send", *state, address, "-"], input=payload, capture_output=True, timeout=SECONDS_MAX)
            self.assertEqual(sent.returncode, GOOD, sent.stderr)
            got = subprocess.run([NODE, "recv", *state], capture_output=True, timeout=SECONDS_MAX)
            self.assertTrue(got.stdout == payload + b"\n", f"{len(got.stdout)} bytes, {got.stderr}")

    def test_too_long_is_told_with_the_limit(self):
        (node,) = self.swarm(1)
        state = ["--state", str(node.folder)]
        address = node.status()["endpoint"]
        host, port = address.split(":")
        long = "x" * 3_000_000
        for words, text in (
            (["send", *state, address, "-"], long),
            (["broadcast", *state, "-"], long),
            (["script", *state, "-"], f"SEND {host} {port} {long}\n"),
            (["script", *state, "-"], f"BCAST {long}\n"),
        ):
            done = self.run_client(*words, text=text)
            self.assertEqual(done.returncode, BAD_INPUT, done.stderr)
            self.assertIn("at most 1048576 bytes", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
