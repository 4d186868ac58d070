"""What the tests of cicada-node share: daemons on loopback, each with a folder of its own and a port that the system chose,
and requests through their control sockets. CICADA_NODE names the program.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

NODE = os.environ["CICADA_NODE"]
SECONDS_MAX = 180  # A whole swarm that starts anew takes half a minute on a quiet machine; nothing else more than a few.

# As users have them, but with a ring that keeps itself more eagerly, so that tests take little time.
QUICK = {
    "protocol.stabilize": "500ms",
    "protocol.vanished_after": "4s",
    "join.retry_min": "50ms",
    "join.retry_max": "500ms",
    "save_every": "200ms",
}


def wait_until(condition, what: str, seconds: float = SECONDS_MAX):
    """Polls, bounded in time; returns what the condition returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain until {what}")


class Connection:
    """One client of a daemon's control socket."""

    def __init__(self, path: Path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS_MAX)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.file = self.socket.makefile("rb")

    def ask(self, op: str, **arguments) -> list[dict]:
        """All replies to one request; the last one has "done"."""
        self.say({"op": op, **arguments})
        replies = []
        while not replies or not replies[-1]["done"]:
            replies.append(self.hear())
        return replies

    def say(self, request: dict):
        self.socket.sendall((json.dumps(request) + "\n").encode())

    def hear(self) -> dict:
        line = self.file.readline()
        if not line:
            raise ConnectionError("the daemon has gone away")
        return json.loads(line)

    def close(self):
        self.file.close()
        self.socket.close()


class Node:
    """A daemon; may be stopped and started again with the same folder and port."""

    def __init__(self, folder: Path, **settings):
        self.folder = folder
        self.settings = {"port": 0, "interface": "127.0.0.1", **QUICK, **settings}
        self.environment = {}
        self.process = None
        self.log_path = folder.with_suffix(".log")

    def start(self, *join: str):
        words = [NODE, "run", "--json", "--state", str(self.folder), "--log", "debug"]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        for peer in join:
            words += ["--join", peer]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, **self.environment})
        return self

    @property
    def control(self) -> Path:
        return self.folder / "control.socket"

    def ask(self, op: str, **arguments) -> list[dict]:
        connection = Connection(self.control)
        try:
            return connection.ask(op, **arguments)
        finally:
            connection.close()

    def try_status(self) -> dict | None:
        try:
            reply = self.ask("status")[-1]
            return reply if "id" in reply else None
        except (ConnectionError, FileNotFoundError):
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}: {self.log()}") from None
            return None

    def status(self) -> dict:
        return wait_until(self.try_status, "the daemon answers")

    def wait_listening(self) -> str:
        """Its address, which it keeps in later lives."""
        address = self.status()["listener"]
        self.settings["port"] = int(address.rsplit(":", 1)[1])
        return address

    def wait_joined(self) -> dict:
        return wait_until(lambda: (s := self.try_status()) and s["state"] == "joined" and s, "the node has joined")

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")[-4000:]

    def signal(self, number: int):
        self.process.send_signal(number)

    def stop(self) -> int:
        """In order; its exit status."""
        self.signal(signal.SIGTERM)
        return self.process.wait(SECONDS_MAX)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait(SECONDS_MAX)


def ring_complaint(nodes: list[Node]) -> str | None:
    """Why these nodes are no ring in the order of their ids, each with the right neighbours; None where they are."""
    states = [node.try_status() for node in nodes]
    if None in states:
        return "a node does not answer"
    if len(states) == 1:
        return None if states[0]["successor"] is None else "a node that is alone has a successor"
    states.sort(key=lambda status: status["id"])
    for position, status in enumerate(states):
        after = states[(position + 1) % len(states)]["id"]
        before = states[position - 1]["id"]
        if status["successor"] != after or status["predecessor"] != before:
            return (
                f"{status['id'][:8]} has {str(status['predecessor'])[:8]} and {str(status['successor'])[:8]} beside it, "
                f"not {before[:8]} and {after[:8]}"
            )
    return None


def wait_for_ring(nodes: list[Node], seconds: float = SECONDS_MAX):
    end = time.monotonic() + seconds
    while (complaint := ring_complaint(nodes)) is not None:
        if time.monotonic() > end:
            raise AssertionError(f"no whole ring of {len(nodes)} after {seconds} s: {complaint}")
        time.sleep(0.05)


class NodeTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cicada-node-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def node(self, name: str, **settings) -> Node:
        node = Node(self.folder / name, **settings)
        self.addCleanup(node.kill)
        return node

    def swarm(self, count: int, **settings) -> list[Node]:
        """So many nodes, started one after the other without waiting for a join, in a whole ring."""
        nodes = [self.node(f"n{i}", **settings) for i in range(count)]
        address = nodes[0].start().wait_listening()
        for node in nodes[1:]:
            node.start(address)
        for node in nodes[1:]:
            node.wait_listening()
        wait_for_ring(nodes)
        return nodes

    def run_client(self, *words: str, text: str = "", environment: dict | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [NODE, *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            env={**os.environ, **(environment or {})},
        )
