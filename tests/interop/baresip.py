"""Proves that Sidetone and Debian's baresip understand each other, in both directions of call, by PCMU, G.722 and
Opus: both speak recorded speech, and what each heard is judged against what the other said. baresip records
with its module sndfile what comes out of its decoder.

Not proven here: SRTP (baresip_srtp.py), ICE and video, which baresip also has."""
import subprocess

import baresip_peer
import driver
from baresip_peer import CALL_S, CODECS, LEAD_S, SPEECH_S


class Calls(baresip_peer.TestCase):
    def one_call_each_way(self, codec):
        wideband = CODECS[codec][4]
        speech = driver.speech(self.path("says-sidetone.wav"), 48000, SPEECH_S, silence=LEAD_S)
        # baresip calls the phone ...
        phone_port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(phone_port),
                           "--auto-answer", "--speak", speech, "--record", self.path("heard-by-phone.wav"))
        caller = self.baresip("caller", codec, "-e", f"/dial sip:7001@127.0.0.1:{phone_port}")
        # ... and is called, at the same time.
        callee = self.baresip("callee", codec)
        call = subprocess.Popen(
            [driver.SIDETONE, "call", "callee", "--server", f"127.0.0.1:{callee.port}", "--no-register",
             "--audio", "none", "--seconds", str(round(CALL_S)), "--speak", speech,
             "--record", self.path("heard-by-call.wav")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)

        incoming = phone.wait_call(state="connected")
        self.assertTrue(incoming["codec"].upper().startswith(codec.upper()), incoming["codec"])
        driver.until_recorded(self.path("heard-by-phone.wav"), CALL_S)
        phone.send("hang_up")
        quality = phone.wait_ended("hung_up_here")["quality"]
        self.assertEqual(0, quality["packets_lost"])
        phone.stop()
        output, _ = call.communicate(timeout=driver.PATIENCE_S)
        self.assertEqual(0, call.returncode, output)
        self.assertIn("ended: hung_up_here", output)

        driver.check_speech(speech, self.heard_by_baresip(caller), wideband)
        driver.check_speech(speech, self.heard_by_baresip(callee), wideband)
        driver.check_speech(self.path("says-caller.wav"), self.path("heard-by-phone.wav"), wideband)
        driver.check_speech(self.path("says-callee.wav"), self.path("heard-by-call.wav"), wideband)

    def test_pcmu(self):
        self.one_call_each_way("PCMU")

    def test_pcma(self):
        self.one_call_each_way("PCMA")

    def test_g722(self):
        self.one_call_each_way("G722")

    def test_opus(self):
        self.one_call_each_way("opus")


if __name__ == "__main__":
    driver.needs("baresip", "baresip")
    driver.needs("sox", "sox")
    driver.main()
