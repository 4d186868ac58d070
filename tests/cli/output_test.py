"""What cannot be written is never success and never an abort; what a terminal gets fits it and does not control it."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios

from cli_support import SECONDS_MAX, SIMULATOR, SMALL, CliTest

# Every way of printing a result, and one that prints only what is wrong.
PRINTING = (["--help"], ["--version"], ["explain", "--keys"], ["explain", "small.yaml"], ["check", "small.yaml"],
            ["run", "small.yaml", "--json"], ["run", "small.yaml"])  # fmt: skip


def shell(command: str, *arguments: str, folder) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", "-c", command, "sh", SIMULATOR, *arguments], cwd=folder, capture_output=True, text=True,
                          timeout=SECONDS_MAX)  # fmt: skip


def on_terminal(*arguments: str, folder, columns: int = 80, **environment: str) -> str:
    """All that the program writes to a terminal of that width, both streams."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    process = subprocess.Popen([SIMULATOR, *arguments], cwd=folder, stdin=side, stdout=side, stderr=side,
                               env={**variables, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})  # fmt: skip
    os.close(side)
    text = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # The other end is closed.
            break
        if not part:
            break
        text += part
    os.close(main)
    process.wait(SECONDS_MAX)
    return text.decode(errors="surrogateescape").replace("\r\n", "\n")


class OutputTest(CliTest):
    def setUp(self):
        super().setUp()
        self.write("small.yaml", SMALL)

    def test_a_full_disk(self):
        for arguments in PRINTING:
            done = shell('exec "$@" >/dev/full', *arguments, folder=self.folder)
            self.assertEqual(done.returncode, 1, (arguments, done))
            self.assertIn("cicada-sim: standard output: cannot write: No space left on device", done.stderr)

    def test_a_closed_standard_output(self):
        for arguments in PRINTING:
            done = shell('exec "$@" >&-', *arguments, folder=self.folder)
            self.assertEqual(done.returncode, 1, (arguments, done))
            self.assertIn("standard output: cannot write", done.stderr)

    def test_a_reader_who_has_gone(self):
        for arguments in PRINTING:
            process = subprocess.Popen([SIMULATOR, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.close()
            with process.stderr:
                process.stderr.read()
            self.assertEqual(process.wait(SECONDS_MAX), -signal.SIGPIPE, arguments)

    def test_complaints_that_cannot_be_written(self):
        """The status says it all the same, and no file of the program gets the number of the closed stream."""
        self.write("wrong.yaml", "nam: x\n")
        for stream in ("2>/dev/full", "2>&-", "2>&- >&- <&-"):
            done = shell(f'exec "$@" {stream}', "check", "wrong.yaml", folder=self.folder)
            self.assertEqual(done.returncode, 2, (stream, done))
        failing = SMALL.replace("lookups.correct >= 1", "lookups.correct >= 2")
        self.write("failing.yaml", failing)
        self.assertEqual(shell('exec "$@" >&- 2>&-', "run", "failing.yaml", folder=self.folder).returncode, 1)
        self.assertTrue((self.folder / "out" / "small-seed1" / "report.html").read_text().startswith("<!"))

    def test_a_terminal_is_not_controlled_by_a_file(self):
        self.write("evil.yaml", 'name: a\n"\\e]0;owned\\a\\u202e\\u009b31m": 1\n')
        shown = on_terminal("check", "evil.yaml", folder=self.folder)
        self.assertIn("evil.yaml:2:1", shown)
        for mark in ("\x1b", "\x07", "\u202e", "\u009b"):
            self.assertNotIn(mark, shown)
        # A pipe gets what is in the file.
        self.assertIn("\u202e", self.sim("check", "evil.yaml").stderr)

    def test_narrow_terminals(self):
        for arguments in (["--help"], ["explain", "small.yaml"], ["run", "--help"]):
            wide = on_terminal(*arguments, folder=self.folder, columns=200)
            narrow = on_terminal(*arguments, folder=self.folder, columns=20)
            self.assertEqual(wide.split(), narrow.split(), arguments)
            for line in narrow.splitlines():
                # Only a single word may be too long.
                self.assertTrue(len(line) <= 20 or len(line.split()) == 1, (arguments, line))

    def test_terminals_without_utf8_and_without_control(self):
        self.write("word.yaml", SMALL.replace("A test.", "Über alles, 5 µs…"))
        self.assertIn("Über alles, 5 µs…", on_terminal("explain", "word.yaml", folder=self.folder))
        self.assertTrue(on_terminal("explain", "word.yaml", folder=self.folder, LC_ALL="C").isascii())
        self.write("long.yaml", SMALL.replace("40", "3000").replace("2min", "20min"))
        for environment, moves in (({}, True), ({"TERM": "dumb"}, False), ({"TERM": ""}, False)):
            shown = on_terminal("run", "long.yaml", folder=self.folder, **environment)
            self.assertEqual("\x1b[K" in shown, moves, environment)
