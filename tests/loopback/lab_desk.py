"""A T-Library client and its phones in a test: requests through `sidetone-lab ctl`, events as they come, and who hears
whom while a scenario stands still for a moment."""
import json
import os
import subprocess

import driver

WHO_SPEAKS = os.environ.get("WHO_SPEAKS", "who-speaks")
LISTEN_S, LISTEN_TO_A_MIX_S = 2.5, 3.5  # the second: all words of everybody
THERE = 0.2  # share of the words heard: in a mix each has 0.35 or more, an absent voice hardly any
QUIET_DBFS = -50


class Client(driver.JsonProgram):
    """`sidetone-lab ctl events`."""

    def end(self):
        return self.kill()


class Desk(driver.TestCase):
    """The lab, phones that speak with voices of their own, and what T-Library tells."""

    def setUp(self):
        self.phones, self.calls, self.voices = {}, {}, {}

    def open_lab(self, *options):
        self.the_lab = self.start(driver.Lab, [
            driver.SIDETONE_LAB, "--listen", "127.0.0.1:0", "--print-port", "--control", "127.0.0.1:0", "--folder",
            self.path("lab"), "--log", self.path("lab.log"), "--debug", *options], "lab")
        self.the_lab.log = self.path("lab.log")
        self.the_lab.address = "127.0.0.1:" + self.the_lab.wait_line("")
        self.control = "127.0.0.1:" + self.the_lab.wait_line("")
        self.client = self.start(Client, [driver.SIDETONE_LAB, "ctl", "events", "--for", "600", "--control",
                                          self.control], "events")

    def give_voice(self, dn):
        """A file of three seconds, the next of the voices that there are."""
        place = len(self.voices)
        plain, voice = self.path(f"{dn}-plain.wav"), self.path(f"{dn}-voice.wav")
        driver.speech(plain, 8000, 3, start=3 * place, after=0)
        driver.sox(plain, voice, "pitch", str((0, 400, -400)[place]))
        self.voices[dn] = voice
        return voice

    def open_phone(self, dn, *options):
        """A phone that speaks with a voice of its own as long as it has a call."""
        voice = self.give_voice(dn)
        self.phones[dn] = self.registered_phone(self.the_lab, dn, "--codecs", "pcmu", "--speak", voice, *options)
        return self.phones[dn]

    # --- T-Library
    def ask(self, request, dn, other=None, *options):
        """Exit code of ctl, whose last event is the one that ends the request."""
        done = subprocess.run([driver.SIDETONE_LAB, "ctl", "--control", self.control, request, dn,
                               *([other] if other else []), *options], text=True, capture_output=True, timeout=60,
                              check=False)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, told[-1] if told else done.stderr

    def request(self, request, dn, other=None, *options):
        """One that must succeed."""
        code, last = self.ask(request, dn, other, *options)
        self.assertEqual(0, code, f"{request} {dn} {other or ''}: {last}")
        return last

    def wait_event(self, name, this_dn, other_dn=None):
        """Passes over the events before it."""
        return self.client.wait(name, lambda e: e.get("this_dn") == this_dn and
                                (other_dn is None or e.get("other_dn") == other_dn), what=f"({this_dn},{other_dn})")

    # --- who hears whom
    def connected(self, dn, **fields):
        """The phone's call that has just become connected."""
        self.calls[dn] = self.phones[dn].wait_call(state="connected", **fields)["call"]
        return self.calls[dn]

    def listen(self, title, hears, calls=None):
        """For a moment every phone records what it hears; `hears`: by listener, the DNs that he must hear, and nobody
        else; "music" or "tone" for the media server's, which is nobody's voice."""
        calls = calls or {}
        files = {}
        for dn in hears:
            files[dn] = self.path(f"{title}-{dn}.wav")
            self.phones[dn].send("record", call=calls.get(dn, self.calls[dn]), path=files[dn])
        mixed = any(isinstance(wanted, list) and len(wanted) > 1 for wanted in hears.values())
        size = 44 + (LISTEN_TO_A_MIX_S if mixed else LISTEN_S) * 192000
        for dn, path in files.items():
            driver.until(lambda path=path: os.path.exists(path) and os.path.getsize(path) >= size,
                         f"{path} grows")
        for dn in hears:
            self.phones[dn].send("record", call=calls.get(dn, self.calls[dn]), path="")
            self.phones[dn].wait("call_changed", lambda e: not e["call"].get("recording"))
        for dn, wanted in hears.items():
            self.check(title, dn, files[dn], wanted)

    def check(self, title, dn, path, wanted):
        heard = self.path("heard.wav")
        driver.sox(path, heard, "remix", "2")
        # The first moment still has what was in the jitter buffer before.
        late = self.path("late.wav")
        driver.sox(heard, late, "trim", "0.3")
        names = list(self.voices)
        done = subprocess.run([WHO_SPEAKS, late, *self.voices.values()], text=True, capture_output=True, timeout=60,
                              check=True)
        told = json.loads(done.stdout)
        voices = [name for name, share in zip(names, told["shares"]) if share >= THERE]
        loud = told["loudness"] > QUIET_DBFS
        what = f"{title}: {dn} hears {voices or ('something' if loud else 'silence')}, {told}"
        print("  " + what)
        if wanted in ("music", "tone"):
            self.assertTrue(loud and not voices, what)
        elif not wanted:
            self.assertFalse(loud or voices, what)
        else:
            self.assertEqual(sorted(wanted), sorted(voices), what)
