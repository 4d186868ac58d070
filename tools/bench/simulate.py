"""Runs a scenario for a table."""
import json
import pathlib
import subprocess
import sys


def summary_of(simulator: str, folder: pathlib.Path, scenario: pathlib.Path, settings) -> dict:
    """The summary of `scenario` with `settings` (KEY=VALUE), from `folder` if it is there already. An expectation may
    fail: the table shows by how much. Ends the program with the simulator's words where there is no result."""
    summary = folder / "summary.json"
    if not summary.exists():
        command = [simulator, "run", str(scenario), "--quiet", "--out", str(folder)]
        for setting in settings:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(done.stderr)
        print(f"{folder.name}: done", file=sys.stderr)
    return json.loads(summary.read_text())
