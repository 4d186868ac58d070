"""Daemons on loopback: they become one ring, what they accept arrives, and neither kills nor stops nor restarts change
that."""

import random
import signal
import threading
import time
import unittest

from node_support import NodeTest, wait_for_ring, wait_until

PEERS = 32


class Traffic:
    """Sends between nodes, several at a time, each with a text of its own."""

    def __init__(self, senders, targets, seed: int):
        self.random = random.Random(seed)
        self.senders, self.targets = senders, targets
        self.addresses = {target: target.status()["endpoint"] for target in targets}
        self.outcomes: list[tuple] = []  # Target, text, last reply.
        self.lock = threading.Lock()
        self.number = 0

    def send_some(self, count: int):
        for _ in range(count):
            with self.lock:
                self.number += 1
                text = f"message {self.number}"
                sender, target = self.random.choice(self.senders), self.random.choice(self.targets)
            reply = sender.ask("send", target=self.addresses[target], data=text)[-1]
            with self.lock:
                self.outcomes.append((target, text, reply))

    def run(self, threads: int, each: int, meanwhile=lambda: None):
        workers = [threading.Thread(target=self.send_some, args=(each,)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        meanwhile()
        for worker in workers:
            worker.join()

    def check(self, test):
        """Every send was accepted, and its target has it, once."""
        failed = [reply for _, _, reply in self.outcomes if not reply["ok"]]
        test.assertEqual(failed, [])
        for target in self.targets:
            expected = sorted(text for to, text, _ in self.outcomes if to is target)
            replies = target.ask("recv", count=0, timeout_s=0.2)
            test.assertEqual(sorted(reply["data"] for reply in replies if not reply["done"]), expected)


class SwarmTest(NodeTest):
    def test_two(self):
        first, second = self.swarm(2)
        sent = first.ask("send", target=second.status()["endpoint"], data="hello")[-1]
        self.assertTrue(sent["ok"], sent)
        message = second.ask("recv", count=1)[0]
        self.assertEqual((message["data"], message["from"]["id"]), ("hello", first.status()["id"]))
        self.assertEqual((first.stop(), second.stop()), (0, 0))

    def test_eight(self):
        nodes = self.swarm(8)
        traffic = Traffic(nodes, nodes, seed=8)
        traffic.run(threads=4, each=50)
        traffic.check(self)
        ids = sorted(node.status()["id"] for node in nodes)
        for node in nodes:
            found = nodes[0].ask("lookup", key=node.status()["id"])[-1]
            self.assertEqual(found["owner"]["id"], node.status()["id"])
        self.assertEqual(len(set(ids)), 8)

    def test_a_quarter_is_killed(self):
        """While messages are on their way between the others."""
        nodes = self.swarm(PEERS)
        victims = random.Random(1).sample(nodes[1:], PEERS // 4)
        others = [node for node in nodes if node not in victims]
        traffic = Traffic(others, others, seed=32)

        def kill():
            wait_until(lambda: len(traffic.outcomes) > 30, "messages are on their way")
            for victim in victims:
                victim.kill()

        traffic.run(threads=4, each=60, meanwhile=kill)
        killed = time.monotonic()
        wait_for_ring(others)
        worst = max(reply["took_ms"] for _, _, reply in traffic.outcomes if reply["ok"])
        print(f"ring whole {time.monotonic() - killed:.2f} s after the traffic, slowest send {worst:.0f} ms", flush=True)
        traffic.check(self)

    def test_some_are_stopped_and_go_on(self):
        """A stopped process is as good as gone; when it goes on, it is a member again."""
        nodes = self.swarm(8)
        stopped = nodes[2:4]
        others = [node for node in nodes if node not in stopped]
        for node in stopped:
            node.signal(signal.SIGSTOP)
            self.addCleanup(node.signal, signal.SIGCONT)
        wait_for_ring(others)
        traffic = Traffic(others, others, seed=4)
        traffic.run(threads=2, each=20)
        traffic.check(self)
        for node in stopped:
            node.signal(signal.SIGCONT)
        wait_for_ring(nodes)
        for node in stopped:
            self.assertIn("stood still", node.log_path.read_text())
        traffic = Traffic(nodes, nodes, seed=5)
        traffic.run(threads=2, each=20)
        traffic.check(self)

    def test_all_restart_from_their_state(self):
        """Nobody is told where the others are: the folders know. Some leave in order, some are killed."""
        nodes = self.swarm(PEERS)
        wait_until(lambda: all(node.status()["known_peers"] > 1 for node in nodes), "all have saved peers")
        before = {node: node.status() for node in nodes}
        for number, node in enumerate(nodes):
            if number % 2 == 0:
                node.kill()
            else:
                self.assertEqual(node.stop(), 0)
        for node in nodes:
            node.start()
        wait_for_ring(nodes)
        for node in nodes:
            after = node.status()
            self.assertEqual((after["id"], after["public_key"]), (before[node]["id"], before[node]["public_key"]))
            self.assertGreater(after["incarnation"], before[node]["incarnation"])
        traffic = Traffic(nodes, nodes, seed=6)
        traffic.run(threads=2, each=20)
        traffic.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=2)
