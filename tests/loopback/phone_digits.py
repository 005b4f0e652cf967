"""Proves with real phones that digits arrive by each method of dtmf_method, once each, and that log_filter=dtmf hides
them in every line of the log."""
import re
import time

import driver
from configuration import softphone_config

DIGITS = "4711*#D0"


class Digits(driver.TestCase):
    def start_phone(self, lab, user, method, hidden, codecs=None):
        config = self.write_file(f"{user}-{method}.config", softphone_config(
            [(user, lab.address, "udp")], session={"dtmf_method": method}, codecs=codecs,
            diagnostics={"log_filter": "dtmf"} if hidden else None))
        phone = self.phone("--config", config, name=f"phone-{user}-{method}-{hidden}")
        phone.wait_line_state("ready")
        return phone

    def send(self, method, told, hidden=False, codecs=None, sent_by=None):
        lab = self.lab(name=f"lab-{method}-{hidden}")
        alice = self.start_phone(lab, "7001", method, hidden, codecs)
        bob = self.start_phone(lab, "7002", method, hidden, codecs)
        alice.send("dial", target="7002")
        bob.wait_call(state="ringing")
        bob.send("answer")
        alice.wait_call(state="connected")
        alice.wait("media_started")
        alice.send("dtmf", digits=DIGITS)
        heard = [bob.wait("dtmf_received") for _ in DIGITS]
        self.assertEqual(DIGITS, "".join(event["digit"] for event in heard))
        self.assertEqual({told}, {event["method"] for event in heard})
        sent = alice.wait("dtmf_sent")
        self.assertEqual((DIGITS, sent_by or told), (sent["digits"], sent["method"]))
        alice.send("hang_up")
        bob.wait_ended("hung_up_there")
        self.assertEqual(len(DIGITS), bob.told("dtmf_received"), "each once")
        alice.stop()
        bob.stop()
        return [self.text(phone.log) for phone in (alice, bob)]

    @staticmethod
    def text(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def test_each_method(self):
        for method, told in (("Rfc2833", "rfc2833"), ("Info", "info"), ("InbandRtp", "inband_rtp")):
            with self.subTest(method):
                sender, hearer = self.send(method, told)
                self.assertIn(f"digits sent by {method}: {DIGITS}", sender)
                self.assertIn(f"digit received by {method}: 4, ", hearer)

    def test_tones_of_a_codec_that_would_spoil_them_go_as_events(self):
        self.send("InbandRtp", "rfc2833", codecs="iLBC")

    def test_own_tones_that_come_back_are_no_digits(self):
        lab = self.lab()
        alice = self.start_phone(lab, "7001", "InbandRtp", False)
        alice.send("dial", target="7101")  # an echo, half a second later
        alice.wait_call(state="connected")
        alice.wait("media_started")
        alice.send("dtmf", digits="123")
        alice.wait("dtmf_sent")
        over = time.monotonic() + 1.2
        driver.until(lambda: time.monotonic() > over, "the echo has come")
        alice.send("hang_up")
        alice.wait_ended("hung_up_here")
        self.assertEqual(0, alice.told("dtmf_received"))
        alice.stop()

    def test_log_filter_hides_them_everywhere(self):
        shows = re.compile(r"Signal\s*=\s*[0-9*#A-Da-d]|digits? (?:sent|received) by \w+: [^x]")
        for method, told in (("Rfc2833", "rfc2833"), ("Info", "info"), ("InbandRtp", "inband_rtp")):
            with self.subTest(method):
                for log in self.send(method, told, hidden=True):
                    self.assertNotIn(DIGITS, log)
                    self.assertIsNone(shows.search(log))
                    self.assertRegex(log, rf"digits? (sent|received) by {method}: x")
                    self.assertEqual(method == "Info", "Signal=x" in log)


if __name__ == "__main__":
    driver.main()
