"""Proves that speech comes through the real programs by every codec, each as it is enabled alone, with its name told
by the events; and that a call with nothing in common is refused."""
import subprocess

import driver

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
             "--seconds", str(SPEECH_S + 1), "--codecs", enabled, "--speak", speech],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)
        return phone, call

    def test_speech_by_every_codec(self):
        speech = driver.speech(self.path("says.wav"), 48000, SPEECH_S, silence=0.5)
        calls = {enabled: self.start_call(f"phone-{i}", enabled, speech) for i, enabled in enumerate(CODECS)}
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
