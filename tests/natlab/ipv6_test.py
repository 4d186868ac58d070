"""What hosts with IPv6 tell others about themselves by default, and that messages get through: two network namespaces of
our own, joined by a cable. For root. CICADA_NODE names the program.
"""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from natlab_support import SECONDS_MAX, leave_out, wait_until

NODE = os.environ["CICADA_NODE"]
PORT = 49610
QUICK = ("--set", "protocol.stabilize=500ms", "--set", "join.retry_min=50ms", "--set", "join.retry_max=500ms")
HERE, THERE = (f"cic6{os.getpid()}{side}" for side in "ab")


def ip(*words: str):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=SECONDS_MAX)


class Ipv6Test(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cicada-ipv6-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        for name in (HERE, THERE):
            ip("netns", "add", name)
            self.addCleanup(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", HERE, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", THERE)
        for name in (HERE, THERE):
            ip("-n", name, "link", "set", "eth0", "up")

    def address(self, name: str, address: str, gateway: str = ""):
        ip("-n", name, "addr", "add", address, "dev", "eth0", *(("nodad",) if ":" in address else ()))
        if gateway:
            ip("-n", name, *(("-6",) if ":" in gateway else ()), "route", "add", "default", "via", gateway)

    def node(self, name: str, *words: str) -> dict:
        """Starts a node; its first status that says where it stands."""
        state = str(self.folder / name)
        log = (self.folder / f"{name}.log").open("w")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            ["ip", "netns", "exec", name, NODE, "run", "--state", state, "--port", str(PORT), *QUICK, *words],
            stdout=log, stderr=log,
        )  # fmt: skip

        def end():
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS_MAX)

        self.addCleanup(end)
        return self.wait_for(name, lambda s: "id" in s)

    def client(self, name: str, *words: str) -> subprocess.CompletedProcess:
        words = (NODE, words[0], "--state", str(self.folder / name), *words[1:])
        return subprocess.run(words, capture_output=True, text=True, timeout=SECONDS_MAX)

    def wait_for(self, name: str, condition) -> dict:
        def status():
            done = self.client(name, "status", "--json")
            found = json.loads(done.stdout) if done.returncode == 0 else {}
            return found and condition(found) and found

        return wait_until(status, f"the node is ready; log: {(self.folder / name).with_suffix('.log')}")

    def check_messages(self):
        for source, target in ((HERE, THERE), (THERE, HERE)):
            there = self.wait_for(target, lambda s: s["neighbours"] > 0)
            sent = self.client(source, "send", there["id"], f"from {source}")
            self.assertEqual(sent.returncode, 0, sent)
            self.assertEqual(self.client(target, "recv", "--timeout", "20s").stdout, f"from {source}\n")

    def check_direct(self, status: dict, host: str):
        self.assertEqual((status["reach"]["rung"], status["endpoint"]), ("direct", f"[{host}]:{PORT}"), status["reach"])
        self.assertIn(host, status["reach"]["why"])

    def test_ipv6_only(self):
        self.address(THERE, "2a00:1::10/64", "2a00:1::11")
        self.address(HERE, "2a00:1::11/64", "2a00:1::10")
        self.check_direct(self.node(THERE), "2a00:1::10")
        self.check_direct(self.node(HERE, "--join", f"[2a00:1::10]:{PORT}"), "2a00:1::11")
        self.check_messages()

    def test_private_ipv4_and_public_ipv6(self):
        """Without a gateway that opens a port the first of a swarm tells its IPv6 address; who joins by IPv6, at once."""
        for name, host, other in ((THERE, 10, 11), (HERE, 11, 10)):
            self.address(name, f"192.168.77.{host}/24", f"192.168.77.{other}")
            self.address(name, f"2a00:1::{host}/64", f"2a00:1::{other}")
        self.check_direct(self.node(THERE), "2a00:1::10")
        joined = self.node(HERE, "--join", f"[2a00:1::10]:{PORT}")
        self.check_direct(joined, "2a00:1::11")
        self.assertNotIn("mapping", joined["reach"])
        self.check_messages()

    def test_private_ipv6_without_a_router(self):
        self.address(THERE, "fd00:1::10/64")
        self.address(HERE, "fd00:1::11/64")
        self.check_direct(self.node(THERE), "fd00:1::10")
        self.check_direct(self.node(HERE, "--join", f"[fd00:1::10]:{PORT}"), "fd00:1::11")
        self.check_messages()

    def test_link_local_only(self):
        """An address that means nothing without the name of an interface is told to nobody."""
        wait_until(
            lambda: "fe80" in (shown := subprocess.run(["ip", "-n", HERE, "-6", "addr", "show", "dev", "eth0"],
                                                       capture_output=True, text=True).stdout)
            and "tentative" not in shown, "the host has its address",
        )  # fmt: skip
        status = self.node(HERE)
        self.assertEqual(status["reach"]["rung"], "outgoing")
        self.assertIn("is link-local", status["reach"]["why"])


if __name__ == "__main__":
    if os.geteuid() != 0:
        leave_out("network namespaces are for root")
    unittest.main(verbosity=2)
