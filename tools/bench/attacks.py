#!/usr/bin/env python3
"""Runs what results/resilience/attacks.md is made of, and prints its tables as Markdown.

    tools/bench/attacks.py OUT [--simulator FILE] [--only kinds control quiet]

What each kind of attack does to messages; what breaks when control messages are attacked; and that nothing breaks in
the scenarios that leave them alone. Exit status 0; 1 if a property of the ring was violated anywhere.
"""
import argparse
import pathlib
import sys

from simulate import summary_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "scenarios" / "attack"
FIFTH = "fraction: 20%"
KINDS = {
    "nothing": f"drop: {{{FIFTH}, stop: 1ms}}",
    "`drop`": f"drop: {{{FIFTH}}}",
    "`drop`, of everything": f"drop: {{{FIFTH}, scope: all}}",
    "`gray_drop`, every second": f"gray_drop: {{{FIFTH}, prob: 50%}}",
    "`adaptive_selective`, honest for a minute": f"adaptive_selective: {{{FIFTH}, warmup: 1min}}",
    "`delay`, until just before the time-out": f"delay: {{{FIFTH}, hold: until_timeout}}",
    "`tamper`": f"tamper: {{{FIFTH}}}",
    "`misroute` to colluders": f"misroute: {{{FIFTH}, to: colluder}}",
    "`misroute` to anybody": f"misroute: {{{FIFTH}, to: random}}",
    "`misroute` back": f"misroute: {{{FIFTH}, to: backward}}",
    "`ack_forge`": f"ack_forge: {{{FIFTH}}}",
    "`ack_drop`": f"ack_drop: {{{FIFTH}}}",
    "`ack_drop`, fuel spent too": f"ack_drop: {{{FIFTH}, spend: true}}",
    "`blame`: all ways have failed": f"blame: {{{FIFTH}, says: exhausted}}",
    "`blame`: still trying": f"blame: {{{FIFTH}, says: working}}",
    "`blame`: no such peer": f"blame: {{{FIFTH}, says: no_such_peer}}",
    "`blame`: the copy is false": f"blame: {{{FIFTH}, says: refused}}",
    "`freeride`": f"freeride: {{{FIFTH}}}",
    "`replay`": f"replay: {{{FIFTH}}}",
    "`false_closest`": f"false_closest: {{{FIFTH}}}",
    "`lookup_lie`": f"lookup_lie: {{{FIFTH}}}",
    "`table_poison`": f"table_poison: {{{FIFTH}, what: all}}",
    "`join_leave`": f"join_leave: {{{FIFTH}}}",
    "`flood`": "flood: {fraction: 1%}",
    "`amplify`": "amplify: {fraction: 1%}",
}
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
    return summary_of(options.simulator, options.folder / name, file, (*settings, "expect=[]"))


def share(value, places: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{places}f} %"


def kinds_table(options) -> int:
    violations = 0
    print("| a fifth of the peers (floods: a hundredth) | acknowledged, %: default | `repair` | `cicada` | data: default | "
          "`repair` | `cicada` | control: default | p50 / p99, ms: default | false blames | deeds |")  # fmt: skip
    print("|" + "---|" * 11)
    for number, (name, entry) in enumerate(KINDS.items()):
        runs = {}
        for strategy in ("adaptive", "repair", "cicada"):
            runs[strategy] = run(
                options, f"kind-{number}-{strategy}", ATTACKS / "targets" / "t03.yaml", "peers.count=1000",
                "measure.check=incremental", "measure.ceiling=0", "workloads.sends.rate=50/s", "seed=21",
                f"workloads.sends.strategy={strategy}", f"adversaries=[{{{entry}}}]",
            )  # fmt: skip
            violations += runs[strategy]["ring"]["violations"]
        sends = {strategy: s["sends"] for strategy, s in runs.items()}
        default, attack = sends["adaptive"], runs["adaptive"]["resilience"]
        latency = default["latency_ms"]
        print(f"| {name} | " + " | ".join(f"{100 * s['delivered_ratio']:.2f}" for s in sends.values()) + " | "
              + " | ".join(f"{s['data_transmissions_mean']:.2f}" for s in sends.values())
              + f" | {default['control_per_send']:.1f} | {latency['p50']:.0f} / {latency['p99']:.0f}"
              + f" | {attack['false_blames']} of {attack['blames']} | {sum(attack['acts'].values()):,} |")  # fmt: skip
    return violations


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
        settings = ["measure.check=incremental", "measure.disjoint_paths=0"]
        if file.parent.name == "targets":
            settings.append("peers.count=1000")
            if "sends:" in file.read_text():
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
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES))
    options = parser.parse_args()
    violations = 0
    for name in options.only:
        violations += TABLES[name](options)
        print()
    return 1 if violations else 0


TABLES = {"kinds": kinds_table, "control": control_table, "quiet": quiet_table}


if __name__ == "__main__":
    sys.exit(main())
