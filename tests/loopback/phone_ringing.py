"""Proves with a real PulseAudio and with a real PipeWire that ringing is heard on the devices of ringing_enabled, with their files, and that it
stops when the call is answered; that files which cannot be played are named; and that nobody else hears it."""
import re
import subprocess
import time

import driver
from configuration import softphone_config
from side_by_side import slow
from sound_servers import Ear, PipeWire, SoundServer

from phone_devices import SoundPhone


def peak(path):
    """Of a sound file: 1 is full scale."""
    stat = subprocess.run(["sox", path, "-n", "stat"], text=True, capture_output=True, timeout=driver.PATIENCE_S,
                          check=True).stderr
    return max(abs(float(value)) for value in re.findall(r"(?:Maximum|Minimum) amplitude:\s*(\S+)", stat))


class Ringing:
    """The classes below say by which server."""
    server = SoundServer

    def setUp(self):
        self.sound = self.server(self)
        for name, description in (("builtin", "Built-in Audio"), ("jabra", "Jabra EVOLVE 20"), ("bell", "Loud Bell")):
            self.sound.plug(name, description)
        self.sound.set_default("sink", "builtin.out")
        self.sound.set_default("source", "builtin.in")
        self.the_lab = self.lab()
        self.ears = {}

    def start_phone(self, media=None, **session):
        config = self.write_file("phone.config", softphone_config(
            [("7001", self.the_lab.address, "udp")], session=session, media=media,
            device={"use_headset": 1, "headset_name": "Jabra", "ringer_device": "Loud.*"}))
        phone = self.start(SoundPhone, ["--config", config], "phone", environment=self.sound.environment)
        phone.wait_line_state("ready")
        phone.send("snapshot")
        if not phone.wait("snapshot")["devices"]["headset_available"]:
            phone.wait("devices_changed", lambda e: e["devices"]["headset_available"])
        self.ears = {name: Ear(self.sound, f"{name}.out", wait=False) for name in ("builtin", "jabra", "bell")}
        for ear in self.ears.values():
            ear.wait()
        return phone

    def caller(self):
        return self.registered_phone(self.the_lab, "7002")

    def assert_heard(self, moment, *names):
        """On these devices, after the moment, and on no other since then."""
        for name in names:
            self.ears[name].first_after(moment)
        for name, ear in self.ears.items():
            if name not in names:
                self.assertFalse([at for at in ear.heard_at if at > moment], f"{name} is silent")

    def assert_silent(self, after):
        """All is still after `after` and what a busy sound server had left, for longer than the ringtone pauses."""
        left_s, pause_s = 1.5, 4.2
        driver.until(lambda: time.monotonic() > after + left_s + pause_s, "time passes", 10)
        for name, ear in self.ears.items():
            late = [at - after for at in ear.heard_at if at > after + left_s]
            self.assertFalse(late, f"{name} is still heard {late[:1]} s after the answer")

    def ring(self, phone, caller):
        began = time.monotonic()
        caller.send("dial", target="7001")
        phone.wait("tones_changed", lambda e: e["tones"]["alert"] == "ringing")
        return began

    def test_rings_where_the_option_says_and_stops_with_the_answer(self):
        phone = self.start_phone(ringing_enabled=5)
        caller = self.caller()
        began = self.ring(phone, caller)
        self.assert_heard(began, "bell", "builtin")
        phone.send("answer")
        phone.wait("tones_changed", lambda e: e["tones"]["alert"] == "none")
        answered = time.monotonic()
        caller.wait_call(state="connected")
        self.assert_silent(answered)
        driver.until(lambda: self.sound.sinks_heard() == {"jabra.out"}, "only the call's device is open")
        phone.stop()

    def test_each_value_on_its_devices(self):
        for value, names in ((1, ("builtin",)), (2, ("jabra",)), (3, ("jabra", "builtin")), (4, ("bell",))):
            with self.subTest(ringing_enabled=value):
                phone = self.start_phone(ringing_enabled=value)
                caller = self.caller()
                began = self.ring(phone, caller)
                self.assert_heard(began, *names)
                caller.send("hang_up")
                phone.wait_ended("cancelled_there")
                phone.stop()
                caller.stop()

    def test_off(self):
        phone = self.start_phone(ringing_enabled=0)
        caller = self.caller()
        began = time.monotonic()
        caller.send("dial", target="7001")
        phone.wait_call(state="ringing")
        self.assert_silent(began)
        phone.stop()

    @slow
    def test_once_is_not_cut_by_the_answer_and_is_never_said(self):
        tone = self.path("zip.wav")
        driver.sox("-n", "-r", "16000", "-c", "2", "-b", "16", tone, "synth", "2", "sine", "600", "gain", "-6")
        heard_there = self.path("caller.wav")
        phone = self.start_phone(ringing_enabled=6, ringing_file=tone, auto_answer=1, auto_answer_delay=0,
                                 ringing_timeout=1)
        caller = self.phone("--server", self.the_lab.address, "--user", "7002", "--record", heard_there, name="caller")
        caller.wait_line_state("ready")
        began = time.monotonic()
        caller.send("dial", target="7001")
        caller.wait_call(state="connected")
        phone.wait("tones_changed", lambda e: e["tones"]["alert"] == "none")
        ended = time.monotonic()
        heard = [at for at in self.ears["jabra"].heard_at if at > began]
        self.assertGreater(heard[-1] - heard[0], 1.7, "the whole file is heard")
        self.assertLess(ended - began, 6, "and once only")
        self.assert_silent(ended)
        caller.send("hang_up")
        caller.wait_ended("hung_up_here")
        caller.stop()
        self.assertLess(peak(heard_there), 0.001, "the far end hears nothing of it")
        phone.stop()

    @slow
    def test_files_are_heard_where_they_belong_and_bad_ones_are_named(self):
        headset, system = self.path("headset.wav"), self.path("ringing.mp3")
        driver.sox("-n", "-r", "8000", "-e", "a-law", headset, "synth", "1", "sine", "500", "gain", "-6")
        self.write_file("ringing.mp3", b"\xff\xfb\x90\x64" + bytes(400))
        phone = self.start_phone(ringing_enabled=3, ringing_file=headset, ringing_timeout=3,
                                 callwait_tone_file=self.path("nowhere.wav"), media={"ringing_file": system})
        text = " ".join(e["problem"]["text"] for e in phone.events if e["event"] == "warning")
        self.assertIn(f"system.media.ringing_file: sound file {system}: MP3 cannot be played", text)
        self.assertIn(f"policy.session.callwait_tone_file: sound file {self.path('nowhere.wav')}: No such file", text)
        caller = self.caller()
        began = self.ring(phone, caller)
        self.assert_heard(began, "jabra", "builtin")
        phone.wait("tones_changed", lambda e: e["tones"]["alert"] == "none")
        stopped = time.monotonic()
        self.assertGreater(stopped - began, 2.9, "ringing_timeout")
        self.assert_silent(stopped)
        caller.send("hang_up")
        phone.stop()

    def test_each_file_is_heard_where_its_option_says(self):
        files = {hz: self.path(f"{hz}.wav") for hz in (550, 650, 750, 850)}
        for hz, path in files.items():
            driver.sox("-n", "-r", "8000", "-b", "16", path, "synth", "1", "sine", str(hz), "gain", "-6")
        phone = self.start_phone(ringing_enabled=3, ringing_file=files[550], media={"ringing_file": files[650]},
                                 callwait_tone_file=files[750], ringback_file=files[850])
        caller = self.caller()
        began = self.ring(phone, caller)
        self.ears["jabra"].wait_pitch(began, 550)
        self.ears["builtin"].wait_pitch(began, 650)
        phone.send("answer")
        phone.wait_call(state="connected")
        second = self.registered_phone(self.the_lab, "7003")
        began = time.monotonic()
        second.send("dial", target="7001")
        self.ears["jabra"].wait_pitch(began, 750)
        for other in (second, caller):
            other.send("hang_up")
            other.wait("call_ended")
        began = time.monotonic()
        phone.send("dial", target="7002")
        self.ears["jabra"].wait_pitch(began, 850)
        phone.stop()

    def test_ringer_volume_and_test(self):
        phone = self.start_phone(ringing_enabled=4)
        began = time.monotonic()
        phone.send("test_ringer")
        phone.wait("tones_changed", lambda e: e["tones"]["alert"] == "none")
        self.assert_heard(began, "bell")
        phone.send("ringer_volume", percent=0)
        phone.wait("devices_changed", lambda e: e["devices"]["ringer_volume"] == 0)
        quiet = time.monotonic() + 0.3  # what the sound server still holds
        driver.until(lambda: time.monotonic() > quiet, "it has played that")
        phone.send("test_ringer")
        phone.wait("tones_changed", lambda e: e["tones"]["alert"] == "none")
        self.assert_heard(quiet)
        phone.stop()

    def test_ringback_is_heard_on_the_headset_until_the_answer(self):
        phone = self.start_phone(ringback_enabled=2)
        callee = self.caller()
        began = time.monotonic()
        phone.send("dial", target="7002")
        phone.wait("tones_changed", lambda e: e["tones"]["ringback"])
        self.assert_heard(began, "jabra")
        callee.wait_call(state="ringing")
        callee.send("answer")
        phone.wait("tones_changed", lambda e: not e["tones"]["ringback"])
        self.assert_silent(time.monotonic())
        phone.stop()

    def digits_are_heard_by_who_presses_them(self, feedback, *methods):
        for method in methods:
            with self.subTest(dtmf_feedback=feedback, dtmf_method=method):
                phone = self.start_phone(dtmf_feedback=feedback, dtmf_method=method)
                phone.send("dial", target="7104")  # the recorder, which says nothing
                phone.wait_call(state="connected")
                driver.until(lambda: self.sound.sinks_heard() == {"jabra.out"}, "the headset is open")
                plays = time.monotonic() + 2  # a stream that is there need not run yet
                driver.until(lambda: time.monotonic() > plays, "it plays")
                began = time.monotonic()
                phone.send("dtmf", digits="123")
                phone.wait("dtmf_sent")
                if feedback:
                    self.assert_heard(began, "jabra")
                else:
                    through = time.monotonic() + 0.5  # what the sound server still holds
                    driver.until(lambda: time.monotonic() > through, "it has played that")
                    self.assert_heard(began)
                phone.stop()

    @slow
    def test_digits_are_heard_by_who_presses_them(self):
        self.digits_are_heard_by_who_presses_them(1, "Rfc2833", "Info", "InbandRtp")

    @slow
    def test_digits_are_not_heard_when_dtmf_feedback_is_0(self):
        self.digits_are_heard_by_who_presses_them(0, "Rfc2833", "InbandRtp")


class ByPulseAudio(Ringing, driver.TestCase):
    pass


class ByPipeWire(Ringing, driver.TestCase):
    server = PipeWire


if __name__ == "__main__":
    for server, programs in (("pulseaudio", SoundServer.programs), ("pipewire", PipeWire.programs)):
        for program in programs:
            driver.needs(server, program)
    driver.main()
