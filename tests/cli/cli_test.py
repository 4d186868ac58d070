"""All tests of this folder, or those named as arguments: cli_test.py SweepTest.test_resume."""

import unittest

from arguments_test import ArgumentsTest  # noqa: F401
from interrupt_test import InterruptTest  # noqa: F401
from output_test import OutputTest  # noqa: F401
from run_test import RunTest  # noqa: F401
from sweep_test import SweepTest  # noqa: F401

if __name__ == "__main__":
    unittest.main(verbosity=2)
