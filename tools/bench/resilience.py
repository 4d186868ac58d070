#!/usr/bin/env python3
"""Runs what results/resilience/ is made of, and prints its tables as Markdown.

    tools/bench/resilience.py targets OUT [--csv FILE] [--jobs 2] [--only ROW ...]     the targets T1 to T11
    tools/bench/resilience.py duplicates SWEEP [--arrived]      the table of the folder that
                                    `cicada-sim sweep scenarios/attack/duplicates.yaml --out SWEEP` has written

A run that is in OUT already is not repeated. Exit status 0; whether a target is reached is for the reader to say.
"""
import argparse
import concurrent.futures
import csv
import math
import pathlib

from simulate import summary_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = (21, 22, 23)
LARGE = "peers.count=100000 duration=190s workloads.sends.stop=150s"

# Row, what is asked, file below scenarios/attack/targets, settings, seeds, the row without an attack that it is compared with.
ROWS = [
    ("T1", "99.95 %, <= 10 data", "t01", "", SEEDS, "free-100k"),
    ("T2", "99.95 %, <= 12 data, p99 <= 4x", "t02", "", SEEDS, "free-100k"),
    ("T3, k = 3", "99.99 %, <= 7 data", "t03", "", SEEDS, "free-10k"),
    ("T3, k = 7", "the same", "t03", "workloads.sends.duplicates=7", SEEDS, "free-10k"),
    ("T3, N = 1,000", "the same, another N", "t03", "peers.count=1000", SEEDS, "free-1k"),
    ("T4", "99.9 %, <= 15 data; 99.99 % of the ceiling", "t04", "", SEEDS, "free-10k"),
    ("T4, `repair`", "the same", "t04", "workloads.sends.strategy=repair", SEEDS, "free-10k"),
    ("T4, N = 1,000", "the same, another N", "t04", "peers.count=1000", SEEDS, "free-1k"),
    ("T4, N = 100,000", "the same, another N", "t04", LARGE, (21,), "free-100k"),
    ("T5", "92 %, one shot", "t05", "", SEEDS, "free-t5"),
    ("T5, no proximity", "the same", "t05", "protocol.proximity=0", SEEDS, ""),
    ("T5, N = 1,000", "the same, another N", "t05", "peers.count=1000", SEEDS, "free-t5-1k"),
    ("T6a, card known", "99.5 %", "t06a-known", "", SEEDS, "free-10k"),
    ("T6a, card fetched", "99.5 %", "t06a", "", SEEDS, "free-10k"),
    ("T6b, N = 1,000, card known", "99.9 %", "t06b-known", "", SEEDS, "free-1k"),
    ("T6b, N = 10,000, card known", "99.9 %", "t06b-known", "peers.count=10000", SEEDS, "free-10k"),
    ("T6b, N = 1,000, card fetched", "99 %", "t06b-learned", "", SEEDS, "free-1k"),
    ("T6b, N = 10,000, card fetched", "99 %", "t06b-learned", "peers.count=10000", SEEDS, "free-10k"),
    ("T6b, N = 1,000, card fetched, `guards`", "99 %", "t06b-learned", "workloads.sends.strategy=guards", SEEDS, "free-1k"),
    ("T7", "99.5 %, <= 1.5x data", "t07", "", SEEDS, "free-t7"),
    ("T8", "99.5 %, false blame < 1 %, <= 2x data", "t08", "", SEEDS, "free-10k"),
    ("T8, fuel spent too", "harder than asked", "t08", "adversaries.ack_drop.spend=true", SEEDS, "free-10k"),
    ("T8, N = 1,000", "the same, another N", "t08", "peers.count=1000", SEEDS, "free-1k"),
    ("T10, `repair`", "99.9 %, <= 12 data", "t10", "", (21,), "free-1m"),
    ("T10, default", "the same", "t10", "workloads.sends.strategy=adaptive", (21,), "free-1m"),
    ("T11", "99 %", "t11", "", SEEDS, "free-t11"),
    ("T11, N = 1,000", "the same, another N", "t11", "peers.count=1000", SEEDS, "free-t11-1k"),
    ("free-1k", "", "t03", "adversaries.drop.fraction=0% peers.count=1000", (21,), ""),
    ("free-10k", "", "t03", "adversaries.drop.fraction=0%", (21,), ""),
    ("free-100k", "", "t01", "adversaries.drop.fraction=0%", (21,), ""),
    ("free-1m", "", "t10", "adversaries.drop.fraction=0% workloads.sends.strategy=adaptive", (21,), ""),
    ("free-t5", "", "t05", "adversaries.drop.fraction=0%", (21,), ""),
    ("free-t5-1k", "", "t05", "adversaries.drop.fraction=0% peers.count=1000", (21,), ""),
    ("free-t11-1k", "", "t11", "adversaries.drop.fraction=0% peers.count=1000", (21,), ""),
    ("free-t7", "", "t07", "adversaries.drop.fraction=0%", (21,), ""),
    ("free-t11", "", "t11", "adversaries.drop.fraction=0%", (21,), ""),
]  # fmt: skip


def folder_of(row, seed: int) -> str:
    name = "".join(c if c.isalnum() else "-" for c in row[0].lower())
    return f"{name}-{seed}"


def run(simulator: str, out: pathlib.Path, row, seed: int) -> dict:
    scenario = ROOT / "scenarios" / "attack" / "targets" / f"{row[2]}.yaml"
    return summary_of(simulator, out / folder_of(row, seed), scenario, [f"seed={seed}", *row[3].split()])


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, min(1.0, middle + half)


def mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def target_line(row, runs: list[dict], free: dict | None) -> str:
    sends = [run["sends"] for run in runs]
    count = sum(s["count"] for s in sends)
    hits = sum(s["delivered"] for s in sends)
    low, high = wilson(hits, count)
    p50, p99 = (mean(s["latency_ms"][p] for s in sends) for p in ("p50", "p99"))
    beside = "-"
    if free:
        beside = f"{p50 / free['sends']['latency_ms']['p50']:.2f} / {p99 / free['sends']['latency_ms']['p99']:.2f}"
    settings = "".join(f" --set {setting}" for setting in row[3].split())
    cells = [
        row[0], row[1], f"{100 * hits / count:.3f} [{100 * low:.3f}, {100 * high:.3f}]", f"{count - hits:,} of {count:,}",
        ", ".join(f"{100 * s['delivered'] / s['count']:.3f}" for s in sends),
        f"{mean(s['data_transmissions_mean'] for s in sends):.2f}", f"{mean(s['control_per_send'] for s in sends):.1f}",
        f"{p50:.0f} / {p99:.0f}", beside, ", ".join(str(seed) for seed in row[4]), f"`{row[2]}.yaml{settings}`",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def flat(value, path: str = ""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key)
    elif not isinstance(value, list):
        yield path, value


def targets(options):
    rows = [row for row in ROWS if not options.only or row[0] in options.only]
    jobs = [(row, seed) for row in rows for seed in row[4]]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        summaries = list(pool.map(lambda job: run(options.simulator, options.folder, *job), jobs))
    found = {}
    for (row, seed), summary in zip(jobs, summaries, strict=True):
        found.setdefault(row[0], []).append(summary)
    print("| target | asked | acknowledged, % [95 %] | lost | each seed, % | data | control | latency, ms p50 / p99 | "
          "x attack-free | seeds | `cicada-sim run scenarios/attack/targets/` ... |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(target_line(row, found[row[0]], found.get(row[5], [None])[0]))
    if options.csv:
        kept = ("seed", "digest", "cpu_s", "peak_rss_bytes", "sends.", "resilience.", "traffic.")
        lines = [{"row": row[0], **{k: v for k, v in flat(s) if k.startswith(kept)}}
                 for (row, _), s in zip(jobs, summaries, strict=True)]  # fmt: skip
        columns = list(dict.fromkeys(key for line in lines for key in line))
        with options.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(lines)


def duplicates(options):
    cells = {}
    with (options.folder / "cells.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            key = (line["workloads.sends.strategy"], line["workloads.sends.duplicates"])
            cells.setdefault(key, {}).setdefault(line["adversaries.drop.fraction"], []).append(line)
    fractions = list(next(iter(cells.values())))
    print("| strategy | k | " + " | ".join(f"f = {f.replace('%', ' %')}" for f in fractions) + " |")
    print("|" + "---|" * (2 + len(fractions)))
    for (strategy, k), by_fraction in cells.items():
        texts = []
        for lines in by_fraction.values():
            count, hits, arrived = (sum(int(x[f"sends.{key}"]) for x in lines) for key in ("count", "delivered", "arrived"))
            also = f" ({100 * arrived / count:.2f})" if options.arrived else ""
            data, control = (mean(float(x[f"sends.{key}"]) for x in lines)
                             for key in ("data_transmissions_mean", "control_per_send"))  # fmt: skip
            texts.append(f"{100 * hits / count:.2f}{also}; {data:.1f} + {control:.0f}")
        print(f"| `{strategy}` | {k} | " + " | ".join(texts) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulator", default=f"{ROOT}/build/release/bin/cicada-sim")
    commands = parser.add_subparsers(required=True)
    of_targets = commands.add_parser("targets")
    of_targets.add_argument("folder", type=pathlib.Path)
    of_targets.add_argument("--only", nargs="*", metavar="ROW", help="the name in the first column")
    of_targets.add_argument("--csv", type=pathlib.Path)
    of_targets.add_argument("--jobs", type=int, default=2)
    of_targets.set_defaults(command=targets)
    of_duplicates = commands.add_parser("duplicates")
    of_duplicates.add_argument("folder", type=pathlib.Path)
    of_duplicates.add_argument("--arrived", action="store_true", help="also the share that arrived")
    of_duplicates.set_defaults(command=duplicates)
    options = parser.parse_args()
    options.command(options)


if __name__ == "__main__":
    main()
