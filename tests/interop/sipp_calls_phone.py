"""Proves that `sidetone phone` is called rightly: SIPp plays the caller, message by message, and the phone's events
tell what SIPp did."""
import driver
import sipp


class CalledBySipp(sipp.TestCase):
    def called(self, scenario, *arguments, transport="u1", options=(), **keys):
        """A phone without registration, and SIPp calling it."""
        self.port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--protocol",
                           "tcp" if transport == "t1" else "udp", "--sip-port", str(self.port), *arguments)
        return phone, self.sipp(scenario, self.port, transport, options, **keys)

    def test_call(self):
        for transport in ("u1", "t1"):
            with self.subTest(transport):
                phone, caller = self.called("caller_call", "--auto-answer", transport=transport)
                call = phone.wait("call_added")["call"]
                self.assertEqual(("incoming", "5551000", "Caller", "7001"),
                                 (call["direction"], call["remote_number"], call["remote_name"],
                                  call["called_number"]))
                self.assertEqual("PCMU/8000", phone.wait_call(state="connected")["codec"])
                digit = phone.wait("dtmf_received")
                self.assertEqual(("5", 160), (digit["digit"], digit["duration_ms"]))
                phone.wait_ended("hung_up_there")
                caller.wait()
                phone.kill()

    def test_phone_hangs_up(self):
        phone, caller = self.called("caller_phone_hangs_up", "--auto-answer")
        phone.wait_call(state="connected")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        caller.wait()

    def test_sigterm_is_a_bye(self):
        phone, caller = self.called("caller_phone_hangs_up", "--auto-answer")
        phone.wait_call(state="connected")
        phone.stop()
        caller.wait()

    def test_delayed_offer(self):
        phone, caller = self.called("caller_delayed_offer", "--auto-answer")
        self.assertEqual("PCMU/8000", phone.wait_call(state="connected")["codec"])
        phone.wait_ended("hung_up_there")
        caller.wait()

    def test_hold_by_the_caller(self):
        phone, caller = self.called("caller_holds", "--auto-answer")
        for _ in ("sendonly", "inactive", "c=0.0.0.0"):
            phone.wait_call(held_by_peer=True, held_by_us=False)
            phone.wait_call(held_by_peer=False, held_by_us=False)
        phone.wait_ended("hung_up_there")
        caller.wait()

    def test_hold_by_the_phone(self):
        phone, caller = self.called("caller_held_by_phone", "--auto-answer")
        phone.wait_call(state="connected")
        phone.send("hold")
        phone.wait_call(held_by_us=True, held_by_peer=False)
        phone.send("resume")
        phone.wait_call(held_by_us=False, held_by_peer=False)
        phone.wait_ended("hung_up_there")
        caller.wait()

    def test_hold_after_glare(self):
        phone, caller = self.called("caller_held_after_491", "--auto-answer")
        phone.wait_call(state="connected")
        phone.send("hold")
        phone.wait_call(hold_wanted=True, held_by_us=False)  # a wish is no fact
        phone.wait_call(hold_wanted=True, held_by_us=True)
        phone.wait_ended("hung_up_there")
        caller.wait()
        self.assertEqual(0, phone.told("command_failed"))

    def test_cancel(self):
        phone, caller = self.called("caller_cancels_ringing")
        phone.wait("call_added")
        phone.wait_ended("cancelled_there")
        caller.wait()

    def test_cancel_at_once(self):
        # 100 and 180 come before, between or after what is sent: SIPp must not mind them.
        phone, caller = self.called("caller_cancels_at_once", options=("-default_behaviors", "all,-abortunexp"))
        caller.wait()
        phone.stop()
        self.assertEqual(phone.told("call_added"), phone.told("call_ended"))

    def test_late_ack(self):
        phone, caller = self.called("caller_acks_late", "--auto-answer")
        phone.wait_call(state="connecting")
        phone.wait_call(state="connected")
        phone.wait_ended("hung_up_there")
        caller.wait()
        self.assertEqual(3, caller.messages("received", "SIP/2.0 200 OK", "1 INVITE"))

    def test_repeated_invite(self):
        phone, caller = self.called("caller_repeats", options=("-nr",))  # else SIPp answers 180 by INVITE for ever
        phone.wait("call_added")
        driver.until(lambda: caller.messages("received", "SIP/2.0 180 Ringing") == 2, "180 is repeated")
        phone.send("answer")
        phone.wait_ended("hung_up_there")
        caller.wait()
        phone.stop()
        self.assertEqual(1, phone.told("call_added"))
        self.assertEqual(1, caller.messages("received", "SIP/2.0 200 OK", "1 INVITE"))

    def test_reliable_ringing(self):
        phone, caller = self.called("caller_wants_reliable")
        phone.wait("call_added")
        driver.until(lambda: caller.messages("received", "SIP/2.0 200 OK", "PRACK"), "the PRACK is answered")
        phone.send("answer")
        phone.wait_call(state="connected")
        phone.wait_ended("hung_up_there")
        caller.wait()

    def test_reject(self):
        phone, caller = self.called("caller_is_refused")
        phone.wait("call_added")
        phone.send("reject")
        phone.wait_ended("rejected_here")
        caller.wait()

    unusable_descriptions = (  # RFC 3261 §21.4.1: malformed; §13.3.1.3: understood, and nothing to agree on
        ("400", "m=audio"),
        ("400", "m=audio 70000 RTP/AVP 0"),
        ("400", "hello"),
        ("488", "m=audio 6000 RTP/AVP 97"),
        ("488", "m=audio 6000 RTP/SAVP 0"),
        ("488", "m=video 6000 RTP/AVP 96"),
    )

    def test_unusable_descriptions(self):
        for status, media in self.unusable_descriptions:
            with self.subTest(media):
                phone, caller = self.called("caller_describes_badly", "--auto-answer", status=status, media=media)
                caller.wait()
                phone.stop()
                self.assertEqual(0, phone.told("call_added"))  # nothing rang

    def test_other_requests(self):
        phone, caller = self.called("caller_asks_other_things")
        caller.wait()
        phone.stop()
        self.assertEqual(0, phone.told("call_added"))


if __name__ == "__main__":
    driver.needs("sipp", "sipp")
    driver.main()
