#!/usr/bin/env python3
"""The rules of style that a program can see in one source file:

- includes follow the one direction of dependency: tools, tests -> net-sim, net-real -> core -> standard library, libsodium;
- core and net-sim name nothing that differs between machines, libraries or runs (clocks, entropy, distributions);
- a C++ file has at most 500 lines;
- a public header begins with `#pragma once` and a `///` paragraph;
- no text file names a path of one machine.

`--self-test` feeds each rule a file that breaks it, and good files that look alike."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import tree

LINES_MAX = 500

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

# The C++23 headers that core may use. Those for I/O, threads, clocks, locales and entropy are left out on purpose;
# <cstdio> is for the message of a failed assertion, and <system_error> for the words of swarm_error.hpp;
# tests/tidy/core_symbols.py sees who uses what.
CORE_STANDARD_HEADERS = set(
    """algorithm any array bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes climits cmath compare concepts
    cstddef cstdint cstdio cstdlib cstring deque exception expected forward_list functional initializer_list iterator
    limits list map memory memory_resource new numbers numeric optional queue ranges ratio set source_location span stack
    stdexcept string string_view system_error tuple type_traits typeindex typeinfo unordered_map unordered_set utility variant
    vector version""".split()
)

# name -> what to use instead. Looked for in core and net-sim, outside comments and string literals.
BANNED = {
    r"\brandom_device\b": "Rng",
    r"\b(?:default_random_engine|mt19937(?:_64)?|minstd_rand0?)\b": "Rng",
    r"\bstd\s*::\s*\w+_distribution\b": "Rng: distributions differ between standard libraries",
    r"\bstd\s*::\s*(?:ranges\s*::\s*)?(?:shuffle|sample)\b": "Rng: the algorithm differs between standard libraries",
    r"\b(?:system_clock|high_resolution_clock|utc_clock)\b": "the now() of the step",
    r"\bsteady_clock\b": "the now() of the step",
    r"\b(?:clock_gettime|gettimeofday)\b": "the now() of the step",
    r"\b(?:getrandom|getentropy)\b": "Rng",
    r"\brandombytes\w*\b": "Rng",
    r"(?<![\w.>:])s?rand\s*\(|\bstd\s*::\s*s?rand\b": "Rng",
    r"(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&)|\bstd\s*::\s*time\b": "the now() of the step",
    r"\blong\s+double\b": "double: long double differs between machines",
    r"-?ffast-math\b|\bfast[-_]math\b": "plain IEEE arithmetic",
}

# Files of net-sim that may read the wall clock, to measure how long a run takes and to show progress. Nothing that
# they measure may reach the simulated world.
WALL_CLOCK_FILES = {"net-sim/src/world/host_clock.cpp", "net-sim/src/world/host_clock.hpp"}
WALL_CLOCKS = (r"\bsteady_clock\b", r"\b(?:clock_gettime|gettimeofday)\b")

MACHINE_PATH = re.compile(r"(?<![\w.*$}/-])/(?:home|root|work|Users|mnt)/[\w.-]+")

COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>\w*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)


def code_only(text: str) -> str:
    """The text with comments and literals blanked out, line numbers kept."""
    return COMMENT_OR_STRING.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def layer(path: Path) -> str:
    return path.parts[0]


def include_complaint(path: Path, quoted: bool, target: str, root: Path) -> str | None:
    """Why this file may not include that, or None."""
    here = layer(path)
    if here not in ("core", "net-sim", "net-real"):
        return None
    foreign = {"core": ("net-sim", "net-real"), "net-sim": ("net-real",), "net-real": ("net-sim",)}[here]
    foreign += ("tools", "tests")
    if ".." in target:
        return f"{target}: name the header from an include folder, not by '..'"
    own = [root / here / "src" / target, root / here / "include" / target, root / path.parent / target]
    if any(candidate.is_file() for candidate in own):
        return None
    for other in foreign:
        if (root / other / "src" / target).is_file() or (root / other / "include" / target).is_file():
            return f"{target} is part of {other}; {here} must not include it"
    if here != "core":
        return None
    if quoted or "/" in target or target.endswith(".h"):
        return None if target == "sodium.h" or target.startswith("sodium/") else f"core must not include {target}"
    return None if target in CORE_STANDARD_HEADERS else f"core must not include <{target}>"


def check_file(root: Path, path: Path) -> list[str]:
    text = (root / path).read_text(encoding="utf-8", errors="replace")
    complaints = [
        f"{path}:{line_of(text, m.start())}: {m.group()} is a path of one machine" for m in MACHINE_PATH.finditer(text)
    ]
    if path.suffix not in (".cpp", ".hpp"):
        return complaints

    if text.count("\n") > LINES_MAX:
        complaints.append(f"{path}: {text.count(chr(10))} lines, at most {LINES_MAX}: find the second idea in it")
    for match in INCLUDE.finditer(text):
        why = include_complaint(path, match.group(1) == '"', match.group(2), root)
        if why:
            complaints.append(f"{path}:{line_of(text, match.start(1))}: {why}")
    if layer(path) in ("core", "net-sim"):
        code = code_only(text)
        for pattern, instead in BANNED.items():
            if pattern in WALL_CLOCKS and path.as_posix() in WALL_CLOCK_FILES:
                continue
            for match in re.finditer(pattern, code):
                complaints.append(f"{path}:{line_of(code, match.start())}: {match.group().strip()} is banned; use {instead}")
        if path.parts[1] == "include" and not re.match(r"#pragma once\n+/// \S", text):
            complaints.append(f"{path}:1: a public header begins with '#pragma once' and a '///' paragraph")
    return complaints


def check(root: Path) -> tuple[int, list[str]]:
    text_suffixes = (".cpp", ".hpp", ".py", ".sh", ".txt", ".cmake", ".in", ".json", ".md", ".yaml", ".csv", "")
    paths = list(tree.files(root, *text_suffixes))
    return len(paths), [complaint for path in paths for complaint in check_file(root, path)]


HEADER = "#pragma once\n/// What it is for.\n"

# file, contents, a part of the complaint (empty: must pass).
SELF_TESTS = [
    ("core/include/cicada/good.hpp", HEADER + "#include <vector>\n#include <cicada/other.hpp>\n", ""),
    ("core/src/good.cpp", '#include <sodium.h>\n#include "private.hpp"\n// std::random_device\nauto s = "time(0)";\n', ""),
    ("core/src/times.cpp", "int a = lifetime(0) + clock.time(0) + strand(x);\n", ""),
    ("net-sim/src/good.cpp", "#include <cicada/other.hpp>\n#include <thread>\n#include <boost/asio.hpp>\n", ""),
    ("net-sim/src/world/host_clock.cpp", "clock_gettime(c, &t); std::chrono::steady_clock::now();\n", ""),
    ("core/src/world/host_clock.cpp", "clock_gettime(c, &t);\n", "is banned"),
    ("net-sim/src/world/host_clock.hpp", "getrandom(p, 8, 0);\n", "is banned"),
    ("tools/cicada-sim/good.cpp", "#include <cicada/sim/world.hpp>\n", ""),
    ("tests/unit/long.txt", "x\n" * 600, ""),
    ("README.md", "Its output is in build/work/out, see https://example.org/home/page and $HOME/x.\n", ""),
    ("core/src/a.cpp", "#include <cicada/sim/world.hpp>\n", "part of net-sim"),
    ("core/src/b.cpp", "#include <boost/asio.hpp>\n", "core must not include"),
    ("core/src/c.cpp", "#include <thread>\n", "core must not include <thread>"),
    ("core/src/d.cpp", "#include <unistd.h>\n", "core must not include"),
    ("core/src/e.cpp", '#include "../../net-sim/src/x.hpp"\n', "not by '..'"),
    ("net-sim/src/f.cpp", "#include <cicada/real/socket.hpp>\n", "part of net-real"),
    ("net-real/src/g.cpp", "#include <cicada/sim/world.hpp>\n", "part of net-sim"),
    ("net-sim/src/h.cpp", "std::random_device entropy;\n", "random_device is banned"),
    ("net-sim/src/i.cpp", "std::uniform_int_distribution<int> d;\n", "is banned"),
    ("core/src/j.cpp", "auto t = std::chrono::system_clock::now();\n", "is banned"),
    ("net-sim/src/k.cpp", "auto t = std::chrono::steady_clock::now();\n", "is banned"),
    ("core/src/l.cpp", "int x = rand();\n", "is banned"),
    ("core/src/m.cpp", "auto t = time(nullptr);\n", "is banned"),
    ("net-sim/src/n.cpp", "long  double x;\n", "is banned"),
    ("net-sim/src/o.cpp", '__attribute__((optimize)) int fast_math;\n', "is banned"),
    ("net-sim/src/p.cpp", "std::ranges::shuffle(v, g);\n", "is banned"),
    ("core/src/q.cpp", "randombytes_buf(p, 1);\n", "is banned"),
    ("tests/unit/r_test.cpp", "x;\n" * 501, "501 lines"),
    ("core/include/cicada/s.hpp", "#pragma once\n#include <vector>\n", "'///' paragraph"),
    ("net-sim/include/cicada/sim/t.hpp", "/// Words.\n#pragma once\n", "'#pragma once'"),
    ("scenarios/u.yaml", "file: " + "/ho" + "me/me/matrix.txt\n", "path of one machine"),
    ("results/v.md", "built in `" + "/wo" + "rk/x`\n", "path of one machine"),
]


def self_test() -> int:
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        targets = ("core/include/cicada/other.hpp", "core/src/private.hpp", "net-sim/include/cicada/sim/world.hpp")
        for name in targets + ("net-real/include/cicada/real/socket.hpp",):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(HEADER)
        for name, contents, expected in SELF_TESTS:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents)
            complaints = check_file(root, Path(name))
            if expected and (len(complaints) != 1 or expected not in complaints[0]):
                failures.append(f"{name}: expected one complaint with '{expected}', got {complaints}")
            if not expected and complaints:
                failures.append(f"{name}: expected no complaint, got {complaints}")
        looked_at, complaints = check(root)
        bad = sum(1 for _, _, expected in SELF_TESTS if expected)
        if len(complaints) != bad:
            failures.append(f"the whole tree: expected {bad} complaints, got {len(complaints)}")
        if looked_at < len(SELF_TESTS):
            failures.append(f"the whole tree: looked at {looked_at} of {len(SELF_TESTS)} files")
    return tree.report("source_rules self-test", len(SELF_TESTS), failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    return tree.report("source_rules", *check(arguments.root))


if __name__ == "__main__":
    sys.exit(main())
