#!/usr/bin/env python3
"""Every C++ file is laid out as clang-format does it with the project's .clang-format. Mend with
`clang-format-19 -i FILE`. `--self-test` shows that a badly laid out file is found."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import tree


def check(root: Path, style: Path, clang_format: str) -> tuple[int, list[str]]:
    paths = list(tree.sources(root))
    complaints = []
    if paths:
        command = [clang_format, "--dry-run", "-Werror", f"--style=file:{style}", *map(str, paths)]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        lines = [line for line in done.stderr.splitlines() if "error:" in line]
        complaints = lines or ([done.stderr or "clang-format failed"] if done.returncode else [])
    return len(paths), complaints


def self_test(style: Path, clang_format: str) -> int:
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "core").mkdir()
        (root / "core" / "good.cpp").write_text("int f(int x) { return x; }\n")
        if check(root, style, clang_format)[1]:
            failures.append("a well laid out file was complained about")
        (root / "core" / "bad.cpp").write_text("int  f( int x ){return x;}\n")
        complaints = check(root, style, clang_format)[1]
        if not complaints or not all("bad.cpp" in complaint for complaint in complaints):
            failures.append(f"expected complaints about bad.cpp only, got {complaints}")
    return tree.report("layout self-test", 2, failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--clang-format", default="clang-format-19")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    style = arguments.root.resolve() / ".clang-format"
    if arguments.self_test:
        return self_test(style, arguments.clang_format)
    return tree.report("layout", *check(arguments.root, style, arguments.clang_format))


if __name__ == "__main__":
    sys.exit(main())
