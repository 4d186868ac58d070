#!/usr/bin/env python3
"""Runs what results/resilience/ring.md is made of, and prints its two tables as Markdown.

    tools/bench/ring_under_attack.py OUT [--simulator FILE]

What breaks when control messages are attacked, and that nothing does in the scenarios that leave them alone. Exit
status 0; 1 if a property of the ring was violated anywhere.
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "scenarios" / "attack"
FIFTH = "fraction: 20%"
CONTROL = {
    "nothing": f"drop: {{{FIFTH}, stop: 1ms}}",
    "`drop control`": f"drop: {{{FIFTH}, scope: control}}",
    "`drop all`": f"drop: {{{FIFTH}, scope: all}}",
    "`misroute control`": f"misroute: {{{FIFTH}, scope: control}}",
    "`delay control`": f"delay: {{{FIFTH}, scope: control}}",
    "`tamper control`": f"tamper: {{{FIFTH}, scope: control}}",
    "`false_closest`": f"false_closest: {{{FIFTH}}}",
    "`lookup_lie`": f"lookup_lie: {{{FIFTH}}}",
    "`table_poison lists`": f"table_poison: {{{FIFTH}, what: lists}}",
    "`table_poison all`": f"table_poison: {{{FIFTH}, what: all}}",
    "`drop data`": f"drop: {{{FIFTH}}}",
}
TOUCHES_CONTROL = ("control-", "false-closest", "lookup-lie", "table-poison", "partition")


def run(options, name: str, file: pathlib.Path, *settings: str) -> dict:
    command = [options.simulator, "run", str(file), "--quiet", "--out", str(options.folder / name)]
    for setting in (*settings, "expect=[]"):
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    print(f"{name}: done", file=sys.stderr)
    return json.loads((options.folder / name / "summary.json").read_text())


def share(value, places: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{places}f} %"


def control_table(options) -> int:
    violations = 0
    print("| attack | seed | violations | wrong first successors, mean | appendages | principals | joined | join failures | "
          "lookups failed | wrong | hostile fingers | hostile in lists | delivered | transmissions |")  # fmt: skip
    print("|" + "---|" * 14)
    for number, (name, entry) in enumerate(CONTROL.items()):
        for seed in (21, 22):
            s = run(options, f"control-{number}-{seed}", ATTACKS / "control-drop.yaml", f"seed={seed}",
                    f"adversaries=[{{{entry}}}]")  # fmt: skip
            ring, peers, lookups, sends, attack = (s[k] for k in ("ring", "peers", "lookups", "sends", "resilience"))
            violations += ring["violations"]
            cells = [
                name, seed, ring["violations"], share(ring["wrong_successors_ratio"], 2), ring["appendages"],
                f"{ring['principals']} of {peers['end']}", peers["joined"], peers["join_failures"],
                share(lookups["failed"] / lookups["count"]), share(lookups["wrong"] / lookups["count"]),
                share(attack["hostile_fingers_ratio"]), share(attack["hostile_successors_ratio"]),
                share(sends["delivered_ratio"], 2), f"{sends['data_transmissions_mean']:.2f}",
            ]  # fmt: skip
            print("| " + " | ".join(str(cell) for cell in cells) + " |")
    return violations


def quiet_table(options) -> int:
    violations = 0
    print("| scenario | peers | hostile at the end | violations | wrong first successors | delivered | deeds |")
    print("|" + "---|" * 7)
    for file in sorted([*ATTACKS.glob("*.yaml"), *(ATTACKS / "targets").glob("*.yaml")]):
        if file.name.startswith(TOUCHES_CONTROL):
            continue
        settings = ["measure.check=incremental", "measure.disjoint_paths=0", "peers.count=1000"]
        if file.parent.name == "targets" and "sends:" in file.read_text():
            settings.append("workloads.sends.rate=20/s")
        name = str(file.relative_to(ATTACKS))
        s = run(options, name.replace("/", "-"), file, *settings)
        ring, attack = s["ring"], s["resilience"]
        violations += ring["violations"]
        covered = s["broadcasts"]["coverage"]["mean"] if "broadcasts" in s else None
        deeds = ", ".join(f"{kind} {count:,}" for kind, count in attack["acts"].items())
        print(f"| `{name}` | {s['peers']['start']:,} | {share(attack['hostile_ratio'])} | {ring['violations']} | "
              f"{share(ring['wrong_successors_ratio'], 2)} | {share(covered or s['sends']['delivered_ratio'], 2)} | {deeds} |")  # fmt: skip
    return violations


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulator", default=f"{ROOT}/build/release/bin/cicada-sim")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    violations = control_table(options)
    print()
    return 1 if violations + quiet_table(options) else 0


if __name__ == "__main__":
    sys.exit(main())
