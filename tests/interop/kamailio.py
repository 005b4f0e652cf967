"""Proves that Sidetone registers at Debian's Kamailio with a digest, and calls through it: one phone by UDP, the
other by TCP, with Kamailio in the path of the dialog. Kamailio verifies WWW- and Proxy-Authorization, by MD5
and by SHA-256."""
import driver
from driver import PASSWORD
from kamailio_server import Kamailio


class Through:
    algorithm = "MD5"

    def setUp(self):
        self.port = self.start(lambda _, folder, name: Kamailio(folder, name, self.algorithm), [], "kamailio").port

    def registered(self, user, protocol, *arguments):
        phone = self.phone("--server", f"127.0.0.1:{self.port}", "--user", user, "--protocol", protocol,
                           "--password-env", "WORD", *arguments, name=f"phone-{user}",
                           environment={"WORD": PASSWORD})
        phone.wait_line_state("ready")
        return phone

    def test_call(self):
        speech = driver.speech(self.path("speech.wav"), 48000, 3, silence=1.5)
        alice = self.registered("7001", "udp", "--record", self.path("heard.wav"))
        bob = self.registered("7002", "tcp", "--speak", speech)
        alice.send("dial", target="7002")
        alice.wait_call(state="ringing")
        self.assertEqual("7001", bob.wait_call(state="ringing")["remote_number"])
        bob.send("answer")
        for phone in (alice, bob):
            phone.wait_call(state="connected")
        driver.until_recorded(self.path("heard.wav"), 5.5)
        bob.send("hold")
        bob.wait_call(held_by_us=True)
        alice.wait_call(held_by_peer=True)
        bob.send("resume")
        bob.wait_call(held_by_us=False)
        alice.wait_call(held_by_peer=False)
        alice.send("dtmf", digits="42")
        self.assertEqual("42", bob.wait("dtmf_received")["digit"] + bob.wait("dtmf_received")["digit"])
        bob.send("hang_up")
        bob.wait_ended("hung_up_here")
        alice.wait_ended("hung_up_there")
        alice.stop()
        bob.stop()
        driver.check_speech(speech, self.path("heard.wav"), wideband=True)

    def test_cancel_and_refusals(self):
        alice, bob = self.registered("7001", "tcp"), self.registered("7002", "udp")
        alice.send("dial", target="7002")
        bob.wait_call(state="ringing")
        alice.wait_call(state="ringing")
        alice.send("hang_up")
        alice.wait_ended("hung_up_here")
        bob.wait_ended("cancelled_there")
        alice.send("dial", target="7002")
        bob.wait_call(state="ringing")
        bob.send("reject")
        self.assertEqual(486, alice.wait_ended("refused")["status"])
        alice.send("dial", target="7003")
        self.assertEqual(404, alice.wait_ended("refused")["status"])
        bob.stop()  # unregisters
        alice.send("dial", target="7002")
        self.assertEqual(404, alice.wait_ended("refused")["status"])
        alice.stop()

    def test_wrong_password(self):
        phone = self.phone("--server", f"127.0.0.1:{self.port}", "--password-env", "WORD",
                           environment={"WORD": "wrong"})
        line = phone.wait_line_state("failed")
        self.assertEqual((401, "the server does not accept the password of 7001"), (line["status"], line["text"]))
        phone.stop()


class ByMd5(Through, driver.TestCase):
    pass


class BySha256(Through, driver.TestCase):
    algorithm = "SHA-256"


if __name__ == "__main__":
    driver.needs("kamailio", "kamailio")
    driver.needs("sox", "sox")
    driver.main()
