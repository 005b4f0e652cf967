"""Proves that the SIP core finds Kamailio by its domain's NAPTR and SRV records (dnsmasq), over UDP, TCP and TLS, and
what happens when the first of two proxies dies: in a call, while a registration is under way, and before the
next call. Then the edge proxy: Path, Service-Route and outbound (RFC 3327, RFC 3608, RFC 5626)."""
import time

import driver
import session
from certificates import Authority
from driver import PASSWORD
from kamailio_server import DOMAIN, Kamailio
from name_server import NameServer, service
from session import sdp

TIMEOUT_MS = 2000  # sip_transaction_timeout: a server that says nothing for so long is given up


class TestCase(session.TestCase):
    def kamailio(self, name, **more):
        return self.start(lambda _, folder, label: Kamailio(folder, label, **more), [], name)

    def name_server(self, *records):
        return self.start(lambda _, folder, name: NameServer(records, folder, name), [], "dnsmasq")

    @staticmethod
    def registered(core, user, server, **more):
        """The core's line of this user, with a server as session_driver's "server" field has it."""
        line = core.line(user, DOMAIN, password=PASSWORD, server=server, register_expires=600, **more)
        core.wait_registered(line)
        return line

    @staticmethod
    def call(caller, line, callee, user="7002"):
        """From the caller's line to the callee, answered."""
        ours = caller.invite(line, f"sip:{user}@{DOMAIN}")
        theirs = callee.wait("incoming")["session"]
        callee.ask("accept", session=theirs, sdp=sdp())
        caller.wait("accepted")
        callee.wait("confirmed")
        return ours, theirs


class Pool(TestCase):
    """Two proxies behind one domain; the callee is registered at both, each by its address."""
    transport = "udp"

    def setUp(self):
        self.authority = Authority(self.folder)
        # RFC 5922 §7.1: the certificate is the domain's, not the machine's.
        certificate = self.authority.issue("pool", f"URI:sip:{DOMAIN}") if self.transport == "tls" else None
        self.one, self.two = (self.kamailio(name, certificate=certificate) for name in ("one", "two"))
        tls = self.transport == "tls"
        servers = [(f"{kamailio.name}.test", kamailio.tls_port if tls else kamailio.port)
                   for kamailio in (self.one, self.two)]
        self.names = self.name_server(*service(self.transport, DOMAIN, *servers))
        self.caller = self.session("caller", name_server=self.names.address, transaction_timeout_ms=TIMEOUT_MS,
                                   tls={"ca_file": self.authority.certificate})
        self.callee = self.session("callee", transaction_timeout_ms=TIMEOUT_MS)
        for kamailio in (self.one, self.two):
            self.registered(self.callee, "7002", {"host": "127.0.0.1", "port": kamailio.port, "transport": "udp"})
        # TLS is asked for; what NAPTR chooses is the transport that the domain has.
        self.line = self.registered(self.caller, "7001",
                                    {"host": DOMAIN, "transport": "tls" if tls else "any"})

    def test_a_call_by_the_first(self):
        ours, theirs = self.call(self.caller, self.line, self.callee)
        self.caller.ask("offer", session=ours, sdp=sdp("sendonly", 2))
        self.callee.wait("offer")
        self.callee.ask("answer_offer", session=theirs, sdp=sdp("recvonly", 2))
        self.caller.wait("offer_answered")
        self.caller.hang_up(ours)
        self.callee.wait_ended("bye_received")
        port = self.one.tls_port if self.transport == "tls" else self.one.port
        log = driver.until_written(self.caller.log, f">>>>> 127.0.0.1:{port}")
        self.assertNotIn(f"127.0.0.1:{self.two.tls_port if self.transport == 'tls' else self.two.port}", log)
        self.assertIn(f"Via: SIP/2.0/{self.transport.upper()} ", log)

    def test_the_first_dies_in_a_call(self):
        ours, theirs = self.call(self.caller, self.line, self.callee)
        self.one.kill()
        died = time.monotonic()
        # The call's route leads through the dead one (RFC 3261 §12.2.1.1): it cannot be changed or saved ...
        self.caller.ask("offer", session=ours, sdp=sdp("sendonly", 2))
        failed = self.caller.wait(("offer_failed", "ended"), lambda e: e["session"] == ours)
        self.assertIn(failed["status"], (408, 503))
        self.assertEqual("offer_failed", failed["event"])  # the call itself goes on: its media may
        self.caller.send("end", session=ours)
        # ... and the next goes by the second.
        started = time.monotonic()
        self.call(self.caller, self.line, self.callee)
        now = time.monotonic()
        print(f"  time from server death to a working call, {self.transport}, Kamailio killed: "
              f"{(now - died) * 1000:.0f} ms, {(now - started) * 1000:.0f} ms of them the new call",
              file=driver.sys.stderr)
        self.assertLess(now - started, TIMEOUT_MS / 1000 + 2)
        if self.transport == "tls":
            return  # it would have to prove its address, which the certificate of the domain does not name
        # The BYE is repeated until somebody is there again, and the callee is not left in a dead call.
        self.kamailio("one-again", port=self.one.port)
        self.callee.wait_ended("bye_received", theirs)

    def test_the_first_falls_silent(self):
        self.one.freeze()
        died = time.monotonic()
        self.call(self.caller, self.line, self.callee)
        took = time.monotonic() - died
        print(f"  time from server death to a working call, {self.transport}, Kamailio silent: {took * 1000:.0f} ms",
              file=driver.sys.stderr)
        self.assertGreater(took, TIMEOUT_MS / 1000 * 0.7)  # it was asked first
        self.assertLess(took, TIMEOUT_MS / 1000 + 2)

    def is_registering_anew(self):
        with open(self.caller.log, encoding="utf-8") as file:
            return file.read().count("REGISTER sip:") >= 3

    def test_the_first_dies_in_a_registration(self):
        self.one.freeze()
        self.caller.ask("register", line=self.line)
        driver.until(self.is_registering_anew, "the REGISTER is on its way")
        self.one.kill()
        died = time.monotonic()
        self.caller.wait_registered(self.line)
        print(f"  time from server death in a registration to a new one, {self.transport}: "
              f"{(time.monotonic() - died) * 1000:.0f} ms", file=driver.sys.stderr)
        ours, _ = self.call(self.caller, self.line, self.callee)
        self.caller.hang_up(ours)


class PoolOverTcp(Pool):
    transport = "tcp"


class PoolOverTls(Pool):
    transport = "tls"

    def test_a_certificate_of_another_domain(self):
        stranger = self.session("stranger", name_server=self.names.address, transaction_timeout_ms=TIMEOUT_MS,
                                tls={"ca_file": Authority(self.folder, "Other-CA").certificate})
        line = stranger.line("7001", DOMAIN, password=PASSWORD, server={"host": DOMAIN, "transport": "tls"},
                             register_expires=600)
        failed = stranger.wait("registration", lambda e: e["line"] == line and e["state"] == "failed")
        self.assertIn("certificate", failed["text"])


if __name__ == "__main__":
    driver.needs("kamailio", "kamailio")
    driver.needs("dnsmasq", "dnsmasq")
    driver.main()
