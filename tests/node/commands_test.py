"""cicada-node as its users and their scripts meet it: exit statuses, messages, files, who may do what."""

import json
import os
import random
import signal
import socket
import stat
import subprocess
import time
import unittest

from node_support import NODE, Connection, NodeTest, wait_until

GOOD, NOT_DELIVERED, BAD_INPUT = 0, 1, 2


class CommandLineTest(NodeTest):
    def refuse(self, words: list[str], *parts: str):
        done = self.run_client(*words)
        self.assertEqual(done.returncode, BAD_INPUT, done)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_wrong_words(self):
        self.refuse(["sned"], "did you mean 'send'?")
        self.refuse(["send", "--jon", "x"], "did you mean '--join'?")
        self.refuse(["send"], "expected TARGET")
        self.refuse(["status", "extra"], "unexpected argument 'extra'")
        self.refuse(["send", "a:1", "x", "--duplicates", "65"], "--duplicates", "'65'", "from 0 to 64")
        self.refuse(["run", "--set", "limits.punches=5000"], "limits.punches", "from 0 to 4096")
        self.refuse(["recv", "--count", "many", "--state", "x"], "--count", "'many'")
        self.refuse(["run", "--port", "70000"], "port: found '70000', expected a whole number from 0 to 65535")
        self.refuse(["run", "--set", "prot=1"], "unknown key 'prot'", "did you mean 'port'?")
        self.refuse(["run", "--set", "reach=outgoing", "--external", "1.2.3.4:5"], "external")
        self.refuse(["keygen"], "expected a FILE")
        self.refuse(["script", str(self.folder / "none")], "no such file")

    def test_help_and_version(self):
        commands = ["run", "send", "recv", "lookup", "peers", "status", "script", "keygen", "chat"]
        whole = self.run_client("--help").stdout
        for command in commands:
            self.assertIn(command, whole)
            done = self.run_client(command, "--help")
            self.assertEqual(done.returncode, GOOD)
            self.assertIn("Example", done.stdout)
        self.assertRegex(self.run_client("--version").stdout, r"^cicada-node \d+\.\d+\.\d+")

    def test_configuration_file(self):
        file = self.folder / "node.yaml"
        file.write_text("swarm: ours\nport: [1, 2]\nport_mapping:\n  leese: 1h\nprotocol:\n  stabilize: 500\nswarm: x\n")
        self.refuse(
            ["run", "--config", str(file)],
            f"{file}:2:7: port: expected one value",
            f"{file}:4:3: unknown key 'port_mapping.leese'",
            "did you mean 'lease'?",
            f"{file}:6:14: protocol.stabilize: found '500', expected a time",
            f"{file}:7:1: key 'swarm' is there twice",
        )
        file.write_text("swarm: [ours\nport: {")
        self.refuse(["run", "--config", str(file)], f"{file}:2:")
        self.refuse(["run", "--config", str(self.folder / "none.yaml")], "no such file")

    def test_printed_configuration_reads_back(self):
        printed = self.run_client("run", "--print-config", "--set", "swarm=a b: c", "--join", "h:1", "--join", "i:2").stdout
        file = self.folder / "node.yaml"
        file.write_text(printed)
        again = self.run_client("run", "--config", str(file), "--print-config")
        self.assertEqual((again.returncode, again.stdout), (GOOD, printed))
        self.assertEqual(self.run_client("run", "--config", str(file), "--check-config").returncode, GOOD)

    def test_keygen(self):
        file = self.folder / "my.key"
        made = json.loads(self.run_client("keygen", str(file), "--json").stdout)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.refuse(["keygen", str(file)], "File exists")
        node = self.node("n", key=file).start()
        self.assertEqual(node.status()["public_key"], made["public_key"])
        file.chmod(0o644)
        done = self.run_client("run", "--state", str(self.folder / "m"), "--key", str(file), "--interface", "127.0.0.1")
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertIn("others may read this secret key", done.stderr)

    def test_no_daemon(self):
        self.refuse(["status", "--state", str(self.folder)], "no daemon answers", "cicada-node run")


class DaemonTest(NodeTest):
    def test_send_and_receive(self):
        first, second = self.swarm(2)
        state = ["--state", str(second.folder)]
        address = second.status()["endpoint"]
        sent = self.run_client("send", "--state", str(first.folder), address, "-", text="one\ntwo")
        self.assertEqual(sent.returncode, GOOD, sent)
        self.assertEqual(self.run_client("recv", *state).stdout, "one\ntwo\n")

        by_itself = self.run_client("send", "--join", first.status()["endpoint"], address, "three", "--json")
        self.assertEqual(by_itself.returncode, GOOD, by_itself)
        self.assertGreaterEqual(json.loads(by_itself.stdout)["hops"], 1)
        self.assertEqual(json.loads(self.run_client("recv", *state, "--json").stdout.splitlines()[0])["data"], "three")

        late = self.run_client("recv", *state, "--timeout", "100ms")
        self.assertEqual((late.returncode, late.stdout), (NOT_DELIVERED, ""))
        nobody = self.run_client("send", "--join", "127.0.0.1:1", address, "x")
        self.assertEqual(nobody.returncode, NOT_DELIVERED)
        self.assertIn("could not join", nobody.stderr)
        chosen = self.run_client("send", *state, address, "four", "--strategy", "repair", "--duplicates", "64")
        self.assertEqual(chosen.returncode, GOOD, chosen)
        unknown = self.run_client("send", *state, address, "x", "--strategy", "repiar")
        self.assertEqual(unknown.returncode, BAD_INPUT)
        self.assertIn("repair", unknown.stderr)
        wrong = self.run_client("send", *state, "nonsense", "x")
        self.assertEqual(wrong.returncode, BAD_INPUT)
        self.assertIn("expected host:port", wrong.stderr)

    def test_broadcast(self):
        first, *others = self.swarm(3)
        sent = self.run_client("broadcast", "to all of you", "--state", str(first.folder))
        self.assertEqual(sent.returncode, GOOD, sent.stderr)
        script = first.folder / "broadcast.conf"
        script.write_text("BCAST and  once more\n")
        self.assertEqual(self.run_client("script", str(script), "--state", str(first.folder)).returncode, GOOD)
        for node in others:
            got = self.run_client("script", "-", "--state", str(node.folder), text="RECV 2\n")
            self.assertEqual(sorted(got.stdout.splitlines()), ["and  once more", "to all of you"], got.stderr)

    def test_bytes_that_are_no_text(self):
        (node,) = self.swarm(1)
        address = node.status()["endpoint"]
        self.assertTrue(node.ask("send", target=address, data_base64="AP/+gA==")[-1]["ok"])
        self.assertEqual(node.ask("recv", count=1)[0]["data_base64"], "AP/+gA==")

    def test_status_for_people(self):
        (node,) = self.swarm(1)
        text = self.run_client("status", "--state", str(node.folder)).stdout
        for part in ("state", node.status()["id"], "direct: its address 127.0.0.1 is loopback"):
            self.assertIn(part, text)

    def test_script(self):
        first, second = self.swarm(2)
        host, port = second.status()["endpoint"].split(":")
        script = self.folder / "a.conf"
        script.write_text(f"# greeting\nWAIT 10\nOPT duplicates=1\n\nSEND {host} {port} hello  there \nSEND {host} {port} bye\n")
        done = self.run_client("script", str(script), "--state", str(first.folder))
        self.assertEqual((done.returncode, done.stderr), (GOOD, ""))
        got = self.run_client("script", "-", "--state", str(second.folder), text="RECV 2\n")
        self.assertEqual(sorted(got.stdout.splitlines()), ["bye", "hello  there"])

        script.write_text("SEND localhost\nOPT copies=2\nRECV x\nBCAST\nSENT a 1 b\nWAIT soon\nRECV\n")
        bad = self.run_client("script", str(script), "--state", str(first.folder))
        self.assertEqual(bad.returncode, BAD_INPUT)
        for line in range(1, 7):
            self.assertIn(f"{script}:{line}: ", bad.stderr)
        self.assertNotIn(f"{script}:7: ", bad.stderr)
        self.assertIn("did you mean 'SEND'?", bad.stderr)

    def test_the_socket_is_for_its_user_alone(self):
        (node,) = self.swarm(1)
        self.assertEqual(stat.S_IMODE(node.control.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(node.folder.stat().st_mode), 0o700)
        if os.geteuid() != 0:
            self.skipTest("only root can pretend to be another user")
        # Even where the file's mode lets somebody in, the daemon asks the kernel who it is.
        self.folder.chmod(0o755)
        node.folder.chmod(0o755)
        node.control.chmod(0o777)
        script = (
            "import os, socket, sys\nos.setgid(65534); os.setuid(65534)\ns = socket.socket(socket.AF_UNIX)\n"
            "s.connect(sys.argv[1])\ntry:\n  s.sendall(b'{\"op\":\"status\"}\\n'); print(s.recv(100))\nexcept OSError: print(b'')"
        )
        done = subprocess.run(["python3", "-c", script, str(node.control)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout.strip(), "b''", done)

    def test_nonsense_on_the_socket(self):
        """The daemon answers what it can, closes on what it can't, and lives."""
        (node,) = self.swarm(1)
        connection = Connection(node.control)
        for line in (b"nonsense\n", b"[1]\n", b"{}\n", b'{"op": 7}\n', b'{"op": "sned"}\n', b'{"op": "send"}\n',
                     b'{"op": "send", "target": "a:1", "data": 7}\n', b'{"op": "recv", "count": -1}\n', b"\xff\xfe\n"):  # fmt: skip
            connection.socket.sendall(line)
            reply = json.loads(connection.file.readline())
            self.assertEqual((reply["ok"], reply["status"]), (False, BAD_INPUT), line)
        connection.close()
        flood = Connection(node.control)
        with self.assertRaises(OSError):
            for _ in range(100):
                flood.socket.sendall(b"x" * 100_000)
            self.assertEqual(flood.file.readline(), b"")
            raise ConnectionError
        flood.close()
        node.status()

    def test_a_message_is_not_lost_to_one_who_left(self):
        (node,) = self.swarm(1)
        gone = Connection(node.control)
        gone.socket.sendall(b'{"op": "recv"}\n')
        gone.close()
        wait_until(lambda: node.ask("status")[-1]["ok"], "the daemon has seen it")
        node.ask("send", target=node.status()["endpoint"], data="still here")
        self.assertEqual(node.ask("recv", count=1, timeout_s=20)[0].get("data"), "still here")

    def test_one_daemon_for_each_folder(self):
        (node,) = self.swarm(1)
        second = self.run_client("run", "--state", str(node.folder), "--interface", "127.0.0.1", "--port", "0")
        self.assertEqual(second.returncode, BAD_INPUT)
        self.assertIn("another cicada-node", second.stderr)
        taken = self.run_client(
            "run", "--state", str(self.folder / "b"), "--interface", "127.0.0.1", "--port", str(node.settings["port"])
        )
        self.assertEqual(taken.returncode, BAD_INPUT)
        self.assertIn("in use", taken.stderr + taken.stdout)

    def test_stops_in_order_and_soon(self):
        nodes = self.swarm(4)
        for node in nodes:
            start = time.monotonic()
            self.assertEqual(node.stop(), GOOD)
            took = time.monotonic() - start
            logged = json.loads(node.log_path.read_text().splitlines()[-1])
            self.assertEqual(logged["event"], "stopped")
            self.assertLess(logged["took_ms"], 200)
            self.assertLess(took, 2)
            self.assertFalse(node.control.exists())

    def test_joins_whenever_somebody_turns_up(self):
        """The peer to join through is not there yet; it is tried until it is."""
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        early = self.node("early").start(f"127.0.0.1:{port}")
        wait_until(lambda: early.status()["join"]["rounds_failed"] >= 3, "some rounds have failed")
        self.assertEqual(early.status()["state"], "joining")
        self.node("late", port=port).start()
        early.wait_joined()


class StateTest(NodeTest):
    def test_torn_files(self):
        """Whatever a crash leaves of the newest file, the node starts, says so, and never goes back to an old life."""
        first, second = self.swarm(2)
        wait_until(lambda: first.status()["known_peers"] == 1, "the peer is known")
        second.settings["port"] = int(second.status()["listener"].split(":")[1])
        draw = random.Random(3)
        for damage in ("cut", "empty", "bit", "gone"):
            with self.subTest(damage):
                incarnation = first.status()["incarnation"]
                first.kill()
                state = first.folder / "state"
                whole = state.read_bytes()
                if damage == "cut":
                    state.write_bytes(whole[: draw.randrange(1, len(whole))])
                elif damage == "empty":
                    state.write_bytes(b"")
                elif damage == "bit":
                    position = draw.randrange(len(whole))
                    state.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
                else:
                    state.unlink()
                first.start()
                status = first.wait_joined()
                self.assertGreater(status["incarnation"], incarnation)
                if damage != "gone":
                    self.assertIn("looking for an older one", first.log_path.read_text())

    def test_killed_at_any_moment(self):
        """A node that saves all the time is killed again and again; its state is whole each time."""
        (peer,) = self.swarm(1)
        node = self.node("n", save_every="100ms")
        node.start(peer.status()["endpoint"])
        node.wait_listening()
        draw = random.Random(4)
        incarnation = 0
        for _ in range(10):
            node.wait_joined()
            self.assertGreater(node.status()["incarnation"], incarnation)
            incarnation = node.status()["incarnation"]
            time.sleep(draw.random() * 0.05)  # No synchronisation: the moment of the kill is what varies.
            node.kill()
            node.start()
        node.wait_joined()
        self.assertNotIn("looking for an older one", node.log_path.read_text())


class TrustTest(NodeTest):
    """Pinned peers: what goes to them is sealed, and nobody else passes for them."""

    def pin(self, name: str, *hosts: dict) -> str:
        file = self.folder / name
        file.write_text(json.dumps({"trusted_hosts": list(hosts)}))
        return str(file)

    def test_sealed(self):
        anna, bert, carl = self.swarm(3)
        host = {"name": "bert", "address": bert.status()["endpoint"], "key": bert.status()["public_key"]}
        back = {"name": "anna", "address": anna.status()["endpoint"], "key": anna.status()["public_key"]}
        for node, pinned in ((anna, host), (bert, back)):
            node.stop()
            node.settings["trusted_keys"] = self.pin(f"{pinned['name']}.json", pinned)
            node.start(carl.status()["endpoint"])
            node.wait_joined()

        self.assertTrue(anna.ask("send", target="bert", data="secret")[-1]["sealed"])
        message = bert.ask("recv")[0]
        self.assertEqual((message["data"], message["sealed"], message["name"]), ("secret", True, "anna"))
        self.assertTrue(anna.ask("send", target=host["address"], data="by address")[-1]["sealed"])
        self.assertEqual(bert.ask("recv")[0]["data"], "by address")
        # Carl is pinned by nobody: not sealed, and seen as what it is.
        self.assertFalse(carl.ask("send", target=host["address"], data="open")[-1]["sealed"])
        message = bert.ask("recv")[0]
        self.assertEqual((message["data"], message["sealed"], message["trusted"]), ("open", False, False))

    def test_another_key_at_a_pinned_address(self):
        anna, bert = self.swarm(2)
        wrong = json.loads(self.run_client("keygen", str(self.folder / "x.key"), "--json").stdout)["public_key"]
        bert.stop()
        bert.settings["trusted_keys"] = self.pin("k.json", {"address": anna.status()["endpoint"], "key": wrong})
        bert.start(anna.status()["endpoint"])
        bert.wait_joined()
        # It arrives, and is thrown away: whoever holds the address is not who was pinned.
        anna.ask("send", target=bert.status()["endpoint"], data="it's me")
        bert.ask("recv", count=1, timeout_s=0.3)
        wait_until(lambda: bert.status()["refused_messages"] == 1, "the message is refused")

    def test_certified(self):
        """Whom the authority has signed is let in; others are not, with the word of another authority either."""
        authority, stranger = (self.folder / name for name in ("authority.key", "stranger.key"))
        public = json.loads(self.run_client("keygen", str(authority), "--json").stdout)["public_key"]
        other = json.loads(self.run_client("keygen", str(stranger), "--json").stdout)["public_key"]
        nodes = []
        for name, signer, trusts in (("a", authority, public), ("b", authority, public), ("c", stranger, other)):
            key, file = self.folder / f"{name}.key", self.folder / f"{name}.member"
            member = json.loads(self.run_client("keygen", str(key), "--json").stdout)["public_key"]
            done = self.run_client("keygen", "--certify", member, "--authority", str(signer), "--valid", "1d", str(file))
            self.assertEqual(done.returncode, GOOD, done)
            nodes.append(self.node(name, ids="certified", authority=trusts, membership=file, key=key))
        address = nodes[0].start().wait_listening()
        nodes[1].start(address).wait_joined()
        nodes[2].start(address)
        status = wait_until(
            lambda: (s := nodes[2].status()) and s["join"]["rounds_failed"] > 2 and s, "the third one has tried often"
        )
        self.assertNotEqual(status["state"], "joined")
        self.assertEqual(nodes[0].status()["neighbours"], 1)
        self.assertGreater(nodes[0].status()["counters"]["strangers_refused"], 0)
        sent = nodes[0].ask("send", target=nodes[1].status()["id"], data="among us")[-1]
        self.assertTrue(sent["ok"], sent)

    def test_wrong_files(self):
        for text, part in (
            ("{", "parse error"),
            ('{"trusted_hosts": 1e999}', "number overflow"),
            ("[]", "expected an object with the list 'trusted_hosts'"),
            ('{"trusted_hosts": [{"name": "a"}]}', "trusted_hosts[0]: 'key' is missing"),
            ('{"trusted_hosts": [{"kee": "a"}]}', "did you mean 'key'?"),
            ('{"trusted_hosts": [{"key": "ab"}]}', "expected 64 hexadecimal digits"),
            ('{"trusted_hosts": [{"address": "x", "outbound_key": "p"}]}', "found 'x', expected an address"),
            ('{"trusted_hosts": [{"outbound_key": "p"}]}', "passphrases are not used any more"),
        ):
            file = self.folder / "keys.json"
            file.write_text(text)
            done = self.run_client("run", "--state", str(self.folder / "s"), "--interface", "127.0.0.1", "--keys", str(file))
            self.assertEqual(done.returncode, BAD_INPUT, text)
            self.assertIn(part, done.stderr)


class ChatTest(NodeTest):
    def person(self, name: str, *words: str):
        process = subprocess.Popen(
            [NODE, "chat", "--nick", name, "--interface", "127.0.0.1", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        def end():
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
            if not process.stdin.closed:
                process.stdin.close()

        self.addCleanup(end)
        return process

    def say(self, person, text: str):
        person.stdin.write(text + "\n")
        person.stdin.flush()

    def hear(self, person, part: str) -> str:
        watchdog = signal.alarm(60)  # readline() has no time-out of its own.
        self.assertEqual(watchdog, 0)
        try:
            while line := person.stdout.readline():
                if part in line:
                    return line
        finally:
            signal.alarm(0)
        raise AssertionError(f"'{part}' never came")

    def test_three_people(self):
        anna = self.person("anna", "--first")
        address = self.hear(anna, "you are anna").split(", at ")[1].split(";")[0]
        bert = self.person("bert", "--join", address)
        self.hear(anna, "bert is here")
        self.hear(bert, "anna is here")
        carl = self.person("carl", "--join", address)
        for person, name in ((anna, "carl"), (bert, "carl"), (carl, "anna"), (carl, "bert")):
            self.hear(person, f"{name} is here") if not (person is carl and name == "bert") else None
        self.say(anna, "good morning")
        self.hear(bert, "<anna> good morning")
        self.hear(carl, "<anna> good morning")
        self.say(bert, "/msg anna only for you")
        self.hear(anna, "<bert to you alone> only for you")
        self.say(bert, "/nick bertha")
        self.hear(anna, "bert is now called bertha")
        self.say(bert, "/quit")
        self.hear(anna, "bertha has left")
        self.assertEqual(bert.wait(60), 0)

    def begin(self, name: str, *words: str):
        person = self.person(name, *words)
        return person, self.hear(person, f"you are {name}").split(", at ")[1].split(";")[0]

    def test_what_is_said_while_cut_off_is_delivered_later(self):
        """The other one dies and comes back at the same address: joined, greeted and told again, without a word of ours."""
        anna, address = self.begin("anna", "--first")
        bert = self.person("bert", "--join", address)
        self.hear(bert, "anna is here")
        anna.kill()
        anna.wait()
        self.say(bert, "are you there?")
        self.hear(bert, "anna cannot be reached at the moment")
        again, _ = self.begin("anna", "--first", "--port", address.rsplit(":", 1)[1])
        self.hear(again, "<bert> are you there?")
        self.hear(bert, "anna is back")
        self.say(again, "now I am")
        self.hear(bert, "<anna> now I am")

    def test_what_was_not_delivered_is_marked(self):
        anna, address = self.begin("anna", "--first")
        bert = self.person("bert", "--join", address)
        self.hear(bert, "anna is here")
        anna.kill()
        anna.wait()
        self.say(bert, "too late")
        bert.stdin.close()
        self.hear(bert, "not delivered to anna: too late")
        self.assertEqual(bert.wait(60), 1)

    def test_joins_for_ever(self):
        """Through a peer that is not there yet."""
        anna, address = self.begin("anna", "--first")
        anna.kill()
        anna.wait()
        bert = self.person("bert", "--join", address)
        self.hear(bert, "could not join yet")
        again, _ = self.begin("anna", "--first", "--port", address.rsplit(":", 1)[1])
        self.hear(bert, "anna is here")

    def test_ends_in_order_on_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            anna, address = self.begin("anna", "--first")
            bert = self.person("bert", "--join", address)
            self.hear(anna, "bert is here")
            bert.send_signal(number)
            self.hear(anna, "bert has left")
            self.assertEqual(bert.wait(60), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
