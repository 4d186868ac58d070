#!/usr/bin/env python3
"""The two worlds agree: 32 processes of cicada-node with the ids of agreement.yaml, and the simulator with the same ids and
the same lookups. Every lookup takes as many hops in both, and as long, within a tenth, once the measured cost of waking up
a process is taken off; so does the first answer on a link, which the owner of a key has to open.

The processes live in a network namespace of their own, whose loopback holds every packet back as long as the scenario says.
Where there is no such thing, hops are compared all the same, and the test says what it left out.

    agreement_test.py --write-lists     makes ids.txt and lookups.csv anew
"""

import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "node"))

import delay_line  # noqa: E402
import lists  # noqa: E402
from node_support import Connection, Node, NodeTest, unittest, wait_until  # noqa: E402

PEERS = 32
DELAY_S = 0.020  # links.latency of agreement.yaml.
SECONDS_MAX = 120
TOLERANCE = 0.1
FEW = 5  # Fewer say little by themselves.
INSIDE = "CICADA_AGREEMENT_INSIDE"


def namespace_words() -> list[str] | None:
    """How to start a program in a network namespace where packets can be queued; None where that is not to be had."""
    probe = "ip link set lo up && " + " ".join(delay_line.RULE)
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        try:
            if subprocess.run([*words, "sh", "-c", probe], capture_output=True).returncode == 0:
                return words
        except FileNotFoundError:
            pass
    return None


class DelayLine:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, FOLDER / "delay_line.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.expect("ready")

    def expect(self, word: str):
        line = self.process.stdout.readline().strip()
        if line != word:
            raise AssertionError(f"the delay line said '{line}', not '{word}'")

    def set(self, seconds: float):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.expect("set")

    def close(self):
        self.process.stdin.close()
        self.process.wait(SECONDS_MAX)
        self.process.stdout.close()


class RealSwarm:
    """32 processes in the order of ids.txt, and a connection to each."""

    SETTINGS = {
        "ids": "key",
        "protocol.successors": lists.SUCCESSORS,
        "protocol.proximity": 0,
        "protocol.stabilize": "1s",
        "port_mapping.enabled": "false",
    }

    def __init__(self, test: NodeTest):
        self.nodes = [test.node(f"n{peer}", **self.SETTINGS) for peer in range(PEERS)]
        for peer, node in enumerate(self.nodes):
            node.folder.mkdir(mode=0o700)
            key = node.folder / "key"
            key.touch(mode=0o600)
            key.write_text(f"cicada-key 1 {lists.key_seed(peer)}\n")
        address = self.nodes[0].start().wait_listening()
        for node in self.nodes[1:]:
            node.start(address)
        self.ids = [node.status()["id"] for node in self.nodes]
        self.connections = [Connection(node.control) for node in self.nodes]
        for connection in self.connections:
            test.addCleanup(connection.close)

    def peers(self, peer: int) -> list[dict]:
        return self.connections[peer].ask("peers")[-1]["peers"]

    def wait_until_ideal(self, ring: lists.Ring):
        """Everybody knows whom the ids say, and nobody else."""
        number = {peer_id: peer for peer, peer_id in enumerate(self.ids)}

        def is_ideal(peer: int) -> bool:
            known = self.peers(peer)
            return all(
                {number[entry["id"]] for entry in known if entry[kind]} == expected
                for kind, expected in ring.knows(peer).items()
            )

        for peer in range(PEERS):
            wait_until(lambda peer=peer: is_ideal(peer), f"peer {peer} knows whom it should", SECONDS_MAX)

    def linked(self, peer: int) -> set[str]:
        return {entry["id"] for entry in self.peers(peer) if entry["linked"]}

    def lookup(self, peer: int, key: int) -> dict:
        reply = self.connections[peer].ask("lookup", key=f"{key:064x}")[-1]
        if not reply["ok"]:
            raise AssertionError(f"peer {peer} has not found {key:064x}: {reply}")
        return {"owner": self.ids.index(reply["owner"]["id"]), "hops": reply["hops"], "took_ms": reply["took_ms"]}


def simulate(test: NodeTest) -> list[dict]:
    done = subprocess.run(
        [os.environ["CICADA_LOOKUPS_OF"], FOLDER / "agreement.yaml"], capture_output=True, text=True, timeout=SECONDS_MAX
    )
    test.assertEqual(done.returncode, 0, done.stderr)
    lookups = [json.loads(line) for line in done.stdout.splitlines()]
    test.assertTrue(all(lookup["found"] and lookup["timeouts"] == 0 for lookup in lookups))
    return sorted(lookups, key=lambda lookup: lookup["started_ms"])


def links_of(hops: int) -> int:
    """One after the other: to the key's predecessor, to the owner, and straight back."""
    return hops + 2


class AgreementTest(NodeTest):
    def test_the_same_lookups(self):
        line = None
        if os.environ.get(INSIDE):
            line = DelayLine()
            self.addCleanup(line.close)
        with ThreadPoolExecutor(1) as worker:
            simulating = worker.submit(simulate, self)
            real = RealSwarm(self)
            ring = lists.Ring(real.ids)
            self.assertEqual(real.ids, lists.committed_ids(), "the keys have other ids than ids.txt")
            began = time.monotonic()
            real.wait_until_ideal(ring)
            print(f"ideal {time.monotonic() - began:.1f} s after the last start", flush=True)
            simulated = simulating.result()
        warming, cold, everybody = lists.warming(ring), lists.cold(ring), lists.everybody(ring)
        self.assertEqual(len(simulated), 2 * len(warming) + 2 * len(cold) + len(everybody))
        take = iter(simulated)
        simulated_parts = [[next(take) for _ in part] for part in (warming, warming, cold, cold, everybody)]

        def both(lookups: list, part: int, wanted=lambda *_: True) -> list[tuple[dict, dict]]:
            """(real, simulated) of those that are wanted, which are made now, one after the other."""
            pairs = []
            for (peer, key), expected in zip(lookups, simulated_parts[part], strict=True):
                self.assertEqual((expected["peer"], expected["key"]), (peer, f"{key:064x}"))
                if wanted(peer, key):
                    pairs.append((real.lookup(peer, key), expected))
            return pairs

        both(warming, 0)
        warm = both(warming, 1)
        if line is not None:
            self.compare_latency(real, line, warm, lambda *arguments: both(cold, *arguments))
        self.compare_hops("one link after another", warm)
        self.compare_hops("everybody to everybody", both(everybody, 4))

    def compare_hops(self, title: str, pairs: list[tuple[dict, dict]]):
        histograms = [
            {hops: sum(pair[world]["hops"] == hops for pair in pairs) for hops in range(8)} for world in (0, 1)
        ]
        print(f"{title}: {len(pairs)} lookups, by hops {[count for count in histograms[0].values() if count]}", flush=True)
        self.assertEqual(histograms[0], histograms[1])
        for found, expected in pairs:  # Not only as many of each: each of them.
            self.assertEqual((found["owner"], found["hops"]), (expected["owner"], expected["hops"]), expected)

    def compare_latency(self, real: RealSwarm, line: DelayLine, undelayed: list, cold):
        wake_up_ms = statistics.median(found["took_ms"] / links_of(found["hops"]) for found, _ in undelayed)
        line.set(DELAY_S)
        # Joining has left some links that the ring does not need, and looking after it opens others at any time.
        first = cold(2, lambda peer, key: f"{key:064x}" not in real.linked(peer))
        opened = {(expected["peer"], expected["key"]) for _, expected in first}
        again = cold(3, lambda peer, key: (peer, f"{key:064x}") in opened)
        line.set(0)
        self.assertGreaterEqual(len(first), 4, "hardly any links were left to be opened")
        self.compare_hops("links to open", first)
        self.compare_hops("the same on links that stand", again)
        print(f"waking up costs {wake_up_ms:.2f} ms per link", flush=True)
        self.compare_times("links to open", first, wake_up_ms)
        self.compare_times("links that stand", again, wake_up_ms)

    def compare_times(self, title: str, pairs: list[tuple[dict, dict]], wake_up_ms: float):
        """By the median of each number of hops: other programs on this machine make single ones late."""
        ratios = []
        for hops in sorted({expected["hops"] for _, expected in pairs}):
            group = [pair for pair in pairs if pair[1]["hops"] == hops]
            expected = statistics.median(expected["took_ms"] for _, expected in group)
            took = statistics.median(found["took_ms"] for found, _ in group)
            net = took - wake_up_ms * links_of(hops)
            print(f"{title}, {hops} hops: {took:.1f} ms, {net:.1f} without waking up, simulated {expected:.1f}", flush=True)
            ratios += [(found["took_ms"] - wake_up_ms * links_of(hops)) / expected for found, _ in group]
            if len(group) >= FEW:
                each = " ".join(f"{found['took_ms']:.0f}" for found, _ in group)
                self.assertLess(abs(net - expected), TOLERANCE * expected, f"{title}, {hops} hops: {each} ms")
        self.assertLess(abs(statistics.median(ratios) - 1), TOLERANCE, title)


def main():
    if sys.argv[1:] == ["--write-lists"]:
        test = NodeTest()
        test.setUp()
        try:
            lists.write(RealSwarm(test).ids)
        finally:
            test.doCleanups()
        return
    if not os.environ.get(INSIDE):
        words = namespace_words()
        if words is not None:
            script = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-B", *sys.argv]
            os.execvpe(words[0], [*words, *script], {**os.environ, INSIDE: "1"})
        print("left out: latencies, because there is no network namespace to be had in which packets can be queued")
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
