"""Proves each scenario of the SDK document with real phones, real sound and the real lab: from the T-Library request to
the speech in the ear."""
import driver
import lab_desk


class Scenarios(lab_desk.Desk):
    def talk(self, caller="7001", callee="7002"):
        """A call by MakeCall that both have answered."""
        self.request("make-call", caller, callee)
        self.phones[caller].wait_call(state="ringing")
        self.request("answer-call", caller, None, "--until", "EventRinging")
        self.request("answer-call", callee)
        self.connected(caller)
        self.connected(callee)
        self.wait_event("EventEstablished", caller, callee)

    def both_hear(self, title, one="7001", other="7002"):
        self.listen(title, {one: [other], other: [one]})

    def test_make_call_by_reinvite_hold_retrieve_and_release(self):
        self.open_lab()
        self.open_phone("7001")
        self.open_phone("7002")
        self.talk()
        self.both_hear("talk")
        self.request("hold-call", "7002")
        self.phones["7002"].wait_call(held_by_peer=True)
        self.listen("hold", {"7001": [], "7002": []})
        self.request("retrieve-call", "7002")
        self.phones["7002"].wait_call(held_by_peer=False)
        self.both_hear("retrieve")
        self.request("send-dtmf", "7001", "12#")
        self.phones["7002"].wait("dtmf_received", lambda e: e["digit"] == "#")
        self.request("release-call", "7002")
        for dn in ("7001", "7002"):
            self.phones[dn].wait_ended("hung_up_there")


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
