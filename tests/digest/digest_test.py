#!/usr/bin/env python3
"""Equal seed, equal digest. Each scenario is run by every given build of cicada-sim, once with messages as structs and once
encoded, and twice by the first build; all digests must be equal. Another seed must give another digest, or the digest
would say nothing.

    digest_test.py --simulator NAME=PATH... --scenarios FILE...

More simulators may be named in the environment, which is how tools/test adds its other builds after they were built:
CICADA_DIGEST_SIMULATORS="NAME=PATH;NAME=PATH".

`--self-test` runs it against small scripts that stand for simulators, honest and broken ones."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

OTHER_SEED = 987654321


class RunFailed(Exception):
    pass


def digest_of(simulator: Path, scenario: Path, wire: str, seed: int | None, folder: Path) -> str:
    """The digest that one run reports. Raises RunFailed with the program's own words."""
    command = [str(simulator), "run", str(scenario), "--json", "--out", str(folder), "--set", f"protocol.wire={wire}"]
    if seed is not None:
        command += ["--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RunFailed(f"{' '.join(command)}\n  exit status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    try:
        digest = json.loads(done.stdout)["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise RunFailed(f"{' '.join(command)}\n  gave no JSON with a digest: {error!r}\n{done.stdout[:400]}") from error
    if not digest:
        raise RunFailed(f"{' '.join(command)}\n  gave an empty digest")
    return str(digest)


def check_scenario(simulators: dict[str, Path], scenario: Path, folder: Path) -> list[str]:
    """Complaints about one scenario."""
    digests: dict[str, str] = {}
    first = next(iter(simulators))
    runs = [(f"{name}, {wire}", name, wire, None) for name in simulators for wire in ("structs", "encoded")]
    runs += [(f"{first}, structs, again", first, "structs", None), (f"{first}, other seed", first, "structs", OTHER_SEED)]
    for number, (label, name, wire, seed) in enumerate(runs):
        try:
            digests[label] = digest_of(simulators[name], scenario, wire, seed, folder / str(number))
        except RunFailed as failure:
            return [f"{scenario.name}: {label}: {failure}"]
        print(f"  {scenario.name}: {digests[label]}  {label}", flush=True)

    expected = digests[f"{first}, structs"]
    other = digests.pop(f"{first}, other seed")
    complaints = [
        f"{scenario.name}: {label} gave {digest}, {first}, structs gave {expected}"
        for label, digest in digests.items()
        if digest != expected
    ]
    if other == expected:
        complaints.append(f"{scenario.name}: seed {OTHER_SEED} gave the same digest as the scenario's own seed")
    return complaints


def check(simulators: dict[str, Path], scenarios: list[Path]) -> list[str]:
    if not scenarios:
        return ["no scenario in tests/digest: nothing was compared"]
    with tempfile.TemporaryDirectory(prefix="cicada-digest-") as folder:
        return [
            complaint
            for scenario in scenarios
            for complaint in check_scenario(simulators, scenario, Path(folder) / scenario.stem)
        ]


# A stand-in simulator: its digest is a hash of what the expression names.
FAKE = """#!{python}
import hashlib, json, os, sys
arguments = sys.argv[1:]
scenario = open(arguments[1]).read()
seed = arguments[arguments.index("--seed") + 1] if "--seed" in arguments else "own"
wire = arguments[arguments.index("--set") + 1]
print(json.dumps({{"digest": hashlib.sha256(repr({inputs}).encode()).hexdigest()}}))
sys.exit({status})
"""

# name -> (inputs of the digest, exit status, a part of the complaint)
FAKES = {
    "honest": ("(scenario, seed)", 0, ""),
    "sees_the_wire_format": ("(scenario, seed, wire)", 0, "encoded gave"),
    "differs_between_builds": ("(scenario, seed, 'build')", 0, "fake, structs gave"),
    "draws_entropy": ("(scenario, seed, os.urandom(8))", 0, "gave"),
    "ignores_the_seed": ("(scenario,)", 0, "fake, structs gave"),
    "fails": ("(scenario, seed)", 1, "exit status 1"),
}


def self_test() -> int:
    failures = []
    with tempfile.TemporaryDirectory(prefix="cicada-digest-") as name:
        folder = Path(name)
        (folder / "small.yaml").write_text("name: small\n")
        for fake, (inputs, status, _) in FAKES.items():
            path = folder / fake
            path.write_text(FAKE.format(python=sys.executable, inputs=inputs, status=status))
            os.chmod(path, 0o755)

        def expect(simulators: dict[str, str], scenarios: list[Path], part: str) -> None:
            complaints = check({key: folder / value for key, value in simulators.items()}, scenarios)
            if bool(complaints) != bool(part) or (part and part not in "\n".join(complaints)):
                failures.append(f"{simulators}: expected '{part}', got {complaints}")

        scenarios = [folder / "small.yaml"]
        for fake, (_, _, part) in FAKES.items():
            expect({"this": "honest", "fake": fake}, scenarios, part)
        expect({"this": "draws_entropy"}, scenarios, "again gave")
        expect({"this": "ignores_the_seed"}, scenarios, "the same digest")
        expect({"this": "honest"}, [], "no scenario")
    for failure in failures:
        print(failure)
    print(f"digest_test self-test: {len(failures)} complaints")
    return 1 if failures else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulator", nargs="+", default=[], metavar="NAME=PATH")
    parser.add_argument("--scenarios", nargs="*", type=Path, default=[])
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    others = [entry for entry in os.environ.get("CICADA_DIGEST_SIMULATORS", "").split(";") if entry]
    simulators = dict(entry.split("=", 1) for entry in arguments.simulator + others)
    missing = [path for path in simulators.values() if not os.access(path, os.X_OK)]
    if missing or not simulators:
        print(f"digest_test: no such simulator: {', '.join(missing) or '(none given)'}")
        return 1
    complaints = check({name: Path(path) for name, path in simulators.items()}, arguments.scenarios)
    for complaint in complaints:
        print(complaint)
    print(f"digest_test: {len(arguments.scenarios)} scenarios, {len(simulators)} builds, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
