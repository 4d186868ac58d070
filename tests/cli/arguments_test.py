"""Bad input gets one clear message and exit status 2, before anything runs or is written."""

from cli_support import SMALL, CliTest

ATTACKED = """adversaries:
  - gray_drop: {fraction: 25%, prob: 30%, start: 5s, stop: 20s}
  - eclipse_target: {targets: 2, scope: all}
"""
COMMANDS = ("run", "check", "explain", "sweep", "report")


class ArgumentsTest(CliTest):
    def test_alone_it_prints_help_and_fails(self):
        done = self.sim()
        self.expect_refusal(done, "Usage: cicada-sim", *COMMANDS)

    def test_help_of_every_command_has_examples(self):
        for command in ((), *((name,) for name in COMMANDS)):
            done = self.sim(*command, "--help")
            self.expect_status(done, 0)
            self.assertIn("Examples:\n  cicada-sim", done.stdout)
            self.assertEqual(done.stderr, "")

    def test_version(self):
        done = self.sim("--version")
        self.expect_status(done, 0)
        for word in ("cicada-sim ", "commit ", "compiler ", "build "):
            self.assertIn(word, done.stdout)

    def test_typos_are_told_with_the_nearest_name(self):
        self.write("small.yaml", SMALL)
        for arguments, parts in {
            ("rnu", "small.yaml"): ("'rnu'", "'run'"),
            ("--versoin",): ("'--versoin'", "'--version'"),
            ("run", "--jsno", "small.yaml"): ("'--jsno'", "'--json'"),
            ("run", "--sed=7", "small.yaml"): ("'--sed'", "'--seed'"),
            ("run", "small.yaml", "other.yaml"): ("'other.yaml'",),
            ("run",): ("SCENARIO",),
            ("report",): ("DIR",),
            ("run", "small.yaml", "--seed"): ("--seed needs a value",),
            ("run", "small.yaml", "--seed", "-1"): ("--seed", "'-1'"),
            ("run", "small.yaml", "--seed", "seven"): ("--seed", "'seven'"),
            ("sweep", "small.yaml", "--jobs", "0"): ("--jobs", "'0'"),
            ("sweep", "small.yaml", "--seeds", "1.5"): ("--seeds", "'1.5'"),
            ("run", "small.yaml", "--set", "peers.cuont=9"): ("'cuont'", "'count'"),
            ("run", "small.yaml", "--set", "peers"): ("--set",),
        }.items():
            with self.subTest(arguments=arguments):
                done = self.sim(*arguments)
                self.expect_refusal(done, *parts)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["small.yaml"])

    def test_mistakes_in_a_scenario_are_told_with_their_place(self):
        for text, parts in {
            SMALL.replace("count: 40", "cuont: 40"): (":4:9: ", "'cuont'", "did you mean 'count'"),
            SMALL.replace("2min", "2 minutes"): (":3:11: ", "'2 minutes'"),
            SMALL.replace("2min", "-2min"): (":3:11: ", "'-2min'"),
            SMALL.replace("successors: 4}", "successors: 4"): (":",),
            SMALL + "links: {loss: 1.5}\n": (":10:15: ", "'1.5'"),
            SMALL.replace("lookups.correct", "lookups.corect"): (":9:5: ", "lookups.corect", "lookups.correct"),
            SMALL + "links: {model: matrix, file: none.txt}\n": (":10:30: ", "none.txt"),
        }.items():
            for command in ("check", "run", "explain", "sweep"):
                with self.subTest(text=text, command=command):
                    self.write("bad.yaml", text)
                    self.expect_refusal(self.sim(command, "bad.yaml"), "bad.yaml", *parts)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["bad.yaml"])

    def test_a_cut_matrix_is_told_with_its_place(self):
        self.write("matrix.txt", "0 10 20\n10 0 30\n20 30\n")
        self.write("bad.yaml", SMALL + "links: {model: matrix, file: matrix.txt}\n")
        for command in ("check", "run", "explain", "sweep"):
            with self.subTest(command=command):
                self.expect_refusal(self.sim(command, "bad.yaml"), "matrix.txt:3:")

    def test_every_command_refuses_data_files_that_a_run_would_not_read_rightly(self):
        churn = "  - churn: {session: {trace: data.txt}}\n"
        lookups = "  - lookups: {trace: data.txt}\n"
        matrix = "links: {model: matrix, file: data.txt}\n"
        for data, (key, where) in {
            "0,1,nan\n": (churn, "data.txt:1:5: found"),
            "0,10,20\n1,20": (churn, "data.txt:2:5: found"),
            "0,1600000000,1600003600\n": (churn, "expected a peer that comes or goes within the duration of 2min"),
            "# none\n": (churn, "found no session"),
            "1,40," + 64 * "a" + "\n": (lookups, "data.txt:1:3: found"),
            "900,1," + 64 * "a" + "\n": (lookups, "expected a lookup within the duration of 2min"),
            "0 1\n0 0\n": (matrix, "data.txt:2:1: found"),
        }.items():
            self.write("data.txt", data)
            text = SMALL + key if key == matrix else SMALL.replace("expect:", key + "expect:")
            self.write("bad.yaml", text)
            for command in ("check", "run", "explain", "sweep"):
                with self.subTest(data=data, command=command):
                    self.expect_refusal(self.sim(command, "bad.yaml"), "bad.yaml", where)
        self.write("data.txt", "x\n")
        self.write("bad.yaml", SMALL.replace("{count: 40}", "{count: 40, ids: data.txt}"))
        self.expect_refusal(self.sim("check", "bad.yaml"), "data.txt:1:1: found", "64 hexadecimal digits")

    def test_check_reads_the_files_of_every_cell_of_a_sweep(self):
        self.write("good.txt", "0 10 20\n10 0 30\n20 30 0\n")
        self.write("odd.txt", "0 10\n0 0\n")
        text = SMALL + "links: {model: matrix, file: good.txt}\n"
        self.write("bad.yaml", text + "sweep: {links.file: [good.txt, odd.txt]}\n")
        for command in ("check", "sweep"):
            self.expect_refusal(self.sim(command, "bad.yaml"), "odd.txt:2:1: found", "links.file=odd.txt")
        self.write("good.yaml", text + "sweep: {links.unit: [ms, us]}\n")
        self.expect_status(self.sim("check", "good.yaml"), 0)

    def test_explain_tells_what_was_read(self):
        self.write("matrix.csv", ",Rome,Oslo,Lima\nRome,0,NA,20\nOslo,10,0,NA\nLima,NA,NA,0\n".replace("Lima,NA", "Lima,7"))
        self.write("sessions.csv", "peer,join_s,leave_s\n0,110,\n1,130,140\n2,100,105\n1,300,")
        self.write("data.yaml", SMALL.replace("expect:", "  - churn: {session: {trace: sessions.csv, origin: 100s}}\nexpect:")
                   + "links: {model: matrix, file: matrix.csv, missing: [na]}\n")
        done = self.sim("explain", "data.yaml")
        self.expect_status(done, 0)
        told = " ".join(done.stdout.split())
        for sentence in (
            "matrix.csv (links.file): 3 hosts, named in the first row and column. 3 of 6 ordered pairs are measured, as "
            "round trips in ms. Taken from the other direction: 1. Guessed from medians: 2.",
            "sessions.csv (workloads.1.churn.session.trace): 4 sessions of 3 peers. The first time is 0s, the last 200s, "
            "in s and seen from the origin. 1 session beyond the duration. The first line is a header. 2 peers in the "
            "ring from the start, before the first session. The last line has no end: was the file cut short?",
        ):
            self.assertIn(sentence, told)
        self.assertNotIn("workloads.churn.stop", told)
        self.expect_status(self.sim("check", "data.yaml"), 0)

    def test_check_names_every_file(self):
        self.write("good.yaml", SMALL)
        self.write("bad.yaml", SMALL.replace("peers", "pears"))
        done = self.sim("check", "good.yaml", "bad.yaml", "missing.yaml")
        self.expect_status(done, 2)
        self.assertEqual(done.stdout, "good.yaml: ok\n")
        self.assertIn("bad.yaml:4:1: ", done.stderr)
        self.assertIn("missing.yaml", done.stderr)
        self.expect_status(self.sim("check", "good.yaml"), 0)

    def test_check_tries_the_combinations_of_a_sweep(self):
        self.write("bad.yaml", SMALL + "sweep: {peers.count: [40, 8], protocol.successors: [4, 16]}\n")
        for command in ("check", "sweep"):
            self.expect_refusal(self.sim(command, "bad.yaml"), "bad.yaml:10:", "'8'", "protocol.successors + 1 = 17")

    def test_a_folder_that_cannot_be_written_is_told_before_the_run(self):
        self.write("small.yaml", SMALL)
        self.write("file", "")
        (self.folder / "foreign").mkdir()
        self.write("foreign/photo.jpg", "precious")
        for out in ("file", "file/below", "foreign", "/proc/nowhere"):
            for command in ("run", "sweep"):
                with self.subTest(out=out, command=command):
                    self.expect_refusal(self.sim(command, "small.yaml", "--out", out), out.split("/below")[0])
        self.assertEqual((self.folder / "foreign/photo.jpg").read_text(), "precious")
        self.assertEqual(len(list((self.folder / "foreign").iterdir())), 1)

    def test_explain_says_what_will_happen_and_names_the_defaults(self):
        self.write("small.yaml", SMALL)
        done = self.sim("explain", "small.yaml", "--set", "links.loss=2%")
        self.expect_status(done, 0)
        for part in ("40 peers", "2% of the messages are lost", "lookups.correct >= 1", "events", "memory", "wall time"):
            self.assertIn(part, " ".join(done.stdout.split()))
        defaults = {line.split()[0] for line in done.stdout.split("Defaults in effect")[1].splitlines()[1:]}
        self.assertIn("links.jitter", defaults)
        self.assertIn("protocol.stabilize", defaults)
        for given in ("links.loss", "duration", "peers.count", "protocol.successors", "workloads.lookups.rate", "expect"):
            self.assertNotIn(given, defaults)

    def test_explain_tells_who_is_hostile_and_what_is_measured(self):
        sends = "workloads:\n  - sends: {rate: 1/s}\n"
        self.write("attacked.yaml", SMALL.replace("workloads:\n", sends) + ATTACKED)
        done = self.sim("explain", "attacked.yaml", "--set", "measure.disjoint_paths=7")
        self.expect_status(done, 0)
        story, defaults = " ".join(done.stdout.split()).split("Defaults in effect")
        for part in (
            "Adversary 25% of the peers, chosen at random, drop messages and payloads of broadcasts with probability 30%, "
            "from 5s until 20s.",
            "Adversary The nearest 16 peers on either side of 2 honest targets surround each target where they are, and "
            "drop messages, acknowledgements, lookups and broadcasts, from the start until the end.",
            "For each message it is asked whether a clean path existed when it was sent, and for 7 of them how many",
        ):
            self.assertIn(part, story)
        for part in ("adversaries.eclipse_target.stop the end", "measure.ceiling 1"):
            self.assertIn(part, defaults)
        for part in ("gray_drop.stop", "disjoint_paths"):
            self.assertNotIn(part, defaults)

    def test_explain_prints_the_references(self):
        keys = self.sim("explain", "--keys")
        self.expect_status(keys, 0)
        self.assertIn("successors", keys.stdout)
        summary = self.sim("explain", "--summary")
        self.expect_status(summary, 0)
        self.assertIn("`lookups.path.p99`", summary.stdout)
