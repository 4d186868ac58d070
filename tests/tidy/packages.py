#!/usr/bin/env python3
"""What is asked for is used: each package in tools/setup, and each find_package, pkg_check_modules and find_library in the CMake
files, has its evidence in the tables below, and the evidence is found in the sources. `--self-test` shows that what nobody uses
is found."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import tree

# What CMake finds: what a source in the same folder (or below) says that uses it.
FOUND = {
    "Boost": r"#include <boost/",
    "CICADA_MINIUPNPC": r"#include <miniupnpc/",
    "CICADA_NATPMP_LIBRARY": r"#include <natpmp.h>",
    "CICADA_SODIUM": r"#include <sodium.h>",
    "CLI11": r"#include <CLI/",
    "Catch2": r"#include <catch2/",
    "Eigen3": r"#include <Eigen/",
    "Git": r"GIT_EXECUTABLE",
    # A benchmark measures links through the headers of net-real that include OpenSSL's.
    "OpenSSL": r"#include <(openssl/|boost/asio/ssl/)|/net-real/src",
    "PkgConfig": r"pkg_check_modules\(",
    "Python3": r"Python3_EXECUTABLE",
    "Threads": r"std::j?thread\b",
    "fmt": r"#include <fmt/",
    "nlohmann_json": r"#include <nlohmann/",
    "rapidcheck": r"#include <rapidcheck",
    "yaml-cpp": r"#include <yaml-cpp/",
}

# A package of tools/setup: what some file of the project says that uses it.
PACKAGES = {
    "binutils": r"CMAKE_NM\b",
    "catch2": r"find_package\(Catch2",
    "ccache": r"CICADA_CCACHE",
    "clang-19": r"clang\+\+-19",
    "clang-format-19": r"NAMES clang-format-19",
    "clang-tidy-19": r"NAMES clang-tidy-19",
    "cmake": r"cmake_minimum_required",
    "conntrack": r"shared/natlab",
    "g++": r"\"CMAKE_CXX_COMPILER\": \"g\+\+\"",
    "git": r"GIT_EXECUTABLE|\bgit (rev-parse|describe)|COMMAND git\b",
    "faketime": r"libfaketimeMT\.so",
    "iproute2": r"shared/natlab",
    "iptables": r"shared/natlab",
    "libboost1.81-dev": r"find_package\(Boost",
    "libclang-rt-19-dev": r"-fsanitize=fuzzer",
    "libcli11-dev": r"find_package\(CLI11",
    "libeigen3-dev": r"find_package\(Eigen3",
    "libfmt-dev": r"find_package\(fmt",
    "libminiupnpc-dev": r"pkg_check_modules\(CICADA_MINIUPNPC",
    "libnatpmp-dev": r"find_library\(CICADA_NATPMP_LIBRARY",
    "librapidcheck-dev": r"find_package\(rapidcheck",
    "libsodium-dev": r"pkg_check_modules\(CICADA_SODIUM",
    "libssl-dev": r"find_package\(OpenSSL",
    "libyaml-cpp-dev": r"find_package\(yaml-cpp",
    "miniupnpd-nftables": r"shared/natlab",
    "nftables": r"shared/natlab",
    "ninja-build": r"\"generator\": \"Ninja\"",
    "nlohmann-json3-dev": r"find_package\(nlohmann_json",
    "pkg-config": r"find_package\(PkgConfig",
    "python3": r"find_package\(Python3",
}

FINDS = re.compile(r"^\s*(?:find_package|pkg_check_modules|find_library)\((\S+) ", re.MULTILINE)
SETUP = Path("tools/setup")


def said(root: Path, pattern: str, paths: list[Path]) -> bool:
    return any(re.search(pattern, (root / path).read_text(errors="replace")) for path in paths)


def listed(setup: str) -> list[str]:
    """The packages in the lists of tools/setup, one a line."""
    lists = re.findall(r"^(?:run|test)_packages=\(\n(.*?)^\)", setup, re.DOTALL | re.MULTILINE)
    return [line.split("#")[0].strip() for text in lists for line in text.splitlines()]


def check(root: Path, packages: dict[str, str] = PACKAGES) -> tuple[int, list[str]]:
    looked_at, complaints = 0, []
    everything = [p for p in tree.files(root) if p != SETUP and p.name != Path(__file__).name and p.suffix != ".md"]
    for name in listed((root / SETUP).read_text()):
        looked_at += 1
        if name not in packages:
            complaints.append(f"{SETUP}: {name} has no evidence of its use in {Path(__file__).name}")
        elif not said(root, packages[name], everything):
            complaints.append(f"{SETUP}: {name} is not used: nothing says {packages[name]}")
    for path in everything:
        # An installed package, and the project of a user in tests/package, find what others use.
        if (path.name != "CMakeLists.txt" and path.suffix != ".cmake") or "package" in path.parts:
            continue
        folder = path.parent.parent if path.parent.name in ("cmake", "port_mapping") else path.parent
        nearby = [p for p in everything if p.is_relative_to(folder)]
        for name in FINDS.findall((root / path).read_text()):
            looked_at += 1
            if name not in FOUND:
                complaints.append(f"{path}: {name} has no evidence of its use in {Path(__file__).name}")
            elif not said(root, FOUND[name], nearby):
                complaints.append(f"{path}: {name} is asked for and not used: nothing in {folder} says {FOUND[name]}")
    return looked_at, complaints


def self_test() -> int:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {
            "tools/setup": "run_packages=(\n  cmake # configures\n  libfmt-dev\n  libnobody-dev\n)\n",
            "core/CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nfind_package(fmt REQUIRED)\nfind_package(Nobody REQUIRED)\n",
            "core/src/a.cpp": "int a;\n",
            "net-sim/CMakeLists.txt": "find_package(fmt REQUIRED)\nfind_package(Eigen3 REQUIRED)\n",
            "net-sim/src/b.cpp": "#include <Eigen/Core>\n",
        }.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        looked_at, complaints = check(root, {**PACKAGES, "libfmt-dev": "#include <nothing"})
    wanted = ["libfmt-dev is not used", "libnobody-dev has no evidence", "core/CMakeLists.txt: fmt is asked for",
              "core/CMakeLists.txt: Nobody has no", "net-sim/CMakeLists.txt: fmt is asked for"]
    failures = [f"expected a complaint '{w}', got {complaints}" for w in wanted if not any(w in c for c in complaints)]
    if len(complaints) != len(wanted):
        failures.append(f"expected {len(wanted)} complaints, got {complaints}")
    return tree.report("packages self-test", looked_at, failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    return tree.report("packages", *check(arguments.root))


if __name__ == "__main__":
    sys.exit(main())
