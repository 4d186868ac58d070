#!/usr/bin/env python3
"""Runs the W1 benchmarks and prints their table as Markdown.

    tools/bench/w1.py [--repeat 3] [--simulator build/release/bin/cicada-sim] [SIZE ...]      sizes: 1k 10k 100k 1m

Each row is the best of the repeats, with the slowest beside it; one core, the whole shipped protocol. The columns of
PeerSim are the figures measured for it on the same kind of machine with the same workload.
"""
import argparse
import json
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERSIM = {"1k": 2.8, "10k": 3.2, "100k": 1.4, "1m": 0.67}


def run(simulator, size):
    with tempfile.TemporaryDirectory() as folder:
        command = [simulator, "run", f"{ROOT}/scenarios/bench/w1-{size}.yaml", "--json", "--out", f"{folder}/out"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", default=list(PEERSIM))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--simulator", default=f"{ROOT}/build/release/bin/cicada-sim")
    options = parser.parse_args()

    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True)
    print(f"Commit {commit.stdout.strip() or 'unknown'}, {platform.machine()}, best of {options.repeat} runs (slowest).\n")
    print("| peers | events | messages | M events per CPU s | PeerSim | ratio | bytes per peer | peak RSS MiB | digest |")
    print("|---|---|---|---|---|---|---|---|---|")
    for size in options.sizes:
        results = [run(options.simulator, size) for _ in range(options.repeat)]
        if len({result["digest"] for result in results}) != 1:
            sys.exit(f"w1-{size}: the digests of equal runs differ")
        rates = sorted(result["events_per_cpu_s"] / 1e6 for result in results)
        last = results[-1]
        print(f"| {last['peers']['start']:,} | {last['events']:,} | {last['messages']:,} | {rates[-1]:.2f} ({rates[0]:.2f}) "
              f"| {PEERSIM[size]} | {rates[-1] / PEERSIM[size]:.1f} | {last['bytes_per_peer']:.0f} "
              f"| {last['peak_rss_bytes'] / 2**20:.0f} | `{last['digest']}` |", flush=True)


if __name__ == "__main__":
    main()
