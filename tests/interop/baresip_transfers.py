"""Proves transfers between Sidetone and Debian's baresip: baresip sends the phone to another baresip, the phone
sends one baresip to the other, and after each of them the two that shall talk hear each other's recorded speech."""
import glob
import os

import baresip_peer
import driver
from configuration import softphone_config


class Transfers(baresip_peer.TestCase):
    def two_peers(self):
        return [self.baresip(name, "PCMU") for name in ("first", "second")]

    def wait_until_heard(self, peer):
        """All that the other one says, who speaks from the beginning of a call. 16 bits at 8 kHz."""
        def recorded():
            return sum(os.path.getsize(path) for path in glob.glob(f"{self.folder}/{peer.name}/dump-*-dec.wav"))

        driver.until(lambda: recorded() > (baresip_peer.LEAD_S + baresip_peer.SPEECH_S + 0.3) * 16000, f"{peer.name} has heard all")

    def test_baresip_sends_the_phone_elsewhere(self):
        first, second = self.two_peers()
        speech = driver.speech(self.path("says-phone.wav"), 48000, baresip_peer.SPEECH_S, silence=baresip_peer.LEAD_S)
        phone = self.phone("--server", f"127.0.0.1:{first.port}", "--no-register", "--speak", speech)
        phone.send("dial", target="first")
        old = phone.wait_call(state="connected")["call"]
        first.command("transfer", f"sip:second@127.0.0.1:{second.port}")
        made = phone.wait("call_added")["call"]
        self.assertEqual(old, made["related_call"])
        phone.wait_call(call=made["call"], state="connected")
        self.wait_until_heard(second)
        phone.wait("call_ended", lambda e: e["call"]["call"] == old)
        phone.send("hang_up", call=made["call"])
        phone.wait_ended("hung_up_here")
        driver.check_speech(speech, self.heard_by_baresip(second))

    def test_the_phone_sends_baresip_elsewhere(self):
        first, second = self.two_peers()
        phone = self.phone("--server", f"127.0.0.1:{first.port}", "--no-register")
        phone.send("dial", target="first")
        phone.wait_call(state="connected")
        phone.send("transfer", target=f"sip:second@127.0.0.1:{second.port}")
        self.assertEqual(200, phone.wait("transfer_changed", lambda e: e["state"] == "succeeded")["status"])
        phone.wait_ended("transferred")
        self.wait_until_heard(second)
        driver.check_speech(self.path("says-first.wav"), self.heard_by_baresip(second))

    def test_attended(self):
        """baresip 1.0 knows no Replaces: it calls the other one anew, and our consult call ends by our BYE."""
        first, second = self.two_peers()
        config = self.write_file("phone.config", softphone_config(
            [(name, f"127.0.0.1:{peer.port}", "udp") for name, peer in (("7001", first), ("7002", second))],
            [{"reg_timeout": 0}] * 2))
        phone = self.phone("-c", config)
        phone.send("dial", target="first", line=0)
        main = phone.wait_call(state="connected")["call"]
        phone.send("dial", target="second", line=1, related_call=main)
        consult = phone.wait("call_added")["call"]
        self.assertEqual((main, 1), (consult["related_call"], consult["line"]))
        phone.wait_call(call=consult["call"], state="connected")
        phone.send("complete_transfer", call=main, consult=consult["call"])
        outcome = phone.wait("transfer_changed", lambda e: e["state"] in ("succeeded", "failed"))
        self.assertEqual(("succeeded", 200), (outcome["state"], outcome["status"]))
        for _ in range(2):
            phone.wait_ended("transferred")
        first.wait_line("Call established")


if __name__ == "__main__":
    driver.needs("baresip", "baresip")
    driver.needs("sox", "sox")
    driver.main()
