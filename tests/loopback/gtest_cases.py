"""Runs the cases of a GoogleTest program side by side: gtest_cases.py PROGRAM. For those that wait most of their time."""
import subprocess
import sys
import unittest

import side_by_side


def names_in(program):
    listed = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True).stdout
    suite = ""
    for line in listed.splitlines():
        name = line.split("#")[0].rstrip()
        if name.startswith(" "):
            yield suite + name.strip()
        elif name.endswith("."):
            suite = name


class Cases(unittest.TestCase):
    """One method for each, given below."""


def case(program, name):
    def run(self):
        done = subprocess.run([program, f"--gtest_filter={name}"], check=False)
        self.assertEqual(0, done.returncode, name)
    run.__doc__ = name
    return run


if __name__ == "__main__":
    tested = sys.argv.pop(1)
    for number, test in enumerate(names_in(tested)):
        setattr(Cases, f"test_{number:03d}", case(tested, test))
    unittest.main(testRunner=side_by_side.SideBySide)
