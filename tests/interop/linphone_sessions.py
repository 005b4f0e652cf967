"""Proves at session level, with Debian's linphonec as the peer: calls over TLS, blind and attended transfers
(Replaces) both ways, and hold by both sides at once."""
import driver
import linphone_peer
import session_peers
from session import sdp


class Sessions(session_peers.TestCase, linphone_peer.TestCase):
    def test_called_over_tls(self):
        # The core asks for a certificate; without one linphonec asks the terminal for it, and waits.
        peer = self.linphone("peer", root_ca=self.authority.certificate, certificate=self.certificate)
        peer.write(f"call sip:7001@127.0.0.1:{self.core.tls_port};transport=tls\n")
        number = self.answer(self.core)
        self.core.hang_up(number)

    def test_hold_by_both_at_once(self):
        peer = self.linphone("peer")
        number = self.call(peer.port)
        # After a 491 that of Debian 12 forgets its wish and that of Debian 13 does not. Ours can be taken back.
        peer_holds = self.hold_by_both(number, lambda: peer.write("pause\n"), may_forget=True)
        self.core.ask("offer", session=number, sdp=sdp("sendrecv", 5))
        answer = self.core.wait("offer_answered")["sdp"]
        if peer_holds:
            self.assertRegex(answer, "a=(sendonly|inactive)")
        else:
            self.assertNotRegex(answer, "a=(recvonly|sendonly|inactive)")
        self.core.hang_up(number)

    def test_transferred_by_the_peer(self):
        peer = self.linphone("peer")
        number = self.call(peer.port)
        peer.write(f"transfer {self.third_uri}\n")
        new = self.transferred_by_peer(number)
        self.core.hang_up(new)

    def test_the_peer_is_transferred(self):
        peer = self.linphone("peer")
        number = self.call(peer.port)
        self.core.send("refer", session=number, refer_to=self.third_uri)
        new = self.answer(self.third)
        last = self.core.wait("refer_progress", lambda e: e["finished"])
        self.assertEqual((200, False), (last["status"], last["refused"]))
        self.core.send("end", session=number)
        self.third.hang_up(new)

    def test_attended_transfer_by_the_peer(self):
        peer = self.linphone("peer")
        number = self.call(peer.port)
        self.third.invite(self.third_line, f"sip:peer@127.0.0.1:{peer.port}")
        self.third.wait("provisional", lambda e: e["status"] == 180)
        peer.write("answer 2\n")  # it answers by itself only when it is idle
        other = self.third.wait("accepted")["session"]
        self.core.wait("offer_confirmed")  # the first is held meanwhile
        peer.wait_line("is now paused")
        peer.write("transfer 1 --to-call 2\n")
        new = self.transferred_by_peer(number)
        self.assertEqual(1, self.third.told("ended", lambda e: (e["session"], e["cause"]) == (other, "replaced")))
        self.core.hang_up(new)

    def test_the_peer_is_transferred_to_a_call(self):
        first, second = self.linphone("first"), self.linphone("second")
        number, other = self.call(first.port), self.call(second.port)
        self.transfer(number, refer_to_session=other)
        # `second` was told that this one is replaced; that may have been before the outcome was told.
        if not self.core.told("ended", lambda e: e["session"] == other):
            self.core.wait_ended("bye_received", other)


if __name__ == "__main__":
    driver.needs("linphone", "linphonec")
    driver.needs("sox", "sox")
    driver.main()
