"""cicada-node on a machine whose time of day is wrong, and then mended: libfaketime changes it for one process. The tests of
net-real (tests/real/clock_test.cpp) do the same with a clock that is put in, and put machines to sleep.
"""

import sys
import time
import unittest
from pathlib import Path

from node_support import Node, NodeTest, wait_for_ring, wait_until

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
BACK_IN_SECONDS = 10


class ClockTest(NodeTest):
    def changed(self, node: Node, ahead_s: int) -> Path:
        """The node's time of day will be ahead by so much; gives the file that says so."""
        file = self.folder / f"{node.folder.name}.time"
        self.set_clock(file, ahead_s)
        node.environment = self.environment(file)
        return file

    def environment(self, file: Path) -> dict:
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
        }

    def set_clock(self, file: Path, ahead_s: int):
        new = file.with_suffix(".new")
        new.write_text(f"{ahead_s:+d}s\n")
        new.replace(file)  # It is read at any time.

    def check_exchange(self, a: Node, b: Node):
        for source, target in ((a, b), (b, a)):
            sent = source.ask("send", target=target.status()["endpoint"], data="hello")[-1]
            self.assertTrue(sent["ok"], sent)
            self.assertEqual(target.ask("recv", count=1)[0]["data"], "hello")

    def test_wrong_at_start_and_mended_later(self):
        for ahead_s in (120, -120, -100_000_000):
            with self.subTest(ahead_s=ahead_s):
                first = self.node(f"first{ahead_s}")
                address = first.start().wait_listening()
                second = self.node(f"second{ahead_s}")
                file = self.changed(second, ahead_s)
                second.settings["join.retry_max"] = "1min"  # As users have it: to be back must not wait for that.
                second.settings["join.retry_min"] = "30s"
                second.start(address)
                status = wait_until(lambda: (s := second.status()) and s["join"]["rounds_failed"] > 0 and s, "it has failed")
                self.assertTrue(status["clock"]["wrong"], status)
                self.assertLess(abs(status["clock"]["ahead_s"] - ahead_s), 3)
                side = "ahead of" if ahead_s > 0 else "behind"
                self.assertRegex(status["join"]["last_error"], rf"clock is \d+\.\d s {side} that of the peer")
                self.assertRegex(second.log(), rf'"clocks differ".*\d s {side}')
                self.assertFalse(first.status()["clock"]["wrong"])
                mended = time.monotonic()
                self.set_clock(file, 0)
                wait_until(lambda: first.status()["neighbours"] == 1, "it is back", BACK_IN_SECONDS)
                print(f"member {time.monotonic() - mended:.1f} s after its clock was mended", flush=True)
                second.wait_joined()
                self.check_exchange(first, second)
                self.assertFalse(second.status()["clock"]["wrong"])
                self.assertEqual(second.status()["join"]["last_error"], "")

    def test_a_member_whose_clock_jumps(self):
        nodes = self.swarm(3)
        last = self.node("last")
        file = self.changed(last, 0)
        last.start(nodes[0].status()["endpoint"]).wait_joined()
        wait_for_ring([*nodes, last])
        for jump_s in (3600, -3600):
            with self.subTest(jump_s=jump_s):
                self.set_clock(file, jump_s)
                status = wait_until(
                    lambda: (s := last.status()) and s["links"] == 0 and s["clock"]["wrong"] and s, "it is told", BACK_IN_SECONDS
                )
                self.assertLess(abs(status["clock"]["ahead_s"] - jump_s), 3)
                self.check_exchange(nodes[0], nodes[1])
                mended = time.monotonic()
                self.set_clock(file, 0)
                wait_for_ring([*nodes, last], BACK_IN_SECONDS)
                print(f"member {time.monotonic() - mended:.1f} s after its clock was set right", flush=True)
                for node in nodes:
                    self.check_exchange(node, last)

    def test_a_single_command(self):
        address = self.node("first").start().wait_listening()
        file = self.folder / "command.time"
        self.set_clock(file, 120)
        begin = time.monotonic()
        done = self.run_client("send", "--join", address, address, "hello", environment=self.environment(file))
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"clock is 1(19|20|21)\.\d s ahead of that of the peer")
        self.assertLess(time.monotonic() - begin, 10)


if __name__ == "__main__":
    if not LIBRARIES:
        print("left out: libfaketime is not installed (Debian: faketime)", file=sys.stderr)
        sys.exit(77)
    unittest.main(verbosity=2)
