"""Proves that Sidetone and Debian's linphonec secure their media together by SDES (RFC 4568), in both directions of
call and by each suite that linphonec has: speech both ways is judged, and the suite is told."""
import subprocess

import driver
import linphone_peer
from linphone_peer import CALL_S, LEAD_S, SPEECH_S


class Calls(linphone_peer.TestCase):
    def secured_linphone(self, name, suites):
        return self.linphone(name, sip=f"media_encryption=srtp\nmedia_encryption_mandatory=1\n"
                                       f"srtp_crypto_suites={suites}")

    def one_call_each_way(self, suite):
        speech = driver.speech(self.path("says-sidetone.wav"), 48000, SPEECH_S, silence=LEAD_S)
        port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                           "--use-srtp", "force", "--speak", speech, "--record", self.path("heard-by-phone.wav"))
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        caller, callee = self.secured_linphone("caller", suite), self.secured_linphone("callee", suite)
        caller.write(f"call sip:7001@127.0.0.1:{port}\n")
        call = subprocess.Popen(
            [driver.SIDETONE, "call", "callee", "--server", f"127.0.0.1:{callee.port}", "--no-register",
             "--audio", "none", "--seconds", str(round(CALL_S)), "--use-srtp", "enabled", "--speak", speech,
             "--record", self.path("heard-by-call.wav")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)

        self.assertEqual(suite, phone.wait_call(state="connected").get("srtp_suite"))
        driver.until_recorded(self.path("heard-by-phone.wav"), CALL_S)
        phone.send("hang_up")
        quality = phone.wait_ended("hung_up_here")["quality"]
        self.assertEqual(0, quality["packets_lost"])
        # RFC 4568 §6.2.2: SRTCP has 80 bits also with the short tag. linphonec shortens that as well, so none of
        # its reports is authentic; its audio is.
        short_tag = suite.endswith("32")
        self.assertEqual(short_tag, quality["srtp_discarded"] > 0)
        self.assertEqual(not short_tag, phone.heard_report)
        output, _ = call.communicate(timeout=driver.PATIENCE_S)
        self.assertEqual(0, call.returncode, output)
        self.assertIn(f"secured by {suite}", output)

        for linphone in (caller, callee):
            driver.check_speech(speech, self.heard_by_linphone(linphone), foreign_encoder=True)
        driver.check_speech(self.path("says-caller.wav"), self.path("heard-by-phone.wav"), foreign_encoder=True)
        driver.check_speech(self.path("says-callee.wav"), self.path("heard-by-call.wav"), foreign_encoder=True)

    def test_aes_128_with_80_bits(self):
        self.one_call_each_way("AES_CM_128_HMAC_SHA1_80")

    def test_aes_128_with_32_bits(self):
        self.one_call_each_way("AES_CM_128_HMAC_SHA1_32")

    def test_aes_256_with_80_bits(self):
        self.one_call_each_way("AES_256_CM_HMAC_SHA1_80")


if __name__ == "__main__":
    driver.needs("linphone", "linphonec")
    driver.needs("sox", "sox")
    driver.main()
