"""Session timers at their shortest lawful interval, 90 s (RFC 4028 §5), which SIPp keeps in real time: the core
refreshes after 45 s, and gives up after 60 s when the peer that promised to does not. All calls run at once."""
import driver
import session
import sipp

SECONDS = 75


class Timers(session.TestCase, sipp.TestCase):
    def test_refresh_and_expiry(self):
        core = self.session()
        calls = []
        for transport, sipp_transport in (("udp", "u1"), ("tcp", "t1")):
            for scenario, end in (("callee_is_refreshed", None), ("callee_does_not_refresh", "expired")):
                callee = self.sipp(scenario, transport=sipp_transport, seconds=SECONDS)
                line = core.line(server={"host": "127.0.0.1", "port": callee.port, "transport": transport})
                calls.append((callee, core.invite(line, "sip:7002@127.0.0.1"), end))
                core.wait("accepted")
        for callee, number, end in calls:
            if end is None:
                driver.until(lambda c=callee: c.messages("received", "UPDATE sip:"), "the refresh comes", SECONDS)
                core.hang_up(number)
        ended = {core.wait("ended", seconds=SECONDS)["session"] for _, _, end in calls if end}
        self.assertEqual({number for _, number, end in calls if end}, ended)
        self.assertEqual(2, core.told("ended", lambda e: e["cause"] == "expired"))
        for callee, _, _ in calls:
            callee.wait()
        core.assert_nothing_left(self)


if __name__ == "__main__":
    driver.needs("sipp", "sipp")
    driver.main()
