"""Proves each scenario of the SDK document with real phones, real sound and the real lab: from the T-Library request to
the speech in the ear, and silence where silence belongs."""
import driver
import lab_desk

A, B, C = "7001", "7002", "7003"


class Scenarios(lab_desk.Desk):
    """What both groups do."""
    def open(self, phones, *options):
        self.open_lab(*options)
        for dn in (A, B, C)[:phones]:
            self.open_phone(dn)

    def talk(self, caller=A, callee=B, ring_back=None):
        """A call by MakeCall: the caller's phone answers by NOTIFY talk by itself, the callee's when it is told to."""
        self.request("make-call", caller, callee, "--until", "EventRinging")
        if ring_back is not None:
            self.connected(caller)
            self.listen("ring-back", {caller: ring_back})
        self.request("answer-call", callee)
        self.connected(callee)
        if ring_back is None:
            self.connected(caller)
        self.client.wait("EventEstablished", lambda e: e["this_dn"] == caller)

    def consult(self, holder=B, destination=C, request="initiate-transfer"):
        self.request(request, holder, destination, "--until", "EventRinging")
        self.request("answer-call", destination)
        self.connected(destination)
        self.client.wait("EventEstablished", lambda e: e["this_dn"] == holder)

    def both_hear(self, title, one, other, silent=()):
        self.listen(title, {one: [other], other: [one], **{dn: [] for dn in silent}})

    def over(self, *dns):
        for dn in dns:
            self.phones[dn].wait("call_ended")

    def only_call(self, dn):
        """Waits until the phone has just one call, and that is connected."""
        phone = self.phones[dn]

        def look():
            phone.send("snapshot")
            calls = phone.wait("snapshot")["calls"]
            return len(calls) == 1 and calls[0]["state"] == "connected" and calls[0]["call"]

        return driver.until(look, f"{dn} has one call")


class Calls(Scenarios):
    # T-Lib-Initiated MakeCall re-INVITE, Hold-Retrieve, Termination TReleaseCall, Answer Call Functionality
    def test_make_call_by_reinvite_hold_retrieve_and_release(self):
        self.open(2)
        self.talk(ring_back="tone")
        self.both_hear("talk", A, B)
        self.request("hold-call", B)
        self.listen("hold", {A: [], B: []})
        self.request("retrieve-call", B)
        self.both_hear("retrieve", A, B)
        self.request("send-dtmf", A, "12#")
        for digit in "12#":
            self.phones[B].wait("dtmf_received", lambda e, digit=digit: e["digit"] == digit)
        self.request("release-call", B)
        self.over(A, B)

    # MakeCall INVITE (flow 1), Music on Hold
    def test_make_call_by_flow_1_and_hold_with_music(self):
        self.open(2, "--dn", ":make-call-rfc3725-flow=1", "--music-on-hold")
        self.talk()
        self.both_hear("talk", A, B)
        self.request("hold-call", B)
        self.listen("hold", {A: "music", B: []})
        self.request("retrieve-call", B)
        self.both_hear("retrieve", A, B)
        self.request("release-call", A)
        self.over(A, B)

    # SingleStepTransfer re-INVITE
    def test_single_step_transfer_by_reinvite(self):
        self.open(3)
        self.talk()
        self.request("single-step-transfer", B, C, "--until", "EventRinging")
        self.over(B)
        self.request("answer-call", C)
        self.connected(C)
        self.both_hear("transferred", A, C)
        self.request("release-call", C)
        self.over(A, C)

    # MakeCall and SingleStepTransfer by REFER
    def test_make_call_and_single_step_transfer_by_refer(self):
        self.open(3, "--dn", ":refer-enabled=true")
        self.talk()
        self.both_hear("talk", A, B)
        self.request("single-step-transfer", B, C, "--until", "EventRinging")
        self.request("answer-call", C)
        self.connected(A, remote_number=C)
        self.connected(C)
        self.both_hear("transferred", A, C)
        self.request("release-call", C)
        self.over(A, C)

    # SingleStepTransfer User Busy
    def test_single_step_transfer_to_a_busy_party(self):
        self.open(3, "--busy-treatment")
        self.talk()
        self.request("single-step-transfer", B, C, "--until", "EventRinging")
        self.phones[C].wait_call(state="ringing")
        self.phones[C].send("reject", status=486)
        self.over(B)
        self.listen("busy", {A: "tone"})
        self.phones[A].send("hang_up")
        self.over(A)

    # --- requests that cannot be
    def test_bad_requests_get_an_error_event(self):
        self.open(1)
        for request, other, error in (("hold-call", None, "unknown_call"), ("make-call", "7999", "unknown_dn"),
                                      ("answer-call", None, "unknown_call"), ("send-dtmf", "1", "unknown_call")):
            code, told = self.ask(request, A, other)
            self.assertEqual((1, error), (code, told.get("error")), told)
        code, told = self.ask("make-call", "7998", A)
        self.assertEqual((1, "unknown_dn"), (code, told.get("error")), told)


class Consults(Scenarios):
    # Consult Transfer re-INVITE, with music, and back and forth before it
    def test_consult_alternate_and_transfer(self):
        self.open(3, "--music-on-hold")
        self.talk()
        self.consult()
        main = self.calls[B]
        consulting = self.phones[B].wait_call(state="connected", held_by_peer=False)["call"]
        self.listen("consult", {A: "music", B: [C], C: [B]}, {B: consulting})
        self.request("alternate-call", B)
        self.listen("alternate", {A: [B], B: [A], C: "music"}, {B: main})
        self.request("complete-transfer", B)
        self.over(B)
        self.both_hear("transferred", A, C)
        self.request("release-call", A)
        self.over(A, C)

    # Consult Transfer by REFER with Replaces
    def test_consult_transfer_by_refer(self):
        self.open(3, "--dn", ":transfer-complete-by-refer=true")
        self.talk()
        self.consult()
        self.request("complete-transfer", B)
        self.over(B)
        self.calls = {dn: self.only_call(dn) for dn in (A, C)}
        self.both_hear("transferred", A, C)

    # Consult Call Single EndPoint: reconnected, then completed
    def test_consult_on_one_dialog(self):
        self.open(3, "--dn", ":dual-dialog-enabled=false")
        self.talk()
        self.consult()
        self.both_hear("consult", B, C, silent=[A])
        self.request("reconnect-call", B)
        self.over(C)
        self.both_hear("reconnected", A, B)
        self.consult()
        self.request("complete-transfer", B)
        self.over(B)
        self.both_hear("transferred", A, C)

    # 3-Way Conf Central Mixing, both variants of the mixer
    def conference(self, *options, with_hold=False):
        self.open(3, *options)
        self.talk()
        self.consult(request="initiate-conference")
        self.request("complete-conference", B)
        self.calls = {dn: self.only_call(dn) for dn in (A, B, C)}
        if with_hold:
            self.request("hold-call", B)
            self.both_hear("one holds", A, C, silent=[B])
            self.request("retrieve-call", B)
        self.listen("conference", {A: [B, C], B: [A, C], C: [A, B]})
        self.request("release-call", B)
        self.over(B)
        self.both_hear("two are left", A, C)

    def test_conference(self):
        self.conference(with_hold=True)

    def test_conference_of_a_mixer_that_wants_offers(self):
        self.conference("--offers-to-mixer")


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
