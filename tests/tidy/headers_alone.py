#!/usr/bin/env python3
"""Every public header compiles alone, as a user's first include, with no more than its own library and those below it on
the include path. `--self-test` shows that a header which forgets an include is found."""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree

INCLUDE_FOLDERS = {"core": ("core",), "net-sim": ("core", "net-sim"), "net-real": ("core", "net-real")}


def check_header(root: Path, header: Path, compiler: str) -> str | None:
    layer = header.parts[0]
    name = Path(*header.parts[2:]).as_posix()
    # Twice: `#pragma once` has to work.
    unit = f"#include <{name}>\n#include <{name}>\n"
    includes = [f"-I{root / folder / 'include'}" for folder in INCLUDE_FOLDERS[layer]]
    command = [compiler, "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *includes, "-x", "c++", "-"]
    done = subprocess.run(command, input=unit, capture_output=True, text=True)
    return None if done.returncode == 0 else f"{header} does not compile alone:\n{done.stderr}"


def check(root: Path, compiler: str) -> tuple[int, list[str]]:
    headers = list(tree.public_headers(root))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda header: check_header(root, header, compiler), headers)
        return len(headers), [result for result in results if result]


def self_test(compiler: str) -> int:
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        include = root / "core" / "include" / "cicada"
        include.mkdir(parents=True)
        (include / "good.hpp").write_text("#pragma once\n#include <vector>\nstruct Good { std::vector<int> x; };\n")
        (include / "forgets.hpp").write_text("#pragma once\nstruct Forgets { std::vector<int> x; };\n")
        (include / "twice.hpp").write_text("struct Twice {};\n")
        looked_at, complaints = check(root, compiler)
        if looked_at != 3 or len(complaints) != 2 or "forgets" not in complaints[0] or "twice" not in complaints[1]:
            failures.append(f"expected complaints about forgets.hpp and twice.hpp only, got {complaints}")
    return tree.report("headers_alone self-test", 3, failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test(arguments.compiler)
    return tree.report("headers_alone", *check(arguments.root, arguments.compiler))


if __name__ == "__main__":
    sys.exit(main())
