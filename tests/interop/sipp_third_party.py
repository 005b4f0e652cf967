"""Proves the phone's side of third-party call control with SIPp as the server, message by message: calls that the
server makes for its agent by both flows of RFC 3725, orders by NOTIFY, hold and retrieve, transfers by REFER in
both directions, and calls that take the place of others."""
import re

import driver
import sipp

UUID = "0123456789ABCDEF0123456789ABCDEF"


class ThirdParty(sipp.TestCase):
    def served(self, scenario, *arguments, **keys):
        """A phone whose server is wherever on this machine, and SIPp as that server."""
        self.port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(self.port), *arguments)
        return phone, self.sipp(scenario, self.port, **keys)

    def test_flow_2_with_orders(self):
        phone, server = self.served("server_calls_agent_flow_2")
        call = phone.wait("call_added")["call"]
        self.assertEqual(UUID, call["call_uuid"])
        phone.wait_call(state="connected", held_by_peer=True)
        phone.wait_call(state="connected", held_by_peer=False)
        phone.wait_call(held_by_us=True)
        phone.wait_call(held_by_us=False)
        sent = phone.wait("dtmf_sent")
        self.assertEqual(("5", "rfc2833"), (sent["digits"], sent["method"]))
        ended = phone.wait_ended("hung_up_there")
        self.assertEqual((480, "Gone home"), (ended["status"], ended["end_text"]))
        self.assertFalse(phone.told("tones_changed", lambda e: e["tones"]["alert"] == "ringing"),
                         "Alert-Info: service=3pcc")
        server.wait()
        phone.send("history")
        calls = phone.wait("history")["calls"]
        self.assertEqual((1, "hung_up_there", UUID),
                         (len(calls), calls[0]["call"]["end_reason"], calls[0]["call"]["call_uuid"]))
        self.assertGreater(calls[0]["talked_ms"], 500)

    flow_1_answers = {
        "the other party": ("c=IN IP4 127.0.0.1\n    t=0 0\n    m=audio 6000 RTP/AVP 0", "SIP;cause=200", 200),
        "a black hole": ("c=IN IP4 0.0.0.0\n    t=0 0\n    m=audio 9 RTP/AVP 101 8 0 4 18 3\n"
                         "    a=rtpmap:101 telephone-event/8000", "SIP;cause=408", 408),
        "somebody without our codecs": ("c=IN IP4 127.0.0.1\n    t=0 0\n    m=audio 6000 RTP/AVP 3", "SIP;cause=488",
                                        None),
    }

    def test_flow_1_and_its_failures(self):
        for what, (answer, reason, status) in self.flow_1_answers.items():
            with self.subTest(what):
                phone, server = self.served("server_calls_agent_flow_1", answer=answer, reason=reason)
                phone.wait_call(state="connecting")
                ended = phone.wait("call_ended")["call"]
                if status:
                    self.assertEqual(("hung_up_there", status), (ended["end_reason"], ended["status"]))
                    server.wait()
                else:  # the phone's own BYE is faster than the server's
                    self.assertEqual(("refused", 488), (ended["end_reason"], ended["status"]))
                self.assertGreaterEqual(server.messages("received", "SIP/2.0 200 OK", "1 INVITE"), 3)
                phone.stop()

    def test_hold_and_retrieve(self):
        phone, server = self.served("server_holds_and_retrieves")
        phone.wait_call(held_by_peer=True, held_by_us=False)
        phone.wait_call(held_by_peer=False, held_by_us=False)
        phone.wait_ended("hung_up_there")
        server.wait()

    def test_single_step_transfer_by_refer(self):
        target = self.sipp("callee_is_called_by_refer", referred_by="sip:5551000@127.0.0.1")
        phone, server = self.served("server_refers", refer_to=f"<sip:7003@127.0.0.1:{target.port}>")
        old = phone.wait_call(state="connected")["call"]
        made = phone.wait("call_added", lambda e: e["call"]["direction"] == "outgoing")["call"]
        self.assertEqual(old, made["related_call"])
        self.assertEqual(old, phone.wait_ended("hung_up_there")["call"])
        phone.wait_call(call=made["call"], state="connected")
        phone.wait_ended("hung_up_there")
        server.wait()
        target.wait()

    def test_a_call_takes_the_place_of_another(self):
        phone, first = self.served("caller_is_replaced", "--auto-answer")
        old = phone.wait_call(state="connected")["call"]
        driver.until(lambda: first.messages("received", "SIP/2.0 200 OK", "a=rtpmap"), "the answer is in SIPp's trace")
        with open(self.path(f"{first.name}.trace.log"), encoding="utf-8") as file:
            answer = file.read().split("SIP/2.0 200 OK")[1]
        call_id = re.search(r"Call-ID: (\S+)", answer).group(1)
        tags = [re.search(rf"{header}:.*;tag=(\S+)", answer).group(1) for header in ("To", "From")]
        second = self.sipp("caller_replaces", self.port,
                           replaces=f"{call_id};to-tag={tags[0]};from-tag={tags[1]}")
        made = phone.wait("call_added", lambda e: e["call"]["call"] != old)["call"]
        self.assertEqual(old, made["related_call"])
        for _ in range(2):
            phone.wait_ended("hung_up_there")
        first.wait()
        second.wait()
        self.assertEqual(0, second.messages("received", "SIP/2.0 180"))

    def test_the_phone_transfers(self):
        for outcome, state in (("200 OK", "succeeded"), ("486 Busy Here", "failed")):
            with self.subTest(outcome):
                callee = self.sipp("callee_is_transferred", outcome=outcome, refer_to="sip:7003@127.0.0.1")
                phone = self.phone("--server", f"127.0.0.1:{callee.port}", "--no-register", "--user", "7001")
                phone.send("dial", target="7002")
                phone.wait_call(state="connected")
                phone.send("transfer", target="7003")
                phone.wait("transfer_changed", lambda e: e["state"] == "asked")
                last = phone.wait("transfer_changed", lambda e: e["state"] in ("succeeded", "failed"))
                self.assertEqual((state, int(outcome[:3])), (last["state"], last["status"]))
                if state == "failed":
                    phone.wait_call(held_by_us=False)
                    phone.send("hang_up")
                phone.wait_ended("transferred" if state == "succeeded" else "hung_up_here")
                callee.wait()
                phone.stop()


if __name__ == "__main__":
    driver.needs("sipp", "sipp")
    driver.main()
