"""PortMapping against real gateways: what it holds is what the router's NAT table holds, whatever happens to either.

CICADA_PORT_MAPPING_PROBE names the program port_mapping_probe.
"""

import json
import os
import sys
from pathlib import Path

from natlab_support import LabTest, run, wait_until

PROBE = os.environ["CICADA_PORT_MAPPING_PROBE"]
LYING = str(Path(__file__).with_name("lying_gateways.py"))
REMOVAL_MS_MAX = 400  # 150 ms of the mapping's own bound, and a loaded machine.

# A gateway of each kind: router, host, another host, address of the first, external address, method.
UPNP = ("gw1", "lan1a", "lan1b", "192.168.1.11", "upnp")
NAT_PMP = ("gw2", "lan2a", "lan2b", "192.168.2.11", "nat-pmp")
BOTH = (UPNP, NAT_PMP)


def is_state(state: str):
    return lambda line: line["state"] == state


class PortMappingTest(LabTest):
    def probe(self, host: str, port: int, *options: str):
        return self.start(host, PROBE, str(port), *options)

    def end(self, probe, router: str):
        last = probe.finish()
        self.assertEqual(last["state"], "removed")
        self.assertLess(last["took_ms"], REMOVAL_MS_MAX)
        wait_until(lambda: not self.lab.mappings(router), f"{router} has no mappings left", 10)

    def test_maps_and_removes(self):
        for router, host, _, address, method in BOTH:
            with self.subTest(method):
                probe = self.probe(host, 5000)
                mapped = probe.wait_for(is_state("mapped"))
                self.assertEqual((mapped["method"], mapped["eport"], mapped["local"]), (method, 5000, address))
                self.assertEqual(mapped["external"], self.lab("addr", router, "wan").strip())
                self.assertEqual(self.lab.mappings(router), [f"tcp 5000 {address}:5000"])
                self.end(probe, router)

    def test_renews_before_the_lease_ends(self):
        """With a lease of 8 s the mapping is there 12 s later, and is gone 8 s after a crash."""
        for router, host, _, address, method in BOTH:
            with self.subTest(method):
                probe = self.probe(host, 5001, "lease=8", "check_ms=30000")
                self.assertEqual(probe.wait_for(is_state("mapped"))["lease"], 8)
                entry = f"tcp 5001 {address}:5001"

                def lapsed():
                    # A gateway that renews takes the entry out for a moment.
                    return all(entry not in self.lab.mappings(router) for _ in range(5))

                with self.assertRaises(AssertionError):
                    wait_until(lapsed, "the mapping lapses, which it must not", 12)
                probe.kill()
                wait_until(lapsed, "the lease of a crashed program ends", 20)

    def test_conflict(self):
        """A port that another host has: another one, or none, as we like."""
        for router, host, other, address, method in BOTH:
            with self.subTest(method):
                holder = self.probe(other, 5002)
                holder.wait_for(is_state("mapped"))
                second = self.probe(host, 5002)
                mapped = second.wait_for(is_state("mapped"))
                self.assertNotEqual(mapped["eport"], 5002)
                self.assertIn(f"tcp {mapped['eport']} {address}:5002", self.lab.mappings(router))
                self.assertIn("taken", mapped["reason"])
                second.finish()

                third = self.probe(host, 5002, "conflict=give-up")
                self.assertEqual(third.wait_for(is_state("taken"))["eport"], 0)
                third.finish()
                wait_until(lambda: len(self.lab.mappings(router)) == 1, "only the holder's mapping is left", 10)
                self.end(holder, router)

    def test_a_crash_leaks_one_mapping_at_most(self):
        """The next life takes over what the crashed one left, also where that had to take another port."""
        holder = self.probe("lan1b", 5003)
        holder.wait_for(is_state("mapped"))
        eports = set()
        for life in range(3):
            probe = self.probe("lan1a", 5003)
            mapped = probe.wait_for(is_state("mapped"))
            eports.add(mapped["eport"])
            self.assertEqual(mapped["already_mapped"], life > 0)
            probe.kill()
        self.assertEqual(len(eports), 1)
        self.assertEqual(len(self.lab.mappings("gw1")), 2)
        last = self.probe("lan1a", 5003)
        last.wait_for(is_state("mapped"))
        last.finish()
        self.end(holder, "gw1")

    def test_gateway_restart(self):
        """Noticed within a period of checks or by announcement, and made again on the same port."""
        for router, host, _, address, method in BOTH:
            for down in ("0", "4"):
                with self.subTest(method, down=down):
                    probe = self.probe(host, 5004, "check_ms=2000")
                    probe.wait_for(is_state("mapped"))
                    self.lab("restart-gateway", router, "--down", down)
                    remade = probe.wait_for(lambda line: line["state"] == "mapped" and line["times_remade"] > 0, 30)
                    self.assertEqual((remade["times_remade"], remade["eport"]), (1, 5004))
                    self.assertEqual(self.lab.mappings(router), [f"tcp 5004 {address}:5004"])
                    self.end(probe, router)

    def test_restart_with_the_usual_period(self):
        """With checks every 30 s the announcement of a restarted gateway is heard, or else the next check finds out: the
        mapping is back within 60 s."""
        probes = []
        for router, host, _, _, _ in BOTH:
            probes.append((router, self.probe(host, 5005)))
        for router, probe in probes:
            probe.wait_for(is_state("mapped"))
            self.lab("restart-gateway", router)
        for router, probe in probes:
            probe.wait_for(lambda line: line["state"] == "mapped" and line["times_remade"] == 1, 60)
            self.end(probe, router)

    def test_external_address_changes(self):
        for number, (router, host, _, address, method) in enumerate(BOTH):
            with self.subTest(method):
                probe = self.probe(host, 5006, "check_ms=1000")
                probe.wait_for(is_state("mapped"))
                wan = f"11.22.33.{150 + number}"
                self.lab("set", router, f"wan={wan}")
                probe.wait_for(lambda line: line["state"] == "mapped" and line["external"] == wan, 30)
                wait_until(lambda: self.lab.mappings(router) == [f"tcp 5006 {address}:5006"], "the mapping stands", 10)
                self.end(probe, router)

    def test_double_nat_is_reported_and_not_used(self):
        for options, method in (((), "upnp"), (("upnp=off",), "nat-pmp")):
            with self.subTest(method):
                probe = self.probe("lan6a", 5007, *options)
                found = probe.wait_for(is_state("double-nat"))
                self.assertEqual((found["method"], found["eport"]), (method, 0))
                self.assertEqual(self.lab.mappings("gw6"), [])
                probe.finish()

    def test_no_gateway(self):
        """Refused at once, or met with silence: the outcome is the same, and nothing blocks."""
        for quiet in ("off", "on"):
            with self.subTest(quiet=quiet):
                self.lab("set", "gw3", f"quiet={quiet}")
                probe = self.probe("lan3a", 5008)
                found = probe.wait_for(is_state("no-gateway"), 15)
                self.assertIn("UPnP", found["reason"])
                self.assertIn("NAT-PMP", found["reason"])
                self.assertLess(probe.finish()["took_ms"], REMOVAL_MS_MAX)

    def test_ends_at_once_in_the_middle_of_everything(self):
        """The destructor doesn't wait for searches or calls under way, not even to a gateway that has just been cut off."""
        searching = self.probe("lan3a", 5009)
        self.assertLess(searching.finish()["took_ms"], REMOVAL_MS_MAX)
        mapped = self.probe("lan1a", 5009, "check_ms=200")
        mapped.wait_for(is_state("mapped"))
        self.lab("link", "lan1a", "down")
        self.addCleanup(self.lab, "restart-gateway", "gw1")  # For the mapping that could not be removed.
        self.addCleanup(self.lab, "link", "lan1a", "up")
        self.assertLess(mapped.finish()["took_ms"], REMOVAL_MS_MAX)

    def gateway(self, host: str, method: str, quirk: str):
        server = self.start(host, sys.executable, LYING, method, quirk)
        server.wait_for(lambda line: line.get("state") == "ready")
        return server

    def wait_asked(self, server, action: str, count: int = 1) -> list[dict]:
        """A gateway that was never asked proves nothing."""

        def asked():
            with server.changed:
                lines = [json.loads(line) for line in server.lines]
            return [line for line in lines if line.get("asked") == action]

        return wait_until(lambda: len(found := asked()) >= count and found, f"the gateway was asked for {action}", 30)

    def mappings(self, server) -> list[int]:
        """What the gateway holds, as it says itself."""
        with server.changed:
            changes = [line["mappings"] for line in map(json.loads, server.lines) if "mappings" in line]
        return changes[-1] if changes else []

    def check_removed(self, probe, server):
        self.assertLess(probe.finish()["took_ms"], REMOVAL_MS_MAX)
        wait_until(lambda: not self.mappings(server), "the mapping is removed", 10)
        server.kill()

    def test_lying_nat_pmp(self):
        """No lie becomes a mapping, and none blocks."""
        here = self.lab("addr", "lan3b").strip()
        for lie in ("short", "wrong-type", "wrong-port", "no-time", "garbage"):
            with self.subTest(lie):
                server = self.gateway("lan3b", "nat-pmp", lie)
                probe = self.probe("lan3a", 5010, "upnp=off", f"gateway={here}", "check_ms=200")
                found = probe.wait_for(lambda line: True, 20)
                self.assertIn(found["state"], ("no-gateway", "refused"), found)
                self.wait_asked(server, "map", 2)  # And it is asked again.
                self.assertLess(probe.finish()["took_ms"], REMOVAL_MS_MAX)
                server.kill()

    def test_nat_pmp_refusal_passes(self):
        here = self.lab("addr", "lan3b").strip()
        server = self.gateway("lan3b", "nat-pmp", "busy")
        probe = self.probe("lan3a", 5013, "upnp=off", f"gateway={here}")
        probe.wait_for(is_state("refused"))
        probe.wait_for(is_state("mapped"), 30)
        self.wait_asked(server, "map", 4)
        self.check_removed(probe, server)

    def test_nat_pmp_clock_far_ahead(self):
        """This host slept, its lease is over: the mapping is made again at the next check."""
        here = self.lab("addr", "lan3b").strip()
        server = self.gateway("lan3b", "nat-pmp", "ahead")
        probe = self.probe("lan3a", 5014, "upnp=off", f"gateway={here}", "check_ms=500")
        probe.wait_for(lambda line: line["state"] == "mapped" and line["times_remade"] == 1, 20)
        self.assertEqual(len(self.wait_asked(server, "map", 2)), 2)
        self.assertEqual(self.mappings(server), [5014])
        self.check_removed(probe, server)

    def test_lying_upnp(self):
        """Neither a gateway that trickles bytes for ever, nor one that says "done" and does nothing."""
        for lie, asked in (("trickle", "GetStatusInfo"), ("garbage", "description"), ("no-such-thing", "AddPortMapping")):
            with self.subTest(lie):
                server = self.gateway("lan3b", "upnp", lie)
                probe = self.probe("lan3a", 5011, "nat_pmp=off")
                found = probe.wait_for(lambda line: True, 30)
                self.assertIn(found["state"], ("no-gateway", "refused"), found)
                self.wait_asked(server, asked)
                self.assertLess(probe.finish()["took_ms"], REMOVAL_MS_MAX)
                server.kill()

    def test_falls_back_from_a_lying_upnp_to_nat_pmp(self):
        server = self.gateway("lan2b", "upnp", "no-such-thing")
        probe = self.probe("lan2a", 5012)
        mapped = probe.wait_for(is_state("mapped"), 30)
        self.assertEqual((mapped["method"], mapped["eport"]), ("nat-pmp", 5012))
        self.wait_asked(server, "AddPortMapping")
        self.end(probe, "gw2")

    def test_upnp_grants_only_permanent_leases(self):
        """Whatever error a finite lease is refused with, one without end is asked for, and removed in the end."""
        for code in (725, 402, 501, 606):
            with self.subTest(code):
                server = self.gateway("lan3b", "upnp", f"only-permanent={code}")
                probe = self.probe("lan3a", 5015, "nat_pmp=off")
                mapped = probe.wait_for(lambda line: True, 30)
                self.assertEqual((mapped["state"], mapped["eport"], mapped["lease"]), ("mapped", 5015, 0))
                leases = [line["NewLeaseDuration"] for line in self.wait_asked(server, "AddPortMapping", 2)]
                self.assertEqual(leases, ["3600", "0"])
                self.check_removed(probe, server)

    def test_upnp_refusals_pass(self):
        """A conflict or a refusal is not final, also where no other port is wanted."""
        for quirk, state in (("conflict-passes", "taken"), ("refusal-passes", "refused")):
            with self.subTest(quirk):
                server = self.gateway("lan3b", "upnp", quirk)
                probe = self.probe("lan3a", 5016, "nat_pmp=off", "conflict=give-up")
                probe.wait_for(is_state(state), 30)
                self.assertEqual(probe.wait_for(is_state("mapped"), 40)["eport"], 5016)
                self.wait_asked(server, "AddPortMapping", 4)
                self.check_removed(probe, server)

    def test_upnp_mapping_is_lost(self):
        """Whatever differs between what should stand and what the gateway says is a loss, and is mended."""
        for quirk in ("forgets=714", "forgets=501", "forgets=402", "forgets=713", "disables"):
            with self.subTest(quirk):
                server = self.gateway("lan3b", "upnp", quirk)
                probe = self.probe("lan3a", 5017, "nat_pmp=off", "check_ms=300")
                probe.wait_for(lambda line: line["state"] == "mapped" and line["times_remade"] == 1, 20)
                self.wait_asked(server, "AddPortMapping", 2)
                self.assertEqual(self.mappings(server), [5017])
                self.check_removed(probe, server)

    def test_upnp_that_cannot_be_asked(self):
        """An answer without content, or none, names no other owner: the mapping is used, kept and removed."""
        for quirk in ("empty", "unlisted"):
            with self.subTest(quirk):
                server = self.gateway("lan3b", "upnp", quirk)
                probe = self.probe("lan3a", 5018, "nat_pmp=off", "check_ms=200")
                mapped = probe.wait_for(lambda line: True, 30)
                self.assertEqual((mapped["state"], mapped["eport"]), ("mapped", 5018))
                self.wait_asked(server, "GetSpecificPortMappingEntry", 6)
                self.assertEqual(len(self.wait_asked(server, "AddPortMapping")), 1)
                self.check_removed(probe, server)

    def test_conflict_ends(self):
        """A port that another host gives up is taken, also by who wants no other one."""
        for router, host, other, address, method in BOTH:
            with self.subTest(method):
                holder = self.probe(other, 5019)
                holder.wait_for(is_state("mapped"))
                waiting = self.probe(host, 5019, "conflict=give-up")
                waiting.wait_for(is_state("taken"))
                holder.finish()
                self.assertEqual(waiting.wait_for(is_state("mapped"), 30)["eport"], 5019)
                self.assertEqual(self.lab.mappings(router), [f"tcp 5019 {address}:5019"])
                self.end(waiting, router)


if __name__ == "__main__":
    run("gw1", "gw2", "gw3", "gw6")
