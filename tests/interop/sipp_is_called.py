"""Proves that `sidetone phone` calls and registers rightly: SIPp plays the callee or the registrar, message by
message, and the phone's events tell what SIPp did."""
import driver
import sipp
from driver import PASSWORD


class CallsSipp(sipp.TestCase):
    def call(self, scenario, *arguments, environment=None, options=(), **keys):
        """SIPp waiting, and a phone without registration calling it."""
        callee = self.sipp(scenario, options=options, **keys)
        phone = self.phone("--server", f"127.0.0.1:{callee.port}", "--no-register", *arguments,
                           environment=environment)
        phone.send("dial", target="7002")
        return phone, callee

    def test_call(self):
        phone, callee = self.call("callee_call")
        phone.wait_call(state="ringing")
        self.assertEqual("PCMU/8000", phone.wait_call(state="connected")["codec"])
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()

    def test_callee_hangs_up(self):
        phone, callee = self.call("callee_hangs_up")
        phone.wait_call(state="connected")
        phone.wait_ended("hung_up_there")
        callee.wait()

    def test_repeated_200(self):
        phone, callee = self.call("callee_repeats_200", options=("-nr",))  # or it would not see the second ACK
        phone.wait_call(state="connected")
        driver.until(lambda: callee.messages("received", "ACK sip:") == 2, "both are acknowledged")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()

    def test_early_media(self):
        speech = driver.speech(self.path("early.wav"), 8000, 4.4, silence=0.4)
        driver.sox(speech, "-t", "ul", self.path("early.ulaw"))
        phone, callee = self.call("callee_early_media", "--ringback", "4", "--record",
                                   self.path("heard.wav"))
        early = phone.wait_call(state="early")
        self.assertEqual("PCMU/8000", early["codec"])
        phone.wait("media_started")
        phone.wait_call(state="connected")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()
        phone.stop()
        driver.check_speech(speech, self.path("heard.wav"))

    refusals = (("486 Busy Here", "X-Any: 1"), ("404 Not Found", "X-Any: 1"),
                ("302 Moved Temporarily", "Contact: <tel:+12015550123>"),  # to nowhere that can be called
                ("503 Service Unavailable", "Retry-After: 10"), ("603 Decline", "X-Any: 1"))

    def test_refusals(self):
        for status, more in self.refusals:
            with self.subTest(status):
                phone, callee = self.call("callee_refuses", status=status, more=more)
                self.assertEqual(int(status[:3]), phone.wait_ended("refused")["status"])
                callee.wait()
                phone.kill()

    def test_password(self):
        for scenario in ("callee_asks_for_password", "proxy_asks_for_password"):
            with self.subTest(scenario):
                phone, callee = self.call(scenario, "--password-env", "WORD", environment={"WORD": PASSWORD},
                                          password=PASSWORD)
                phone.wait_call(state="connected")
                phone.send("hang_up")
                phone.wait_ended("hung_up_here")
                callee.wait()
                phone.kill()

    def test_registration(self):
        registrar = self.sipp("registrar_asks_for_password", password=PASSWORD)
        phone = self.phone("--server", f"127.0.0.1:{registrar.port}", "--password-env", "WORD",
                           environment={"WORD": PASSWORD})
        phone.wait_line_state("ready")
        phone.terminate()
        phone.wait_line_state("disabled")
        phone.stop()
        registrar.wait()

    def test_cancel(self):
        phone, callee = self.call("callee_is_cancelled_ringing")
        phone.wait_call(state="ringing")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()

    def test_cancel_before_any_response(self):
        phone, callee = self.call("callee_is_cancelled_early")
        phone.wait_call(state="dialing")
        driver.until(lambda: callee.messages("received", "INVITE sip:"), "the INVITE arrives")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()

    def test_cancel_crosses_200(self):
        phone, callee = self.call("callee_answers_though_cancelled")
        phone.wait_call(state="ringing")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()

    def test_digits_by_info(self):
        phone, callee = self.call("callee_without_digits_in_rtp")
        self.assertEqual("PCMA/8000", phone.wait_call(state="connected")["codec"])
        phone.send("dtmf", digits="7#")
        sent = phone.wait("dtmf_sent")
        self.assertEqual(("7#", "info"), (sent["digits"], sent["method"]))
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        callee.wait()

    def test_nonsense_as_answer(self):
        phone, callee = self.call("callee_answers_nonsense")
        failed = phone.wait("command_failed")
        self.assertEqual("sdp", failed["problem"]["layer"])
        phone.wait("call_ended")
        callee.wait()


if __name__ == "__main__":
    driver.needs("sipp", "sipp")
    driver.needs("sox", "sox")
    driver.main()
