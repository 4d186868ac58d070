"""A sweep runs every cell once, however often it is interrupted, and reports on all of them."""

import json
import os
import signal
import subprocess
from pathlib import Path

from cli_support import ENDLESS, SECONDS_MAX, SMALL, CliTest, wait_until

GRID = SMALL + "sweep: {peers.count: [20, 40], links.loss: [0%, 1%], seeds: 2}\n"
ALONE = ENDLESS + "sweep: {seeds: 1}\n"


def with_durations(*durations: str) -> str:
    return SMALL + f"sweep: {{duration: [{', '.join(durations)}]}}\n"


def children_of(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def alive(process: int) -> bool:
    try:
        # The state stands behind the name in brackets; a zombie has ended.
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class SweepTest(CliTest):
    def stamps(self) -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in self.folder.glob("s/cells/*/summary.json")}

    def test_the_grid_times_the_seeds(self):
        self.write("grid.yaml", GRID)
        done = self.sim("sweep", "grid.yaml", "--out", "s")
        self.expect_status(done, 0)
        self.assertEqual(done.stderr, "")
        self.assertEqual(len(self.stamps()), 8)
        for part in ("peers.count", "links.loss", "s/report.html", "["):
            self.assertIn(part, done.stdout)
        summary = self.json("s/summary.json")
        self.assertEqual((summary["runs"], summary["runs_planned"], summary["interrupted"]), (8, 8, False))
        self.assertEqual([group["runs"] for group in summary["groups"]], [2, 2, 2, 2])
        # A cell is what the run with these settings gives.
        cell = self.json("s/cells/peers.count=20,links.loss=1%,seed=2/summary.json")
        alone = self.sim("run", "grid.yaml", "--json", "--seed", "2", "--set", "peers.count=20", "--set", "links.loss=1%")
        self.assertEqual(json.loads(alone.stdout)["digest"], cell["digest"])

    def test_what_is_done_is_not_run_again(self):
        self.write("grid.yaml", GRID)
        self.expect_status(self.sim("sweep", "grid.yaml", "--out", "s"), 0)
        before = self.stamps()
        again = self.sim("sweep", "grid.yaml", "--out", "s")
        self.expect_status(again, 0)
        self.assertIn("8 of 8 runs are there already", again.stderr)
        self.assertEqual(self.stamps(), before)
        # A wider sweep keeps them too; another scenario does not.
        wider = self.sim("sweep", "grid.yaml", "--out", "s", "--seeds", "3")
        self.assertIn("8 of 12 runs are there already", wider.stderr)
        other = self.sim("sweep", "grid.yaml", "--out", "s", "--set", "protocol.successors=5", "--quiet")
        self.expect_status(other, 0)
        self.assertTrue(all(self.stamps()[path] != stamp for path, stamp in before.items()))

    def test_a_cell_that_was_interrupted_or_cut_is_run_again(self):
        self.write("two.yaml", with_durations("1min", "2min"))
        self.expect_status(self.sim("sweep", "two.yaml", "--out", "s"), 0)
        first, second = sorted(self.folder.glob("s/cells/*/summary.json"))
        digest = json.loads(first.read_text())["digest"]
        first.write_text(first.read_text().replace('"interrupted": false', '"interrupted": true'))
        second.write_text(second.read_text()[:100])
        again = self.sim("sweep", "two.yaml", "--out", "s")
        self.expect_status(again, 0)
        self.assertNotIn("already", again.stderr)
        self.assertEqual(json.loads(first.read_text())["digest"], digest)
        self.assertIs(json.loads(second.read_text())["interrupted"], False)

    def test_resume_after_an_interruption(self):
        self.write("two.yaml", with_durations("1min", "36500d"))
        process = self.start("sweep", "two.yaml", "--jobs", "1", "--out", "s", stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)  # fmt: skip
        wait_until(lambda: len(self.stamps()) == 1, "the first cell is done")
        before = self.stamps()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=SECONDS_MAX)
        self.assertEqual(process.returncode, 130, stderr)
        self.assertIn("1 of 2 runs are done", stderr)
        self.assertIn("cicada-sim sweep two.yaml --jobs 1 --out s", stderr)
        self.assertIs(self.json("s/summary.json")["interrupted"], True)

        self.write("two.yaml", with_durations("1min", "2min"))
        resumed = self.sim("sweep", "two.yaml", "--jobs", "1", "--out", "s")
        self.expect_status(resumed, 0)
        self.assertIn("1 of 2 runs are there already", resumed.stderr)
        for path, stamp in before.items():
            self.assertEqual(self.stamps()[path], stamp)
        self.assertIs(self.json("s/summary.json")["interrupted"], False)

    def test_changed_expectations_are_judged_without_a_new_run(self):
        self.write("two.yaml", with_durations("1min", "2min"))
        self.expect_status(self.sim("sweep", "two.yaml", "--out", "s"), 0)
        self.write("two.yaml", with_durations("1min", "2min").replace("lookups.correct >= 1", "lookups.count == 0"))
        done = self.sim("sweep", "two.yaml", "--out", "s")
        self.expect_status(done, 1)
        self.assertIn("2 of 2 runs are there already", done.stderr)
        self.assertEqual(done.stderr.count("failed: expected lookups.count == 0, measured "), 2)

    def test_a_cell_that_fails_is_reported_with_its_words(self):
        self.write("two.yaml", with_durations("1min", "2min"))
        (self.folder / "s/cells").mkdir(parents=True)
        (self.folder / "s/manifest.json").write_text('{"format": "cicada-sweep"}')
        self.write("s/cells/duration=1min,seed=1", "in the way")
        done = self.sim("sweep", "two.yaml", "--out", "s")
        self.expect_status(done, 2)
        self.assertIn("duration=1min seed=1", done.stderr)
        self.assertIn("is not a folder", done.stderr)
        summary = self.json("s/summary.json")
        self.assertEqual((summary["runs"], summary["runs_planned"]), (1, 2))

    def test_a_cell_that_is_killed_fails(self):
        self.write("alone.yaml", ALONE)
        process = self.start("sweep", "alone.yaml", "--out", "s", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        (child,) = wait_until(lambda: children_of(process.pid), "the cell runs")
        os.kill(child, signal.SIGKILL)
        _, stderr = process.communicate(timeout=SECONDS_MAX)
        self.assertEqual(process.returncode, 1, stderr)
        self.assertIn("seed=1 was killed", stderr)

    def test_children_end_with_a_sweep_that_is_killed(self):
        self.write("alone.yaml", ALONE)
        process = self.start("sweep", "alone.yaml", "--out", "s", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (child,) = wait_until(lambda: children_of(process.pid), "the cell runs")
        process.kill()
        process.wait(timeout=SECONDS_MAX)
        wait_until(lambda: not alive(child), "the cell has ended")

    def test_a_report_can_be_drawn_again(self):
        self.write("two.yaml", with_durations("1min", "2min"))
        self.expect_status(self.sim("sweep", "two.yaml", "--out", "s"), 0)
        page = self.folder / "s/report.html"
        text = page.read_text()
        page.unlink()
        self.expect_status(self.sim("report", "s"), 0)
        self.assertEqual(page.read_text(), text)

    def test_means_are_judged_too(self):
        sweep = "sweep: {{peers.count: [20, 40], seeds: 2, expect: [peers.start {} 30]}}\n"
        self.write("good.yaml", SMALL + sweep.format(">= 0 *"))
        self.expect_status(self.sim("sweep", "good.yaml", "--out", "good"), 0)
        self.write("bad.yaml", SMALL + sweep.format(">="))
        done = self.sim("sweep", "bad.yaml", "--out", "bad")
        self.expect_status(done, 1)
        self.assertIn("means over 2 runs peers.count=20:\n  failed: expected peers.start >= 30, measured 20", done.stderr)
        self.assertNotIn("peers.count=40", done.stderr)
        groups = self.json("bad/summary.json")["groups"]
        self.assertEqual([group["expect"][0]["ok"] for group in groups], [False, True])
        # A single run has nothing to do with them, and a text that is no expectation is found before the first run.
        self.expect_status(self.sim("run", "bad.yaml", "--out", "one", "--set", "peers.count=20"), 0)
        self.write("wrong.yaml", SMALL + "sweep: {seeds: 2, expect: [peers.strat == 1]}\n")
        wrong = self.sim("check", "wrong.yaml")
        self.expect_status(wrong, 2)
        self.assertIn("did you mean 'peers.start'? (in sweep.expect.0)", wrong.stderr)
