"""Proves that speech comes through the real programs by every codec, each as it is enabled alone, with its name told
by the events; and that a call with nothing in common is refused."""
import subprocess

import driver
from configuration import softphone_config

SPEECH_S = 5
# what is enabled: (as the events tell it, wideband, low rate)
CODECS = {
    "pcmu": ("PCMU/8000", False, False),
    "pcma": ("PCMA/8000", False, False),
    "G722/16000": ("G722/16000", True, False),
    "iLBC=(fmtp=\"mode=20\")": ("iLBC/8000", False, True),
    "iLBC=(pt=97)": ("iLBC/8000", False, True),
    "iSAC/16000": ("iSAC/16000", True, False),
    "iSAC/32000=(pt=110)": ("iSAC/32000", True, False),
    "g729=(fmtp=\"annexb=no\")": ("G729/8000", False, True),
    "OPUS": ("opus/48000", True, False),
}


class Codecs(driver.TestCase):
    def start_call(self, name, enabled, speech):
        port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                           "--codecs", enabled, "--record", self.path(f"{name}.wav"), name=name)
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        call = subprocess.Popen(
            [driver.SIDETONE, "call", "7001", "--server", f"127.0.0.1:{port}", "--no-register", "--audio", "none",
             "--seconds", str(SPEECH_S + 3), "--codecs", enabled, "--speak", speech],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)
        return phone, call

    def test_speech_by_every_codec(self):
        speech = driver.speech(self.path("says.wav"), 48000, SPEECH_S, silence=1)
        names = {enabled: f"phone-{i}" for i, enabled in enumerate(CODECS)}
        waiting = list(CODECS)
        while waiting:  # encoders compute: three calls at a time
            now, waiting = waiting[:3], waiting[3:]
            self.speech_by({enabled: self.start_call(names[enabled], enabled, speech) for enabled in now}, speech)

    def speech_by(self, calls, speech):
        for enabled, (phone, call) in calls.items():
            with self.subTest(enabled):
                told, wideband, low_rate = CODECS[enabled]
                self.assertEqual(told, phone.wait_call(state="connected")["codec"])
                quality = phone.wait_ended("hung_up_there")["quality"]
                self.assertEqual(0, quality["packets_lost"])
                output, _ = call.communicate(timeout=driver.PATIENCE_S)
                self.assertEqual(0, call.returncode, output)
                self.assertIn(f"connected, {told}", output)
                driver.check_speech(speech, self.path(f"{phone.name}.wav"), wideband, low_rate=low_rate)

    def configured_phone(self, name, port, peer_port, **settings):
        endpoint = {"sip_port_min": port, "sip_port_max": port, **settings.pop("endpoint", {})}
        text = softphone_config([(name, f"127.0.0.1:{peer_port}", "udp")], [{"reg_timeout": 0}], endpoint,
                                {"dtx_mode": 1}, **settings)
        phone = self.phone("--config", self.write_file(f"{name}.config", text), name=name)
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        return phone

    def test_configured_order_and_silence(self):
        """One has the numbers of release 8.5, the other answers in the order of the offer; both leave silence out."""
        port_a, port_b = driver.free_port(), driver.free_port()
        a = self.configured_phone("alice", port_a, port_b, codec_numbers={"opus": 7, "PCMA/8000": 2})
        b = self.configured_phone("bob", port_b, port_a, codecs="opus,pcma",
                                  endpoint={"answer_sdp_priority": "offer"})
        a.send("dial", target="bob")
        b.wait("call_added")
        b.send("answer")
        for phone in (a, b):
            self.assertEqual("PCMA/8000", phone.wait_call(state="connected")["codec"])
            phone.wait("media_started")
        a.send("hang_up")
        a.wait_ended("hung_up_here")
        for phone in (a, b):
            phone.stop()
        with open(a.log, encoding="utf-8") as file:
            log = file.read()
        self.assertRegex(log, r"m=audio \d+ RTP/AVP 8 120 13 101")  # the offer
        self.assertRegex(log, r"m=audio \d+ RTP/AVP 8 13 101\b")  # the answer
        self.assertIn("policy.codecs.opus: is deprecated", log)

    def test_nothing_in_common(self):
        port = driver.free_port()
        self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                   "--codecs", "iLBC,iSAC/16000")
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        code, output, _ = self.run_program("call", "7001", "--server", f"127.0.0.1:{port}", "--no-register",
                                           "--audio", "none", "--codecs", "g729,iSAC/32000")
        self.assertEqual(1, code)
        self.assertIn("status 488", output)


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
