"""cicada-node behind real gateways: which rung it stands on, that messages get through both ways, and that it follows
what happens to the gateway. CICADA_NODE names the program.
"""

import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from natlab_support import SECONDS_MAX, LabTest, run, wait_until

NODE = os.environ["CICADA_NODE"]
PORT = 49610

# A ring that keeps itself more eagerly than usual, and gateways that are looked at more often, so that tests take less time.
QUICK = {
    "protocol.stabilize": "500ms",
    "protocol.vanished_after": "4s",
    "join.retry_min": "50ms",
    "join.retry_max": "500ms",
    "port_mapping.check": "2s",
    "punching.retry_min": "1s",
}


class Daemon:
    """cicada-node run, inside a host of the lab. The files are the machine's, so its control socket can be used from here."""

    def __init__(self, test: "NodeLabTest", host: str, *join: str, **settings):
        self.lab, self.host = test.lab, host
        self.folder = test.folder / host
        self.join, self.settings = join, {**QUICK, **settings}
        self.process = None
        self.log_path = test.folder / f"{host}.log"
        test.addCleanup(self.end)
        self.start()

    def start(self):
        words = ["run", "--json", "--log", "debug", "--state", str(self.folder), "--port", str(PORT)]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        for peer in self.join:
            words += ["--join", peer]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(self.lab.words("exec", self.host, NODE, *words), stdout=log, stderr=log)

    def client(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [NODE, words[0], "--state", str(self.folder), *words[1:]], capture_output=True, text=True, timeout=SECONDS_MAX
        )

    def status(self) -> dict:
        done = self.client("status", "--json")
        if self.process.poll() is not None:
            raise AssertionError(f"the node on {self.host} ended: {self.log_path.read_text()[-3000:]}")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def wait_for(self, condition, what: str, seconds: float = SECONDS_MAX) -> dict:
        try:
            return wait_until(lambda: (s := self.status()) and "id" in s and condition(s) and s, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; status {self.status()}; log {self.log_path.read_text()[-3000:]}") from None

    def wait_joined(self, seconds: float = SECONDS_MAX) -> dict:
        return self.wait_for(
            lambda s: s["state"] == "joined" and s["neighbours"] > 0, f"{self.host} has joined", seconds
        )

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS_MAX)

    def end(self):
        """In order where possible, so that no mapping is left to the next test."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class NodeLabTest(LabTest):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cicada-nat-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def boot(self) -> str:
        """A node with a public address, that the others join through."""
        self.public = Daemon(self, "boot")
        status = self.public.wait_for(lambda s: True, "the public node listens")
        self.assertEqual(status["reach"]["rung"], "direct")
        return status["endpoint"]

    def check_message(self, source: Daemon, target: Daemon):
        text = f"from {source.host} to {target.host}"
        sent = source.client("send", target.status()["id"], text)
        self.assertEqual(sent.returncode, 0, sent)
        got = target.client("recv", "--timeout", "20s")
        self.assertEqual(got.stdout, text + "\n")

    def cut(self, host: str, *addresses: str):
        """Nothing gets from one of these addresses to the host, or back, until `mend`."""
        all_of_them = ", ".join(addresses)
        table = f"""table inet cut {{
            chain in {{ type filter hook input priority 0; ip saddr {{ {all_of_them} }} drop; }}
            chain out {{ type filter hook output priority 0; ip daddr {{ {all_of_them} }} drop; }}
        }}"""
        self.lab("exec", host, "nft", table)
        self.addCleanup(self.lab, "exec", host, "sh", "-c", "nft delete table inet cut 2>/dev/null || true")

    def mend(self, host: str):
        self.lab("exec", host, "nft", "delete", "table", "inet", "cut")

    def check_mapped(self, host: str, router: str, method: str):
        address = self.boot()
        node = Daemon(self, host, address)
        status = node.wait_joined()
        external = f"{self.lab('addr', router, 'wan').strip()}:{PORT}"
        self.assertEqual((status["reach"]["rung"], status["endpoint"]), ("mapped", external))
        self.assertEqual(status["reach"]["mapping"]["method"], method)
        self.check_message(node, self.public)
        self.check_message(self.public, node)
        # A stranger from outside reaches the mapped port, which proves that it is open.
        sent = subprocess.run(
            self.lab.words("exec", "peer", NODE, "send", "--join", external, external, "hello"),
            capture_output=True, text=True, timeout=SECONDS_MAX,
        )  # fmt: skip
        self.assertEqual(sent.returncode, 0, sent)
        self.assertEqual(node.client("recv", "--timeout", "20s").stdout, "hello\n")
        return node

    def check_removed(self, node: Daemon, router: str):
        self.assertEqual(node.stop(), 0)
        stopped = json.loads(node.log_path.read_text().splitlines()[-1])
        print(f"stopped in {stopped['took_ms']:.1f} ms", flush=True)
        self.assertLess(stopped["took_ms"], 200)
        wait_until(lambda: not self.lab.mappings(router), "the mapping is gone", 10)

    def test_upnp(self):
        self.check_removed(self.check_mapped("lan1a", "gw1", "upnp"), "gw1")

    def test_nat_pmp(self):
        self.check_removed(self.check_mapped("lan2a", "gw2", "nat-pmp"), "gw2")

    def test_gateway_restart(self):
        address = self.boot()
        node = Daemon(self, "lan1a", address)
        node.wait_joined()
        self.lab("restart-gateway", "gw1", "--down", "3")
        status = node.wait_for(
            lambda s: s["reach"]["mapping"]["state"] == "mapped" and s["reach"]["mapping"]["times_remade"] == 1,
            "the mapping is made again",
        )
        self.assertEqual(status["reach"]["rung"], "mapped")
        node.wait_joined()
        wait_until(lambda: self.public.status().get("neighbours") == 1, "the public node has its neighbour again")
        self.check_message(node, self.public)
        self.check_message(self.public, node)

    def test_external_address_changes(self):
        """The node moves to its new address by itself; its id is that of the new one."""
        address = self.boot()
        node = Daemon(self, "lan2a", address)
        before = node.wait_joined()
        self.lab("set", "gw2", "wan=11.22.33.160")
        after = node.wait_for(lambda s: s["endpoint"] == f"11.22.33.160:{PORT}", "the node has the new address")
        self.assertNotEqual(before["id"], after["id"])
        node.wait_joined()
        self.check_message(self.public, node)

    def test_plain_nat(self):
        """No mapping: the node lives on the links that it opens, and still gets what is sent to it."""
        address = self.boot()
        node = Daemon(self, "lan3a", address)
        status = node.wait_for(lambda s: s["reach"]["rung"] == "relayed", "the node has a relay")
        self.assertIn("no port could be opened (no-gateway", status["reach"]["why"])
        self.assertEqual(status["reach"]["relays"], [address])
        self.check_message(node, self.public)
        self.check_message(self.public, node)

    def path(self, source: Daemon, target: Daemon) -> str:
        """What a node says that its link to another one runs over."""
        listed = json.loads(source.client("peers", "--json").stdout)["peers"]
        wanted = target.status()["id"]
        return next((peer["path"] for peer in listed if peer["id"] == wanted), "none")

    def check_paths(self, first: Daemon, second: Daemon, path: str):
        for source, target in ((first, second), (second, first)):
            try:
                wait_until(lambda s=source, t=target: self.path(s, t) == path, f"the path is {path}", 30)
            except AssertionError as error:
                raise AssertionError(f"{error}; {source.host}: {source.status()}; {source.log_path.read_text()[-3000:]}") from None

    def start_two(self, first_host: str, second_host: str) -> tuple[Daemon, Daemon]:
        """Two nodes that nobody can reach from outside, in one swarm with a public one."""
        address = self.boot()
        first, second = Daemon(self, first_host, address), Daemon(self, second_host, address)
        for node in (first, second):
            node.wait_joined(20)
            node.wait_for(lambda s: s["reach"]["relays"] == [address], "the node has a relay", 20)
        return first, second

    def check_two(self, first: Daemon, second: Daemon):
        """Sends and broadcasts, both ways."""
        for source, target in ((first, second), (second, first)):
            self.check_message(source, target)
            text = f"{source.host} to all"
            self.assertEqual(source.client("broadcast", text).returncode, 0)
            for other in (target, self.public):
                self.assertEqual(other.client("recv", "--timeout", "20s").stdout, text + "\n")

    def check_punched(self, first_host: str, second_host: str):
        first, second = self.start_two(first_host, second_host)
        self.check_two(first, second)
        self.check_paths(first, second, "punched")
        for node in (first, second):
            reach = node.status()["reach"]
            self.assertEqual((reach["rung"], reach["links"]["relayed"]), ("punched", 0))
            self.assertIn("hole punching: 1", reach["why"])
        # The public node bears no more of what the two say to each other.
        before = self.public.status()["counters"]["relayed_bytes"]
        self.check_two(first, second)
        self.assertEqual(self.public.status()["counters"]["relayed_bytes"], before)

    def test_behind_two_plain_nats(self):
        self.check_punched("lan3a", "lan5a")

    def test_a_hole_that_is_punched_later(self):
        """While nothing gets from gateway to gateway the relay serves; when that is over, the next attempt succeeds."""
        hosts = {"lan3a": "gw5", "lan5a": "gw3"}
        for host, gateway in hosts.items():
            self.cut(host, self.lab("addr", gateway, "wan").strip())
        first, second = self.start_two(*hosts)
        self.check_two(first, second)

        def counted(name: str) -> int:
            return sum(node.status()["counters"][name] for node in (first, second))

        wait_until(lambda: counted("direct_asked") > 3 and counted("punches_failed") > 3, "it has been tried often", 40)
        self.check_paths(first, second, "relayed")
        for host in hosts:
            self.mend(host)
        self.check_two(first, second)
        self.check_paths(first, second, "punched")
        self.assertEqual(self.public.status()["reach"]["circuits"], 0)

    def test_behind_a_carrier_nat_and_a_plain_one(self):
        self.check_punched("lan6a", "lan3a")

    def check_stays_relayed(self, first_host: str, second_host: str):
        first, second = self.start_two(first_host, second_host)
        self.check_two(first, second)
        # Not punched, however often it is tried: each attempt of one side that ends in vain is counted.
        wait_until(
            lambda: first.status()["counters"]["punches_failed"] + second.status()["counters"]["punches_failed"] > 0,
            "hole punching has been tried",
            30,
        )
        self.check_paths(first, second, "relayed")
        for node in (first, second):
            self.assertEqual(node.status()["reach"]["rung"], "relayed")
        self.check_two(first, second)

    def test_behind_a_symmetric_nat_and_a_plain_one(self):
        self.check_stays_relayed("lan4a", "lan3a")

    def test_behind_two_symmetric_nats(self):
        self.lab("set", "gw5", "nat=symmetric")
        self.addCleanup(self.lab, "set", "gw5", "nat=fullcone")
        self.check_stays_relayed("lan4a", "lan5a")

    def test_behind_one_plain_nat(self):
        """They show the same address outside, and find each other inside."""
        first, second = self.start_two("lan3a", "lan3b")
        self.check_two(first, second)
        self.check_paths(first, second, "direct")
        self.assertEqual(first.status()["reach"]["links"]["relayed"], 0)

    def test_carrier_nat(self):
        """A mapping would lead nowhere, and is not advertised."""
        address = self.boot()
        node = Daemon(self, "lan6a", address)
        status = node.wait_for(lambda s: s["reach"]["rung"] == "relayed", "the node has a relay")
        self.assertEqual(status["reach"]["mapping"]["state"], "double-nat")
        self.check_message(self.public, node)

    def test_local_address_changes(self):
        """As when a computer moves to another network: the node is a member again, and what it says arrives."""
        address = self.boot()
        node = Daemon(self, "lan3a", address)
        before = node.wait_joined()

        def move(old: str, new: str):
            for words in (["addr", "del", f"{old}/24", "dev", "eth0"], ["addr", "add", f"{new}/24", "dev", "eth0"],
                          ["route", "replace", "default", "via", "192.168.3.1"]):  # fmt: skip
                self.lab("exec", "lan3a", "ip", *words)

        self.addCleanup(move, "192.168.3.77", "192.168.3.11")
        move("192.168.3.11", "192.168.3.77")
        node.wait_for(
            lambda s: s["incarnation"] > before["incarnation"] and "192.168.3.77" in s["reach"]["why"]
            and s["reach"]["rung"] == "relayed", "the node has noticed",
        )  # fmt: skip
        node.wait_joined()
        self.check_message(node, self.public)
        self.check_message(self.public, node)

    def test_loss_and_delay(self):
        """A fifth of a second for a round trip, and of a hundred packets three lost each way: everything arrives, once."""
        for host in ("lan3a", "boot"):
            self.lab("netem", host, "delay", "100ms", "10ms", "loss", "3%")
            self.addCleanup(self.lab, "netem", host, "off")
        address = self.boot()
        node = Daemon(self, "lan3a", address)
        node.wait_joined()
        texts = [f"message {number}" for number in range(10)]
        for source, target in ((node, self.public), (self.public, node)):
            for text in texts:
                sent = source.client("send", target.status()["id"], text)
                self.assertEqual(sent.returncode, 0, sent)
            got = [target.client("recv", "--timeout", "20s").stdout for _ in texts]
            self.assertEqual(got, [text + "\n" for text in texts])
            self.assertEqual(target.client("recv", "--timeout", "1s").stdout, "")

    def test_two_swarms_that_were_cut_apart_find_together(self):
        """Two nodes hear nothing more of two others. Both pairs go on alone, and are one swarm again afterwards."""
        address = self.boot()
        here = [self.public, Daemon(self, "lan1a", address)]
        there = [Daemon(self, "peer", address), Daemon(self, "lan2a", address)]

        def wait_for_neighbours(count: int, what: str):
            for node in here + there:
                node.wait_for(lambda s: s["state"] == "joined" and s["neighbours"] == count, f"{node.host}: {what}", 90)

        wait_for_neighbours(3, "it knows all others")
        others = [node.status()["endpoint"].split(":")[0] for node in there]
        for node in here:
            self.cut(node.host, *others)
        wait_for_neighbours(1, "it knows only who is on its side")
        for side in (here, there):
            self.check_message(side[0], side[1])
        for node in here:
            self.mend(node.host)
        wait_for_neighbours(3, "it knows all others again")
        self.check_message(here[1], there[1])
        self.check_message(there[0], here[0])

    def test_two_in_one_network(self):
        """The second one gets another external port."""
        address = self.boot()
        first = Daemon(self, "lan1a", address)
        first.wait_joined()
        second = Daemon(self, "lan1b", address)
        status = second.wait_for(lambda s: s["reach"]["rung"] == "mapped", "the second one has a port")
        self.assertNotEqual(status["reach"]["mapping"]["eport"], PORT)

    def test_two_in_one_network_become_neighbours(self):
        """This gateway, like many, does not lead its own outside address back in (no hairpin)."""
        address = self.boot()
        first = Daemon(self, "lan1a", address)
        first.wait_joined()
        second = Daemon(self, "lan1b", address)
        second.wait_joined(20)
        self.check_two(first, second)
        self.check_paths(first, second, "direct")


if __name__ == "__main__":
    run()
