"""Proves that two `sidetone phone` services, registered at a `sidetone-lab`, make every kind of small call, and
that their events tell facts: over UDP and TCP, IPv4 and IPv6."""
import driver


class Calls:
    """The calls; the classes below say over which network."""
    ip, protocol = "127.0.0.1", "udp"

    def setUp(self):
        self.the_lab = self.lab(self.ip)
        self.alice = self.registered_phone(self.the_lab, "7001", "--protocol", self.protocol)
        self.bob = self.registered_phone(self.the_lab, "7002", "--protocol", self.protocol)

    def ring(self):
        self.alice.send("dial", target="7002")
        self.alice.wait_call(direction="outgoing", state="dialing", remote_number="7002")
        call = self.bob.wait("call_added")["call"]
        self.assertEqual(("incoming", "ringing", "7001", "7002"),
                         (call["direction"], call["state"], call["remote_number"], call["called_number"]))
        self.alice.wait_call(state="ringing")
        return call["call"]

    def connect(self):
        self.ring()
        self.bob.send("answer")
        for phone in (self.alice, self.bob):
            call = phone.wait_call(state="connected")
            self.assertEqual("opus/48000", call["codec"])
            phone.wait("media_started")

    def test_answer_and_hang_up(self):
        self.connect()
        self.bob.send("hang_up")
        here, there = self.bob.wait_ended("hung_up_here"), self.alice.wait_ended("hung_up_there")
        for call in (here, there):
            self.assertGreater(call["quality"]["packets_sent"], 0)
            self.assertGreater(call["quality"]["packets_received"], 0)
            self.assertEqual(0, call["quality"]["packets_lost"])
        for phone in (self.alice, self.bob):
            phone.send("snapshot")
            snapshot = phone.wait("snapshot")
            self.assertEqual([], snapshot["calls"])
            self.assertEqual("ready", snapshot["lines"][0]["state"])
            phone.stop()

    def test_hold_and_resume(self):
        self.connect()
        self.alice.send("hold")
        self.alice.wait_call(hold_wanted=True)
        self.alice.wait_call(held_by_us=True)
        self.bob.wait_call(held_by_peer=True, held_by_us=False)
        # Both sides hold: each hold is a fact of its own.
        self.bob.send("hold")
        self.bob.wait_call(held_by_us=True, held_by_peer=True)
        self.alice.wait_call(held_by_us=True, held_by_peer=True)
        self.alice.send("resume")
        self.alice.wait_call(held_by_us=False, held_by_peer=True)
        self.bob.wait_call(held_by_us=True, held_by_peer=False)
        self.bob.send("resume")
        self.bob.wait_call(held_by_us=False, held_by_peer=False)
        self.alice.wait_call(held_by_us=False, held_by_peer=False, hold_wanted=False)

    def test_digits_both_ways(self):
        self.connect()
        for sender, hearer, digits in ((self.alice, self.bob, "19*"), (self.bob, self.alice, "0#D")):
            sender.send("dtmf", digits=digits)
            for digit in digits:
                heard = hearer.wait("dtmf_received")
                self.assertEqual(digit, heard["digit"])
                self.assertGreater(heard["duration_ms"], 40)
            sent = sender.wait("dtmf_sent")
            self.assertEqual((digits, "rfc2833"), (sent["digits"], sent["method"]))

    def test_mute(self):
        self.connect()
        for command, muted in (("mute", True), ("unmute", False)):
            self.alice.send(command)
            self.alice.wait_call(muted=muted, state="connected")

    def test_reject(self):
        for status in (486, 603):
            self.ring()
            self.bob.send("reject", status=status)
            self.bob.wait_ended("rejected_here")
            self.assertEqual(status, self.alice.wait_ended("refused")["status"])

    def test_cancel(self):
        self.ring()
        self.alice.send("hang_up")
        self.bob.wait_ended("cancelled_there")
        self.alice.wait_ended("hung_up_here")

    def test_a_second_call_holds_the_first(self):
        self.connect()
        self.alice.send("dial", target="7101")
        self.alice.wait_call(remote_number="7002", held_by_us=True)
        self.bob.wait_call(held_by_peer=True)
        second = self.alice.wait_call(remote_number="7101", state="connected")["call"]
        self.alice.send("dtmf", digits="1")  # two calls are alive: which one is meant?
        self.assertIn("'call' is missing", self.alice.wait("command_failed")["problem"]["text"])
        self.alice.send("hang_up", call=second)
        self.assertEqual(second, self.alice.wait_ended("hung_up_here")["call"])

    def test_sigterm_hangs_up_and_unregisters(self):
        self.connect()
        self.alice.terminate()
        self.bob.wait_ended("hung_up_there")
        self.alice.wait("stopped")
        self.assertEqual(0, self.alice.wait_exit())
        self.assertTrue(self.alice.told("call_ended", lambda e: e["call"]["end_reason"] == "hung_up_here"))
        self.assertTrue(self.alice.told("line_changed", lambda e: e["line"]["state"] == "disabled"))
        self.bob.send("dial", target="7001")
        self.assertIn(self.bob.wait_ended("refused")["status"], (404, 480))


class OverUdp(Calls, driver.TestCase):
    pass


class OverTcp(Calls, driver.TestCase):
    protocol = "tcp"


class OverIpv6(Calls, driver.TestCase):
    ip = "::1"


class OverTcpAndIpv6(Calls, driver.TestCase):
    ip, protocol = "::1", "tcp"


if __name__ == "__main__":
    driver.main()
