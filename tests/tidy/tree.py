"""Which files of the project the tidy checks look at: everything under the known folders, and the root's own files.
Build trees, version control and output folders of runs are elsewhere, so nothing has to be excluded by name."""

from pathlib import Path
from typing import Iterator

FOLDERS = ("core", "net-sim", "net-real", "scenarios", "tools", "tests", "results", ".ci")


def files(root: Path, *suffixes: str, folders: tuple[str, ...] = FOLDERS) -> Iterator[Path]:
    """Paths relative to `root`, sorted; all suffixes when none is given. Root files only with the default folders."""
    found = [p for folder in folders for p in (root / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    if folders is FOLDERS:
        # In a second work tree of git, .git is a file that names the first one.
        found += [p for p in root.glob("*") if p.is_file() and p.name != ".git"]
    for path in sorted(found):
        if not suffixes or path.suffix in suffixes:
            yield path.relative_to(root)


def sources(root: Path) -> Iterator[Path]:
    """All C++ files of the project."""
    return files(root, ".cpp", ".hpp")


def public_headers(root: Path) -> Iterator[Path]:
    """Headers that an installed Cicada offers."""
    for path in files(root, ".hpp", folders=("core", "net-sim", "net-real")):
        if path.parts[1] == "include":
            yield path


def report(check: str, looked_at: int, complaints: list[str]) -> int:
    """Prints the complaints; the exit status. A check that looked at nothing has failed."""
    for complaint in complaints:
        print(complaint)
    if not looked_at:
        print(f"{check}: nothing to look at")
        return 1
    print(f"{check}: {looked_at} looked at, {len(complaints)} complaints")
    return 1 if complaints else 0
