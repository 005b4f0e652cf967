"""Runs the cases of a test file side by side, each in a process of its own: what takes their time is waiting for speech
and timers, not computing. What a case writes is shown when it is over, so that lines of two never mix.

SIDETONE_TEST_CASES=1 runs one after the other."""
import ctypes
import os
import signal
import sys
import tempfile
import time
import unittest

# CTest runs two files to a core (cmake/testing.cmake), and a case takes a fifth of a core, with peaks: sound that is late
# is a failure.
CASES_AT_ONCE = int(os.environ.get("SIDETONE_TEST_CASES", "3"))


def end_with_parent():
    """In the child: SIGTERM when the test dies, even by a time limit that gives it no chance to clean up."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def cases_of(suite):
    if isinstance(suite, unittest.TestCase):
        return [suite]
    return [case for part in suite for case in cases_of(part)]


def slow(method):
    """Marks a case that takes longer than the others of its file."""
    method.slow = True
    return method


def is_slow(case):
    return getattr(getattr(case, case._testMethodName, None), "slow", False)


class RunningCase:
    def __init__(self, test):
        self.test, self.began = test, time.monotonic()
        self.output = tempfile.TemporaryFile()
        sys.stdout.flush()
        sys.stderr.flush()
        self.process = os.fork()
        if self.process == 0:
            self._run()

    def _run(self):
        """In the child. It never returns, so that nothing of the parent's end is done twice."""
        status = 2
        try:
            os.dup2(self.output.fileno(), 1)
            os.dup2(self.output.fileno(), 2)
            end_with_parent()
            status = 0 if unittest.TextTestRunner(verbosity=0).run(self.test).wasSuccessful() else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def text(self):
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")


class Outcome:
    def __init__(self):
        self.failed = []

    def wasSuccessful(self):  # unittest's name for it
        return not self.failed


class SideBySide:
    """A runner for unittest.main()."""

    def __init__(self, failfast=False, **_):
        self.failfast = failfast
        self.running = {}
        self.outcome = Outcome()

    def run(self, suite):
        began = time.monotonic()
        # The slow ones first, so that none of them is alone at the end.
        waiting = sorted(cases_of(suite), key=is_slow, reverse=True)
        count = len(waiting)
        while waiting or self.running:
            while waiting and len(self.running) < CASES_AT_ONCE:
                case = RunningCase(waiting.pop(0))
                self.running[case.process] = case
            self._wait_for_one()
            if self.failfast and self.outcome.failed:
                waiting.clear()
        if count == 0:
            self.outcome.failed.append("there is no such case")
        print(f"Ran {count} tests in {time.monotonic() - began:.1f}s", file=sys.stderr)
        for test in self.outcome.failed:
            print(f"FAILED: {test}", file=sys.stderr)
        return self.outcome

    def _wait_for_one(self):
        process, status = os.wait()
        case = self.running.pop(process)
        passed = status == 0
        print(f"{case.test} ... {'ok' if passed else 'FAILED'}, {time.monotonic() - case.began:.1f} s\n{case.text()}",
              file=sys.stderr)
        if not passed:
            self.outcome.failed.append(case.test)
