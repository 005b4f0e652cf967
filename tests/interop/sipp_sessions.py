"""Proves that the SIP core speaks its extensions with SIPp, over UDP and TCP: reliable provisional responses, UPDATE,
session timers, REFER, Replaces, digests, redirection and forks. SIPp plays the peer message by message; the
session driver does what a user of the core would."""
import driver
import session
import sipp
from driver import PASSWORD
from session import sdp

class Over:
    """What follows is run twice, with the transport that in_both_ways() gives to a subclass."""

    def setUp(self):
        self.driver = self.session()

    def line(self, peer, **fields):
        return self.driver.line(server={"host": "127.0.0.1", "port": peer.port, "transport": self.transport},
                                **fields)

    def callee(self, scenario, **keys):
        return self.sipp(scenario, transport=self.sipp_transport, **keys)

    def caller(self, scenario, **keys):
        return self.sipp(scenario, self.driver.port, self.sipp_transport, **keys)

    def call(self, scenario, offer=None, line=None, invite=None, **keys):
        """SIPp waiting, and the driver calling it."""
        callee = self.callee(scenario, **keys)
        number = self.driver.invite(self.line(callee, **(line or {})), "sip:7002@127.0.0.1", offer, **(invite or {}))
        return callee, number

    def answered(self):
        """The driver takes the call that comes."""
        number = self.driver.wait("incoming")["session"]
        self.driver.ask("accept", session=number, sdp=sdp())
        self.driver.wait("confirmed")
        return number

    def hang_up(self, number, peer):
        self.driver.hang_up(number)
        peer.wait()
        self.driver.assert_nothing_left(self)


class Calls(Over):
    def test_offer_in_prack(self):
        core = self.driver
        callee, number = self.call("callee_takes_offer_in_prack", invite={"prack_by_user": True})
        early = core.wait("provisional", lambda e: e["status"] == 183)
        self.assertTrue(early["reliable"] and early["needs_prack"])
        core.ask("prack", session=number, branch=early["branch"], sdp=sdp("sendonly", 2))
        self.assertIn("a=recvonly", core.wait("offer_answered")["sdp"])
        core.wait("accepted")
        self.hang_up(number, callee)

    def test_offer_in_183(self):
        core = self.driver
        callee, number = self.call("callee_offers_in_183", offer="")
        early = core.wait("provisional", lambda e: e["status"] == 183)
        self.assertIn("m=audio", early["sdp"])
        self.assertTrue(early["needs_prack"])
        core.ask("prack", session=number, branch=early["branch"], sdp=sdp())
        core.wait("accepted")
        self.hang_up(number, callee)

    def test_updates(self):
        core = self.driver
        callee, number = self.call("callee_updates")
        branch = core.wait("provisional", lambda e: e["status"] == 183)["branch"]
        offer = core.wait("offer")
        self.assertIn("a=sendonly", offer["sdp"])
        core.ask("answer_offer", session=number, branch=branch, sdp=sdp("recvonly", 2))
        core.ask("offer", session=number, branch=branch, sdp=sdp("inactive", 3))
        self.assertIn("a=inactive", core.wait("offer_answered")["sdp"])
        core.wait("accepted")
        core.wait("offer")
        core.ask("answer_offer", session=number, sdp=sdp("sendrecv", 4))
        self.hang_up(number, callee)

    def test_interval_too_small(self):
        for refresher in ("uac", "uas"):
            core = self.driver = self.session(f"driver-{refresher}", session_expires=90)
            callee, number = self.call("callee_wants_longer_session", refresher=refresher, least="120")
            core.wait("accepted")
            self.hang_up(number, callee)

    def test_fork(self):
        core = self.driver
        callee, number = self.call("callee_forks")
        branches = {core.wait("provisional", lambda e: e["branch"] > 0)["branch"] for _ in range(3)}
        self.assertEqual(3, len(branches))
        self.assertIn(core.wait("accepted")["branch"], branches)
        driver.until(lambda c=callee: c.messages("received", "BYE sip:", "tag=one"), "the fork gets its BYE")
        self.hang_up(number, callee)

    def test_redirection(self):
        core = self.driver
        second = self.callee("callee_answers")
        redirecting, number = self.call("callee_redirects", place=str(driver.free_port()), other=str(second.port))
        self.assertEqual(302, core.wait("redirected")["status"])
        core.wait("accepted")
        redirecting.wait()
        self.hang_up(number, second)

    refusals = (("400 Bad Request", "X-Any: 1"), ("420 Bad Extension", "Unsupported: 100rel"),
                ("380 Alternative Service", "Contact: <tel:+12015550123>"), ("305 Use Proxy", "X-Any: 1"),
                ("480 Temporarily Unavailable", "Retry-After: 5"), ("500 Server Internal Error", "X-Any: 1"),
                ("513 Message Too Large", "X-Any: 1"), ("600 Busy Everywhere", "X-Any: 1"))

    def test_refusals(self):
        core = self.driver
        for status, more in self.refusals:
            with self.subTest(status):
                callee, number = self.call("callee_refuses", status=status, more=more)
                self.assertEqual(int(status[:3]), core.wait_ended("refused", number)["status"])
                callee.wait()


class Passwords(Over):
    secret = {"password": PASSWORD}

    def test_answered_challenges(self):
        core = self.driver
        for scenario in ("callee_nonce_grows_stale", "proxy_and_callee_ask", "callee_offers_algorithms"):
            with self.subTest(scenario):
                callee, number = self.call(scenario, line=self.secret, password=PASSWORD)
                core.wait("accepted")
                self.hang_up(number, callee)

    def test_a_wrong_password_is_tried_once(self):
        core = self.driver
        for status, kind, header in (("401 Unauthorized", "WWW", "Authorization"),
                                     ("407 Proxy Authentication Required", "Proxy", "Proxy-Authorization")):
            callee, number = self.call("callee_rejects_password", line=self.secret, status=status, kind=kind,
                                       authorization=header)
            self.assertEqual(int(status[:3]), core.wait_ended("refused", number)["status"])
            callee.wait()


class IsCalled(Over):
    def test_offer_in_prack(self):
        core = self.driver
        core.line()
        caller = self.caller("caller_offers_in_prack")
        number = core.wait("incoming")["session"]
        core.ask("provisional", session=number, status=183, sdp=sdp(), reliable=True)
        self.assertIn("a=sendonly", core.wait("offer")["sdp"])
        core.ask("answer_offer", session=number, sdp=sdp("recvonly", 2))
        core.ask("accept", session=number)
        core.wait_ended("bye_received")
        caller.wait()

    def test_updates(self):
        core = self.driver
        core.line()
        caller = self.caller("caller_updates")
        number = core.wait("incoming")["session"]
        core.ask("provisional", session=number, status=183, sdp=sdp(), reliable=True)
        self.assertIn("a=sendonly", core.wait("offer")["sdp"])
        core.ask("answer_offer", session=number, sdp=sdp("recvonly", 2))
        core.ask("offer", session=number, sdp=sdp("inactive", 3))
        core.wait("offer_answered")
        core.ask("accept", session=number)
        core.wait("offer")
        core.ask("answer_offer", session=number, sdp=sdp("sendrecv", 4))
        core.wait_ended("bye_received")
        caller.wait()

    def test_session_timers(self):
        core = self.driver
        core.line()
        for scenario, end in (("caller_wants_short_session", "bye_received"),
                              ("caller_is_refreshed", "bye_received"), ("caller_refuses_refresh", "expired")):
            with self.subTest(scenario):
                caller = self.caller(scenario)
                number = self.answered()
                core.wait_ended(end, number)
                caller.wait()


class Transfers(Over):
    def test_referred_in_a_call(self):
        core = self.driver
        callee, number = self.call("callee_refers")
        core.wait("accepted")
        refer = core.wait("incoming_refer")
        self.assertEqual(("sip:7003@127.0.0.1:9", True, number),
                         (refer["target"], refer["in_dialog"], refer["session"]))
        self.assertIn("sip:7002@127.0.0.1", refer["referred_by"])
        watching = core.ask("accept_refer", id=refer["id"])["subscription"]
        for status in (180, 200):
            core.ask("notify_refer", subscription=watching, status=status)
        driver.until(lambda c=callee: c.messages("received", "NOTIFY", "SIP/2.0 200"), "the outcome is told")
        self.hang_up(number, callee)

    def test_referred_silently(self):
        core = self.driver
        callee, number = self.call("callee_refers_silently", status="202")
        core.wait("accepted")
        refer = core.wait("incoming_refer")
        self.assertFalse(refer["wants_notifications"])
        core.ask("accept_refer", id=refer["id"])
        self.hang_up(number, callee)

    def test_refers_in_a_call(self):
        core = self.driver
        for outcome in ("200 OK", "603 Decline"):
            callee, number = self.call("callee_is_referred", outcome=outcome, refer_to="sip:7003@127.0.0.1")
            core.wait("accepted")
            watched = core.refer(session=number, refer_to="sip:7003@127.0.0.1", referred_by="sip:7001@127.0.0.1")
            last = core.wait("refer_progress", lambda e: e["finished"])
            self.assertEqual((int(outcome[:3]), False, watched),
                             (last["status"], last["refused"], last["subscription"]))
            self.assertTrue(core.told("refer_progress", lambda e: e["status"] == 180))
            self.hang_up(number, callee)

    def test_refused_transfer(self):
        core = self.driver
        callee, number = self.call("callee_refuses_refer", status="603 Decline")
        core.wait("accepted")
        core.refer(session=number, refer_to="sip:7003@127.0.0.1")
        last = core.wait("refer_progress", lambda e: e["finished"])
        self.assertEqual((603, True), (last["status"], last["refused"]))
        self.hang_up(number, callee)

    def test_refers_outside(self):
        core = self.driver
        callee = self.callee("is_referred_outside")
        core.refer(line=self.line(callee), target="sip:7002@127.0.0.1", refer_to="sip:7003@127.0.0.1")
        last = core.wait("refer_progress", lambda e: e["finished"])
        self.assertEqual((486, False), (last["status"], last["refused"]))
        callee.wait()

    def test_referred_by_a_caller(self):
        core = self.driver
        core.line()
        caller = self.caller("caller_refers",
                             refer_to="<sip:7003@127.0.0.1?Replaces=a%40b%3Bto-tag%3Dc%3Bfrom-tag%3Dd>")
        self.answered()
        refer = core.wait("incoming_refer")
        self.assertEqual("a@b;to-tag=c;from-tag=d", refer["replaces"])
        watching = core.ask("accept_refer", id=refer["id"])["subscription"]
        core.ask("notify_refer", subscription=watching, status=603)
        core.wait_ended("bye_received")
        caller.wait()

    def test_referred_outside(self):
        core = self.driver
        core.line()
        caller = self.caller("refers_outside")
        refer = core.wait("incoming_refer")
        self.assertEqual((False, 0), (refer["in_dialog"], refer["session"]))
        watching = core.ask("accept_refer", id=refer["id"])["subscription"]
        core.ask("notify_refer", subscription=watching, status=200)
        caller.wait()


class Replaces(Over):
    def replaced_header(self, number, more=""):
        """As the phone's own peer would name the dialog (RFC 3891 §4): to-tag is the phone's."""
        facts = self.driver.ask("dialog", session=number)
        return f"{facts['call_id']};to-tag={facts['local_tag']};from-tag={facts['remote_tag']}{more}"

    def test_a_call_takes_the_place_of_another(self):
        core = self.driver
        core.line()
        first = self.caller("caller_is_replaced")
        number = self.answered()
        second = self.caller("caller_replaces", replaces=self.replaced_header(number))
        incoming = core.wait("incoming")
        self.assertEqual(number, incoming["replaces"])
        core.ask("accept", session=incoming["session"], sdp=sdp())
        core.wait_ended("replaced", number)
        core.wait_ended("bye_received", incoming["session"])
        first.wait()
        second.wait()
        core.assert_nothing_left(self)

    def test_an_early_call_of_ours_is_replaced(self):
        core = self.driver
        ringing, number = self.call("callee_rings_until_replaced")
        core.wait("provisional", lambda e: e["status"] == 180)
        pickup = self.caller("caller_replaces", replaces=self.replaced_header(number, ";early-only"))
        incoming = core.wait("incoming")
        self.assertEqual(number, incoming["replaces"])
        core.ask("accept", session=incoming["session"], sdp=sdp())
        core.wait_ended("replaced", number)
        core.wait_ended("bye_received", incoming["session"])
        ringing.wait()
        pickup.wait()

    def test_what_cannot_be_replaced(self):
        core = self.driver
        core.line()
        first = self.caller("caller_is_replaced")
        number = self.answered()
        early_only = self.replaced_header(number, ";early-only")
        for replaces, status in ((early_only, "486"), ("nobody@here;to-tag=a;from-tag=b", "481"),
                                 (early_only.replace(";from-tag=", ";from-tag=x"), "481"),
                                 ("nobody@here;to-tag=a", "400")):
            with self.subTest(replaces):
                self.caller("caller_replaces_wrongly", replaces=replaces, status=status).wait()
        core.hang_up(number)
        first.wait()
        self.assertEqual(1, core.told("incoming"))

    def test_we_replace(self):
        core = self.driver
        wanted = "call@other;to-tag=theirs;from-tag=others"
        callee, number = self.call("callee_expects_replaces", replaces=wanted.replace("/", "."), invite={
            "replaces": {"call_id": "call@other", "to_tag": "theirs", "from_tag": "others"}})
        core.wait("accepted")
        self.hang_up(number, callee)


def in_both_ways(*cases):
    for case in cases:
        for transport, sipp_transport in (("udp", "u1"), ("tcp", "t1")):
            name = f"{case.__name__}Over{transport.capitalize()}"
            globals()[name] = type(name, (case, session.TestCase, sipp.TestCase),
                                   {"transport": transport, "sipp_transport": sipp_transport})


if __name__ == "__main__":
    driver.needs("sipp", "sipp")
    in_both_ways(Calls, Passwords, IsCalled, Transfers, Replaces)
    driver.main()
