"""What the sessions with baresip and linphonec have in common."""
import driver
import session
from certificates import Authority
from session import sdp


class TestCase(session.TestCase):
    """`core` talks with the peer; `third` is who calls are transferred to."""

    def setUp(self):
        self.authority = Authority(self.folder)
        # linphonec's TLS library compares names only, also with what is an address.
        self.certificate = self.authority.issue("any", "IP:127.0.0.1,DNS:127.0.0.1")
        self.core, self.third = (self.session(name, tls={"ca_file": self.authority.certificate,
                                                         "certificate": self.certificate})
                                 for name in ("core", "third"))
        self.core.answers_offers = True  # those that are transferred hold first
        self.line = self.core.line("7001")
        self.third_line = self.third.line("7003")

    @staticmethod
    def answer(core, **where):
        """The next call to the core, answered."""
        incoming = core.wait("incoming", lambda e: all(bool(e[key]) == value for key, value in where.items()))
        core.ask("accept", session=incoming["session"], sdp=sdp())
        core.wait("confirmed")
        return incoming["session"]

    def call(self, port, core=None, line=None, transport="udp", user="peer"):
        core = core or self.core
        # The hop says by whose certificates: without it the driver would trust the system's authorities.
        number = core.invite(line or self.line, f"sip:{user}@127.0.0.1:{port};transport={transport}",
                             next_hop={"host": "127.0.0.1", "port": port, "transport": transport})
        core.wait("accepted", lambda e: e["session"] == number)
        return number

    @property
    def third_uri(self):
        return f"sip:7003@127.0.0.1:{self.third.port}"

    def next_of_hold(self, ask_again):
        events = ("offer", "offer_answered", "offer_retry_due", "command_failed")
        if ask_again is None:
            return self.core.wait(events)
        try:
            return self.core.wait(events, seconds=3)
        except AssertionError:
            ask_again()
            return self.core.wait(events)

    def hold_by_both(self, number, hold_by_peer, may_forget=False, ask_again=None):
        """Both send their offer at once. Whoever gets 491 tries again (RFC 3261 §14.1); in the end each has the
        other's offer, unless the peer is one that gives up. Returns whether it holds: who made the call tries
        again last, so that the peer's second offer has come before. `ask_again`: for a peer that may overhear its
        user while our offer is being answered."""
        core = self.core
        core.answers_offers = False
        core.send("offer", session=number, sdp=sdp("sendonly", 2))
        hold_by_peer()
        ours_answered, theirs_seen, both_refused = False, False, False
        while not (ours_answered and (theirs_seen or both_refused and may_forget)):
            event = self.next_of_hold(ask_again)
            if event["event"] == "offer":
                theirs_seen = "a=sendonly" in event["sdp"] or "a=inactive" in event["sdp"]
                core.send("answer_offer", session=number, sdp=sdp("inactive", 3))
            elif event["event"] == "offer_answered":
                self.assertRegex(event["sdp"], "a=(recvonly|inactive)")
                ours_answered = True
            else:  # the peer's offer came first and is not settled yet, or 491
                both_refused = both_refused or event["event"] == "offer_retry_due"
                core.send("offer", session=number, sdp=sdp("sendonly", 4))
        return theirs_seen

    def transferred_by_peer(self, number):
        """What a phone does that is asked to call somebody else instead: the call to `third`, and its outcome told.
        Returns what was asked."""
        core, third = self.core, self.third
        refer = core.wait("incoming_refer", lambda e: e["session"] == number)
        watching = core.ask("accept_refer", id=refer["id"])["subscription"]
        replaces = {}
        if refer["replaces"]:
            call_id, *tags = refer["replaces"].split(";")
            named = dict(tag.split("=") for tag in tags)
            replaces = {"replaces": {"call_id": call_id, "to_tag": named["to-tag"], "from_tag": named["from-tag"]}}
        # Who has no server names a party as it was named to it, without a port.
        new = core.invite(self.line, refer["target"], next_hop={"host": "127.0.0.1", "port": third.port}, **replaces)
        self.answer(third, replaces=bool(replaces))
        core.wait("accepted", lambda e: e["session"] == new)
        core.ask("notify_refer", subscription=watching, status=200)
        return new

    def transfer(self, number, **where):
        """The peer is sent to `third`, and tells what became of it."""
        core = self.core
        core.refer(session=number, referred_by="sip:7001@127.0.0.1", **where)
        last = core.wait("refer_progress", lambda e: e["finished"])
        self.assertEqual((200, False), (last["status"], last["refused"]))
