"""Proves that Sidetone and Debian's baresip secure their media together by SDES (RFC 4568), in both directions of
call: speech both ways is judged, and the suite is told; and that a phone that may not does not.

baresip demands keys by RTP/SAVP (srtp-mand) or by RTP/SAVPF (srtp-mandf), which it then takes in no other profile;
so it is called by the first only. As caller it offers AES_CM_128_HMAC_SHA1_80 alone, as callee it takes our best."""
import subprocess

import baresip_peer
import driver
from baresip_peer import CALL_S, LEAD_S, SPEECH_S


class Calls(baresip_peer.TestCase):
    def secured_baresip(self, name, word, *arguments):
        return self.baresip(name, "PCMU", *arguments, more="module srtp.so\n", account=f";mediaenc={word}")

    def phone_that_is_called(self, use_srtp, *arguments):
        port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                           "--use-srtp", use_srtp, *arguments)
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        return phone, port

    def one_call_each_way(self, word, use_srtp):
        speech = driver.speech(self.path("says-sidetone.wav"), 48000, SPEECH_S, silence=LEAD_S)
        phone, port = self.phone_that_is_called(use_srtp, "--speak", speech, "--record",
                                                self.path("heard-by-phone.wav"))
        caller = self.secured_baresip("caller", word, "-e", f"/dial sip:7001@127.0.0.1:{port}")
        callee = self.secured_baresip("callee", "srtp-mand")
        call = subprocess.Popen(
            [driver.SIDETONE, "call", "callee", "--server", f"127.0.0.1:{callee.port}", "--no-register",
             "--audio", "none", "--seconds", str(round(CALL_S)), "--use-srtp", "enabled", "--speak", speech,
             "--record", self.path("heard-by-call.wav")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)

        incoming = phone.wait_call(state="connected")
        self.assertEqual("AES_CM_128_HMAC_SHA1_80", incoming.get("srtp_suite"))
        driver.until_recorded(self.path("heard-by-phone.wav"), CALL_S)
        self.assertEqual(0, phone.wait("quality_changed")["quality"]["srtp_discarded"])
        phone.send("hang_up")
        quality = phone.wait_ended("hung_up_here")["quality"]
        self.assertEqual(0, quality["packets_lost"])
        # baresip's last RTCP packet may come after its keys have gone.
        self.assertLessEqual(quality["srtp_discarded"], 1)
        self.assertTrue(phone.heard_report)  # its SRTCP was read
        output, _ = call.communicate(timeout=driver.PATIENCE_S)
        self.assertEqual(0, call.returncode, output)
        self.assertIn("secured by AEAD_AES_256_GCM", output)

        driver.check_speech(speech, self.heard_by_baresip(caller))
        driver.check_speech(speech, self.heard_by_baresip(callee))
        driver.check_speech(self.path("says-caller.wav"), self.path("heard-by-phone.wav"))
        driver.check_speech(self.path("says-callee.wav"), self.path("heard-by-call.wav"))

    def test_keys_are_demanded(self):
        self.one_call_each_way("srtp-mand", "optional")

    def test_by_the_secured_profile(self):
        self.one_call_each_way("srtp-mandf", "force")

    def test_not_without(self):
        phone, port = self.phone_that_is_called("disabled")
        caller = self.secured_baresip("caller", "srtp-mandf", "-e", f"/dial sip:7001@127.0.0.1:{port}")
        caller.wait_line("488")
        self.assertEqual(0, phone.told("call_added"))


if __name__ == "__main__":
    driver.needs("baresip", "baresip")
    driver.needs("sox", "sox")
    driver.main()
