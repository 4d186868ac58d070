#!/usr/bin/env python3
"""clang-tidy over the sources of core, with the project's .clang-tidy. `--self-test` shows that a mistake is found."""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree


def check_file(root: Path, path: Path, config: Path, clang_tidy: str) -> str | None:
    command = [clang_tidy, "--quiet", f"--config-file={config}", str(root / path)]
    command += ["--", "-std=c++23", f"-I{root / 'core' / 'include'}", f"-I{root / 'core' / 'src'}"]
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout or done.stderr


def check(root: Path, config: Path, clang_tidy: str) -> tuple[int, list[str]]:
    paths = list(tree.files(root, ".cpp", folders=("core",)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: check_file(root, path, config, clang_tidy), paths)
        return len(paths), [result for result in results if result]


def self_test(config: Path, clang_tidy: str) -> int:
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "core" / "src").mkdir(parents=True)
        (root / "core" / "src" / "good.cpp").write_text("int f(int x) { return x; }\n")
        if complaints := check(root, config, clang_tidy)[1]:
            failures.append(f"good code was complained about: {complaints}")
        (root / "core" / "src" / "bad.cpp").write_text(
            "#include <string>\n#include <utility>\nint f(std::string s) {\n  std::string t = std::move(s);\n"
            "  return static_cast<int>(s.size() + t.size());\n}\n"
        )
        complaints = check(root, config, clang_tidy)[1]
        if len(complaints) != 1 or "use-after-move" not in complaints[0]:
            failures.append(f"expected one complaint about use after move, got {complaints}")
    return tree.report("lint self-test", 2, failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--clang-tidy", default="clang-tidy-19")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    config = arguments.root.resolve() / ".clang-tidy"
    if arguments.self_test:
        return self_test(config, arguments.clang_tidy)
    return tree.report("lint", *check(arguments.root, config, arguments.clang_tidy))


if __name__ == "__main__":
    sys.exit(main())
