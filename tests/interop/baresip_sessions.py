"""Proves at session level, with Debian's baresip as the peer: calls over TLS both ways, transfers both ways, and hold
by both sides at once. baresip 1.0 knows no Replaces: attended transfers are linphonec's."""
import baresip_peer
import driver
import session_peers


class Sessions(session_peers.TestCase, baresip_peer.TestCase):
    def peer(self, *arguments):
        # Without sound files: baresip 1.1 dies at times when a hold closes one that was just opened.
        peer = self.baresip("peer", "PCMU", *arguments, sound=False, more=(
            f"sip_certificate {self.certificate}\nsip_cafile {self.authority.certificate}\n"))
        for port in (peer.port + 1, peer.control):  # TLS and commands; they open after UDP
            driver.until(lambda p=port: driver.tcp_port_is_open(p), "baresip listens")
        return peer

    def test_called_over_tls(self):
        self.peer("-e", f"/dial sip:7001@127.0.0.1:{self.core.tls_port};transport=tls")
        number = self.answer(self.core)
        self.core.hang_up(number)

    def test_calls_over_tls(self):
        peer = self.peer()
        number = self.call(peer.port + 1, transport="tls")
        self.core.hang_up(number)

    def test_hold_by_both_at_once(self):
        for transport, further in (("udp", 0), ("tls", 1)):
            with self.subTest(transport):
                peer = self.peer()
                number = self.call(peer.port + further, transport=transport)
                self.hold_by_both(number, lambda p=peer: p.command("hold"), ask_again=lambda p=peer: self.hold_again(p))
                self.core.hang_up(number)
                peer.kill()
                driver.shutil.rmtree(self.path("peer"))

    @staticmethod
    def hold_again(peer):
        """baresip 1.1 says nothing to the far end when it is told to hold in that moment, and takes the call for held."""
        peer.command("resume")
        peer.command("hold")

    def test_transferred_by_the_peer(self):
        peer = self.peer()
        number = self.call(peer.port)
        peer.command("transfer", self.third_uri)
        new = self.transferred_by_peer(number)
        self.core.wait_ended("bye_received", number)  # baresip leaves when it hears of the success
        self.core.hang_up(new)

    def test_the_peer_is_transferred(self):
        peer = self.peer()
        number = self.call(peer.port)
        self.core.send("refer", session=number, refer_to=self.third_uri)
        new = self.answer(self.third)
        last = self.core.wait("refer_progress", lambda e: e["finished"])
        self.assertEqual((200, False), (last["status"], last["refused"]))
        self.core.send("end", session=number)
        self.third.hang_up(new)


if __name__ == "__main__":
    driver.needs("baresip", "baresip")
    driver.needs("sox", "sox")
    driver.main()
