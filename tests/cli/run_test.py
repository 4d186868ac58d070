"""A run leaves a whole folder, prints what it found, and its exit status says whether the expectations hold."""

import json

from cli_support import SMALL, CliTest

FILES = {"manifest.json", "summary.json", "series.csv", "distributions.csv", "report.html"}

# Keys that programs may rely on.
KEYS = """scenario seed digest interrupted simulated_s events messages wall_s cpu_s events_per_cpu_s peak_rss_bytes
    bytes_per_peer peers.start peers.end peers.joined peers.left peers.crashed lookups.count lookups.correct lookups.wrong
    lookups.failed lookups.path.mean lookups.path.p1 lookups.path.p50 lookups.path.p99 lookups.timeouts_mean
    lookups.latency_ms.p50 lookups.latency_ms.p90 lookups.latency_ms.p99 ring.ideal ring.violations
    ring.wrong_successors_ratio ring.dead_successors_ratio traffic.bytes_per_peer_s traffic.messages_per_peer_s
    expect""".split()


def refuse_constant(name: str):
    raise ValueError(f"{name} is not JSON")


class RunTest(CliTest):
    def setUp(self):
        super().setUp()
        self.write("small.yaml", SMALL)

    def test_a_run_leaves_a_whole_folder(self):
        done = self.sim("run", "small.yaml")
        self.expect_status(done, 0)
        self.assertEqual(done.stderr, "")  # No terminal: no progress.
        self.assertIn("out/small-seed1/report.html", done.stdout)
        folder = self.folder / "out/small-seed1"
        self.assertEqual({path.name for path in folder.iterdir()}, FILES)

        manifest = self.json("out/small-seed1/manifest.json")
        for key in ("commit", "compiler", "wall_s", "peak_rss_bytes"):
            self.assertIn(key, manifest)
        self.assertEqual(manifest["command"], "cicada-sim run small.yaml")
        self.assertEqual(manifest["seed"], 1)
        self.assertIs(manifest["interrupted"], False)
        self.assertEqual(manifest["digest"], self.json("out/small-seed1/summary.json")["digest"])
        self.assertIn("stabilize", manifest["scenario"]["protocol"])  # A default.

    def test_json_is_the_summary_and_nothing_else(self):
        done = self.sim("run", "small.yaml", "--json", "--out", "a")
        self.expect_status(done, 0)
        summary = json.loads(done.stdout, parse_constant=refuse_constant)
        self.assertEqual(done.stdout, (self.folder / "a/summary.json").read_text())
        for key in KEYS:
            value = summary
            for part in key.split("."):
                self.assertIn(part, value, key)
                value = value[part]
        self.assertGreater(summary["lookups"]["count"], 0)
        self.assertEqual(summary["simulated_s"], 120)
        self.assertIs(summary["expect"][0]["ok"], True)

    def test_every_key_of_the_summary_is_explained(self):
        self.expect_status(self.sim("run", "small.yaml", "--quiet", "--out", "a"), 0)
        reference = self.sim("explain", "--summary").stdout
        explained = {line.split("`")[1] for line in reference.splitlines() if line.startswith("| `")}

        def keys_of(value, path: str):
            if not isinstance(value, dict):
                yield path
                return
            for key, inner in value.items():
                yield from keys_of(inner, f"{path}.{key}" if path else key)

        found = {key for key in keys_of(self.json("a/summary.json"), "") if key != "expect"}
        found = {key for key in found if not key.startswith("ring.by_property.")}
        self.assertGreater(len(found), 80)
        self.assertEqual(sorted(found - explained), [])

    def test_the_seed_decides_the_digest(self):
        digests = {}
        for name, arguments in {
            "own": (),
            "again": ("--seed", "1"),
            "other": ("--seed", "2"),
            "set": ("--set", "seed=2"),
        }.items():
            done = self.sim("run", "small.yaml", "--json", "--out", name, *arguments)
            self.expect_status(done, 0)
            digests[name] = json.loads(done.stdout)["digest"]
        self.assertEqual(digests["own"], digests["again"])
        self.assertEqual(digests["other"], digests["set"])
        self.assertNotEqual(digests["own"], digests["other"])

    def test_a_failed_expectation_is_printed_with_its_figure(self):
        self.write("hard.yaml", SMALL.replace("lookups.correct >= 1", "lookups.count == 0"))
        done = self.sim("run", "hard.yaml", "--quiet", "--out", "hard")
        self.expect_status(done, 1)
        self.assertEqual(done.stdout, "")
        summary = self.json("hard/summary.json")
        self.assertIn(f"failed: expected lookups.count == 0, measured {summary['lookups']['count']:,}", done.stderr)
        self.assertIs(summary["expect"][0]["ok"], False)

    def test_quiet_says_nothing_when_all_is_well(self):
        done = self.sim("run", "small.yaml", "--quiet")
        self.expect_status(done, 0)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_a_new_run_replaces_the_old_one_only(self):
        self.expect_status(self.sim("run", "small.yaml", "--out", "a"), 0)
        self.expect_status(self.sim("run", "small.yaml", "--out", "a", "--seed", "9"), 0)
        self.assertEqual(self.json("a/summary.json")["seed"], 9)
        self.expect_refusal(self.sim("sweep", "small.yaml", "--out", "a"), "holds a run")

    def test_a_report_can_be_drawn_again(self):
        self.expect_status(self.sim("run", "small.yaml", "--out", "a"), 0)
        page = self.folder / "a/report.html"
        text = page.read_text()
        page.unlink()
        self.expect_status(self.sim("report", "a"), 0)
        self.assertEqual(page.read_text(), text)
        self.expect_status(self.sim("report", "a", "--out", "page.html"), 0)
        self.assertEqual((self.folder / "page.html").read_text(), text)
        self.assertEqual({path.name for path in (self.folder / "a").iterdir()}, FILES)

    def test_a_report_of_an_unfinished_folder_is_refused(self):
        self.expect_status(self.sim("run", "small.yaml", "--out", "a"), 0)
        (self.folder / "a/summary.json").unlink()
        self.expect_refusal(self.sim("report", "a"), "summary.json")
        self.expect_refusal(self.sim("report", "nowhere"), "nowhere")
