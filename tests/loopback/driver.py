"""Drives the real programs from tests: start one, send it commands, wait for what it tells, until a deadline.

Every test has a private folder and ports of its own; nothing sleeps. What the programs wrote is printed when
a test fails, and searched for secrets when it passes.
"""
import array
import json
import math
import os
import queue
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import side_by_side
from side_by_side import end_with_parent

SIDETONE = os.environ.get("SIDETONE", "sidetone")
SIDETONE_LAB = os.environ.get("SIDETONE_LAB", "sidetone-lab")
SPEECH_CHECK = os.environ.get("SPEECH_CHECK", "speech-check")

PATIENCE_S = 20  # for what takes milliseconds; a loaded machine and sanitizers need the rest
SKIPPED = 77  # the exit code that CTest counts as skipped
SANITIZER_REPORT = re.compile(r"(WARNING|ERROR): \w+Sanitizer.*|.*: runtime error: .*")
PASSWORD = "xyzzy-4711-plugh"  # must never be seen in what the programs write; tools/find-secrets knows it


_claims = []  # sockets whose names say which ports this process has


def free_port(ip="127.0.0.1", span=1):
    """The first of `span` ports that are free now, for UDP and TCP, and that no other test gets while this process
    lives (tests/ports does the same in C++: a name in the abstract namespace is a claim). They lie below what the
    system gives to port 0, below the lab's media ports (16384) and above a phone's (9000-9999)."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    for _ in range(1000):
        port = random.randrange(10000, 16384 - span, 2)
        try:
            for each in range(port, port + span):
                claim = socket.socket(socket.AF_UNIX)
                _claims.append(claim)
                claim.bind(f"\0sidetone-test-port-{each}")
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    with socket.socket(family, kind) as probe:
                        probe.bind((ip, each))
            return port
        except OSError:
            continue
    raise AssertionError(f"no {span} free ports between 10000 and 16383")


def until(condition, what, seconds=PATIENCE_S):
    """Waits for a condition that nothing announces (a file, a port of a foreign program)."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)  # between two looks at the condition


def until_written(path, text):
    """Until a file that a running program writes has the text; all of it."""
    def found():
        with open(path, encoding="utf-8", errors="replace") as file:
            content = file.read()
        return content if text in content else None

    return until(found, f"{path} has: {text}")


def udp_port_is_open(port):
    for name in ("udp", "udp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            if any(line.split()[1].endswith(f":{port:04X}") for line in list(table)[1:]):
                return True
    return False


def tcp_port_is_open(port):
    """Somebody listens there; nothing is connected to find out."""
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            if any(f":{port:04X}" in line.split()[1] and line.split()[3] == "0A" for line in list(table)[1:]):
                return True
    return False


class Program:
    """A child process in the test's folder. Its lines are read by a thread, so that no wait can hang."""

    def __init__(self, arguments, folder, name, environment=None):
        self.name, self.folder = name, folder
        self.output = os.path.join(folder, f"{name}.out")
        self.errors = os.path.join(folder, f"{name}.err")
        self.lines = queue.Queue()
        self.seen = []
        with open(self.errors, "wb") as errors:
            # A group of its own: a program that forks is ended as a whole.
            self.process = subprocess.Popen(
                arguments, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, **(environment or {})}, start_new_session=True,
                preexec_fn=end_with_parent)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with open(self.output, "wb") as copy:
            for line in self.process.stdout:
                copy.write(line)
                copy.flush()
                self.lines.put(line.decode("utf-8", "replace").rstrip("\n"))
        self.lines.put(None)

    def write(self, text):
        self.process.stdin.write(text.encode() if isinstance(text, str) else text)
        self.process.stdin.flush()

    def next_line(self, deadline):
        """None when the program has ended or the time is over."""
        try:
            line = self.lines.get(timeout=max(0.001, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if line is None:
            self.lines.put(None)
        else:
            self.seen.append(line)
        return line

    def wait_line(self, text, seconds=PATIENCE_S):
        deadline = time.monotonic() + seconds
        while (line := self.next_line(deadline)) is not None:
            if text in line:
                return line
        raise AssertionError(f"{self.name} did not print '{text}' but:\n" + "\n".join(self.seen[-20:]))

    def wait_exit(self, seconds=PATIENCE_S):
        try:
            status = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {seconds} s") from None
        self.reader.join(timeout=5)
        return status

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        """The whole group, at once; harmless when it is over."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.reader.join(timeout=5)
        self.process.stdin.close()
        self.process.stdout.close()

    def end(self):
        """When its test is over. What is wrong with its end, or None."""
        self.kill()

    def leave(self, ask):
        """Asked to end by `ask`, it ends by itself and with 0: only so it finds what it has not given back
        (LeakSanitizer looks at the end of a program). One that the test has ended is left alone."""
        try:
            if self.process.poll() is None:
                ask()
                status = self.wait_exit()
                return None if status == 0 else f"{self.name} ended with {status}"
        except AssertionError as still_runs:
            return str(still_runs)
        finally:
            self.kill()

    def error_text(self):
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read()


class JsonProgram(Program):
    """Takes commands and tells events as JSON lines."""

    def __init__(self, arguments, folder, name, environment=None):
        super().__init__(arguments, folder, name, environment)
        self.events = []

    def send(self, command, **fields):
        self.write(json.dumps({"command": command, **fields}) + "\n")

    def wait(self, event, where=lambda _: True, seconds=PATIENCE_S, what=""):
        """The next event of that kind for which `where` holds. Those before it are passed over."""
        deadline = time.monotonic() + seconds
        while (line := self.next_line(deadline)) is not None:
            told = json.loads(line)
            self.events.append(told)
            if told["event"] in (event if isinstance(event, tuple) else (event,)) and where(told):
                return told
        raise AssertionError(f"{self.name}: no {event} {what}; its last events:\n" +
                             "\n".join(self.seen[-12:]) + "\n" + self.error_text())

    def told(self, event, where=lambda _: True):
        """How many such events came, up to what was waited for last. For things that have no order."""
        return sum(told["event"] == event and where(told) for told in self.events)


class Lab(Program):
    """`sidetone-lab`."""

    def end(self):
        return self.leave(self.terminate)


class Phone(JsonProgram):
    """`sidetone phone`."""
    audio = "none"

    def __init__(self, arguments, folder, name, environment=None):
        self.log = os.path.join(folder, f"{name}.log")
        self.log_read = 0
        super().__init__([SIDETONE, "phone", "--audio", self.audio, "--log", self.log, "--debug", *arguments],
                         folder, name, environment)

    def wait_line_state(self, state, line=0, seconds=PATIENCE_S):
        return self.wait("line_changed", lambda e: e["line"]["line"] == line and e["line"]["state"] == state,
                         seconds, state)["line"]

    def wait_call(self, seconds=PATIENCE_S, **fields):
        """The next call event in which the call has these fields."""
        return self.wait(("call_added", "call_changed", "call_ended"),
                         lambda e: all(e["call"].get(key) == value for key, value in fields.items()),
                         seconds, str(fields))["call"]

    def wait_log(self, text):
        """Until the log says so once more than when it was asked last."""
        def said():
            with open(self.log, encoding="utf-8") as log:
                log.seek(self.log_read)
                found = log.read().find(text)
            return found >= 0 and found + 1

        self.log_read += until(said, f"the log says: {text}")

    @property
    def heard_report(self):
        """Whether a call that ended had read an RTCP report of the peer."""
        return self.told("call_ended", lambda e: "remote_sender" in e["statistics"]) > 0

    def wait_ended(self, reason, seconds=PATIENCE_S):
        call = self.wait("call_ended", seconds=seconds)["call"]
        if call["end_reason"] != reason:
            raise AssertionError(f"{self.name}: the call ended by {call['end_reason']}, not {reason}")
        return call

    def stop(self):
        """Orderly; returns when everything is told and the program has ended with 0."""
        if self.process.poll() is None:
            self.terminate()
        self.wait("stopped")
        status = self.wait_exit()
        if status != 0:
            raise AssertionError(f"{self.name} ended with {status}")


class TestCase(unittest.TestCase):
    """A folder, programs in it, and a look at what they wrote when all is over."""

    def run(self, result=None):
        self.folder = tempfile.mkdtemp(prefix="sidetone-test-")
        self.programs = []
        self.addCleanup(self._end_programs)
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self._show_files()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end_programs(self):
        faults = [fault for program in self.programs if (fault := program.end())]
        self._keep_outputs()
        self.assert_no_secret()
        self.assert_no_sanitizer_report()
        self.assertEqual([], faults)

    def _keep_outputs(self):
        """For tools/find-secrets, which searches the whole run: those of our own programs more strictly."""
        kept = os.environ.get("SIDETONE_TEST_LOGS")
        if not kept:
            return
        for program in self.programs:
            ours = "ours" if hasattr(program, "log") else "others"
            script = os.path.splitext(os.path.basename(sys.argv[0]))[0]
            folder = os.path.join(kept, f"{script}.{self.id()}", ours)
            os.makedirs(folder, exist_ok=True)
            for path in {program.output, program.errors, getattr(program, "log", program.output)}:
                if os.path.exists(path):
                    shutil.copy(path, folder)

    def _show_files(self):
        print(f"--- {self.id()}", file=sys.stderr)
        for root, _, names in os.walk(self.folder):
            for name in sorted(names):
                if not name.endswith((".out", ".err", ".log")):
                    continue
                with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
                    text = file.read()
                print(f"--- {name}, its end:\n{text[-6000:]}", file=sys.stderr)

    def assert_no_secret(self):
        for program in self.programs:
            for path in (program.output, program.errors, getattr(program, "log", program.output)):
                if os.path.exists(path):
                    with open(path, "rb") as file:
                        self.assertNotIn(PASSWORD.encode(), file.read(), f"a password is in {path}")

    def assert_no_sanitizer_report(self):
        """A report does not always show otherwise: ThreadSanitizer goes on, and what is killed has no exit code."""
        for program in self.programs:
            report = SANITIZER_REPORT.search(program.error_text())
            self.assertIsNone(report, f"{program.name}: {report and report.group()}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, kind, arguments, name, **more):
        program = kind(arguments, self.folder, name, **more)
        self.programs.append(program)
        return program

    def lab(self, ip="127.0.0.1", users=(), port=0, name="lab"):
        arguments = [SIDETONE_LAB, "--listen", f"{'[::1]' if ':' in ip else ip}:{port}", "--print-port",
                     "--folder", self.path(name), "--log", self.path(f"{name}.log"), "--debug"]
        if port:
            arguments += ["--control", "off"]  # or its control would have a fixed port, too
        for user in users:
            arguments += ["--user", user]
        program = self.start(Lab, arguments, name)
        program.log = self.path(f"{name}.log")
        line = program.next_line(time.monotonic() + PATIENCE_S)
        if not (line or "").isdigit():
            raise AssertionError(f"the lab did not start: {line} {program.error_text()}")
        program.port = int(line)
        program.address = f"{'[::1]' if ':' in ip else ip}:{line}"
        return program

    def tls_lab(self, *arguments):
        """Its address is the one for TLS; its certificate is signed by itself."""
        lab = self.start(Program, [SIDETONE_LAB, "--listen", "127.0.0.1:0", "--print-port", "--folder", self.path("lab"),
                                   "--log", self.path("lab.log"), "--debug", "--tls-port", "0", *arguments], "lab")
        lab.log = self.path("lab.log")
        deadline = time.monotonic() + PATIENCE_S
        ports = [lab.next_line(deadline), lab.next_line(deadline)]
        self.assertTrue(all(port and port.isdigit() for port in ports), f"{ports} {lab.error_text()}")
        lab.address = f"127.0.0.1:{ports[1]}"
        lab.certificate = self.path("lab/lab-certificate.pem")
        return lab

    def phone(self, *arguments, name="phone", environment=None):
        """Started, and ready to take commands."""
        phone = self.start(Phone, list(arguments), name, environment=environment)
        phone.wait("started")
        return phone

    def registered_phone(self, lab, user, *arguments, environment=None):
        phone = self.phone("--server", lab.address, "--user", user, *arguments, name=f"phone-{user}",
                           environment=environment)
        phone.wait_line_state("ready")
        return phone

    def run_program(self, *arguments, environment=None, input_text="", seconds=PATIENCE_S):
        """Runs `sidetone` to its end: exit code, stdout and stderr."""
        done = subprocess.run([SIDETONE, *arguments], cwd=self.folder, input=input_text, text=True,
                              capture_output=True, timeout=seconds, check=False,
                              env={**os.environ, **(environment or {})})
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done.returncode, done.stdout, done.stderr

    def write_file(self, name, content):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path


def speech(path, rate, seconds, silence=0.0, start=0, after=10):
    """Real speech as a mono WAV file, from second `start` of what there is (some ten seconds), after `silence` seconds
    of nothing; silence follows it for `after` seconds."""
    folder = "/usr/share/sounds/alsa/"
    names = ("Front_Center", "Front_Left", "Front_Right", "Rear_Center", "Rear_Left", "Rear_Right", "Side_Left")
    sox(*(f"{folder}{name}.wav" for name in names), "-r", str(rate), "-c", "1", "-b", "16", path, "trim",
        str(start), str(seconds), "pad", str(silence), str(after))
    return path


def channels(path, left, right):
    """The two channels of a stereo recording, as files of their own."""
    for number, channel in enumerate((left, right), 1):
        sox(path, channel, "remix", str(number))
    return left, right


def recorded_s(path):
    """How long a recording of Sidetone's (48 kHz, 16 bits, mono) is by now."""
    return max(0, os.path.getsize(path) - 44) / 96000 if os.path.exists(path) else 0


def until_recorded(path, seconds):
    until(lambda: recorded_s(path) >= seconds, f"{path} grows to {seconds} s", PATIENCE_S + seconds)


def loudness_now(path):
    """RMS of the last half second of such a recording, while it grows; 1 is full scale."""
    half_second = 48000
    size = os.path.getsize(path) if os.path.exists(path) else 0
    if size < 44 + half_second:
        return 0
    with open(path, "rb") as file:
        file.seek((size - half_second) // 2 * 2)
        samples = array.array("h", file.read(half_second))
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768


def sox(*arguments):
    subprocess.run(["sox", "-D", *arguments], check=True, timeout=PATIENCE_S)


def check_speech(sent, received, wideband=False, foreign_encoder=False, low_rate=False):
    """The one judge of all audio tests (lab/speech)."""
    options = (["--real-time"] + ["--wideband"] * wideband + ["--foreign-encoder"] * foreign_encoder +
               ["--low-rate"] * low_rate)
    done = subprocess.run([SPEECH_CHECK, sent, received, *options], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    print(f"  {os.path.basename(received)}: {done.stdout.strip()}", file=sys.stderr)
    if done.returncode != 0:
        raise AssertionError(f"{sent} did not arrive as {received}: {done.stdout}")


def path_of(program):
    """None when it is not there. Debian keeps servers in a folder that is in the PATH of root only."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")


def needs(peer, program):
    """Ends the test file: skipped when SIDETONE_SKIP names the peer, failed when its program is not there."""
    if peer in os.environ.get("SIDETONE_SKIP", "").split(","):
        print(f"SIDETONE_SKIP leaves {peer} out")
        sys.exit(SKIPPED)
    if path_of(program) is None:
        print(f"missing: {program}. Run tools/deps, or leave its tests out with SIDETONE_SKIP={peer}")
        sys.exit(1)


def main():
    unittest.main(testRunner=side_by_side.SideBySide)
