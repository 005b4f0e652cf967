"""Proves with real sockets that `sidetone phone` shows the figures of its calls, reports their quality (RFC 6035),
asks the peer for its view (RTCP XR), and refuses a call for which no RTP ports are left."""
import driver
from configuration import softphone_config

MUSIC = "7102"


class Quality(driver.TestCase):
    def setUp(self):
        self.the_lab = self.lab()

    def start_phone(self, name, **endpoint):
        config = self.write_file(f"{name}.config", softphone_config(
            [(name, self.the_lab.address, "udp")], endpoint=endpoint))
        phone = self.phone("--config", config, name=f"phone-{name}")
        phone.wait_line_state("ready")
        return phone

    def statistics(self, phone, enough):
        """The figures, asked for until there is enough in them."""
        def ask():
            phone.send("statistics")
            told = phone.wait(("statistics", "command_failed"))
            return told["event"] == "statistics" and enough(told["statistics"]) and told["statistics"]
        return driver.until(ask, "figures of the call")

    def test_figures_while_the_call_is_alive_and_at_its_end(self):
        phone = self.start_phone("7001")
        phone.send("statistics", call="c-x-1")
        self.assertEqual("not found", phone.wait("command_failed")["problem"]["code"])
        phone.send("dial", target=MUSIC)
        phone.wait_call(state="connected")
        phone.wait("media_started")
        told = self.statistics(phone, lambda s: "remote_sender" in s and s["local"]["packets_received"] > 20)
        self.assertEqual(0, told["local"]["packets_lost"])
        self.assertEqual("opus/48000", told["codec"]["name"])
        self.assertGreater(told["jitter_buffer"]["frames_normal"], 20)
        self.assertGreater(told["timing"]["ticks"], 20)
        self.assertLess(told["jitter_buffer"]["last_packet_ago_ms"], 1000)
        self.assertGreater(told["mos"]["whole"], 4)
        self.assertEqual(0, told["loss"]["loss_percent"])
        self.assertGreater(told["voice"]["frames_active_in"], 0, "there is music")
        self.assertNotIn("extended_report", told, "the lab was not asked for one")
        phone.send("hang_up")
        report = phone.wait("quality_report")
        ended = phone.wait("call_ended")
        self.assertGreaterEqual(ended["statistics"]["local"]["packets_received"],
                                told["local"]["packets_received"])
        self.assertEqual("session", report["kind"])
        body = report["body"].split("\r\n")
        self.assertEqual("VQSessionReport: CallTerm", body[0])
        self.assertTrue(any(line.startswith("QualityEst: RLQ=9") for line in body), body)
        self.assertTrue(any(line.startswith("LocalID: <sip:7001@") for line in body), body)
        self.assertTrue(any(line.startswith("SessionDesc: PT=120 PD=opus SR=48000 PPS=50 FD=20") for line in body),
                        body)

    def test_extended_reports_of_both_sides(self):
        alice = self.start_phone("7001", vq_report_publish=1, vq_report_collector="c@127.0.0.1:5060")
        bob = self.start_phone("7002")
        alice.send("dial", target="7002")
        bob.wait("call_added")
        bob.send("answer")
        for phone in (alice, bob):
            phone.wait("media_started")
        for phone in (alice, bob):
            told = self.statistics(phone, lambda s: "extended_report" in s)
            self.assertEqual(0, told["extended_report"]["loss"]["loss_percent"])
            self.assertGreater(told["extended_report"]["mos_conversation"], 4)
        alice.send("hang_up")
        body = alice.wait("quality_report")["body"]
        self.assertIn("RemoteMetrics:\r\n", body)
        self.assertIn(";to-tag=", body)

    def test_no_ports_left(self):
        port = driver.free_port(span=2)
        phone = self.start_phone("7001", rtp_port_min=port, rtp_port_max=port + 1)
        other = self.start_phone("7002")
        phone.send("dial", target=MUSIC)
        first = phone.wait_call(state="connected")["call"]
        other.send("dial", target="7001")
        warned = phone.wait("warning")["problem"]
        self.assertEqual("busy", warned["code"])
        self.assertIn(f"RTP ports {port}-{port + 1}", warned["text"])
        self.assertIn("rtp_port_min and rtp_port_max", warned["remedy"])
        self.assertEqual(503, other.wait_ended("refused")["status"])
        phone.send("dial", target=MUSIC)
        phone.wait("warning")
        phone.wait("call_ended", lambda e: e["call"]["call"] != first)
        # Nothing leaks: with the first call's end its ports are there for the next one.
        phone.send("hang_up", call=first)
        phone.wait("call_ended", lambda e: e["call"]["call"] == first)
        other.send("dial", target="7001")
        phone.wait_call(state="ringing", direction="incoming")
        phone.send("answer")
        other.wait_call(state="connected")


if __name__ == "__main__":
    driver.main()
