"""Proves lines with protocol tls: two `sidetone phone` at a `sidetone-lab` that listens for TLS register, call
and end; and certificates that are wrong are told with their name, fault and remedy."""
import os

import driver
from certificates import Authority
from configuration import softphone_config


class TlsTestCase(driver.TestCase):
    def tls_phone(self, lab, user, *arguments, environment=None):
        return self.phone("--server", lab.address, "--user", user, "--protocol", "tls", *arguments,
                          name=f"phone-{user}", environment=environment)

    def trusting_phone(self, lab, user, *arguments):
        phone = self.tls_phone(lab, user, "--ca-file", lab.certificate, *arguments)
        line = phone.wait_line_state("ready")
        self.assertEqual("TLS", line["transport"])
        return phone


class Calls(TlsTestCase):
    def test_a_call_each_way(self):
        lab = self.tls_lab()
        alice, bob = self.trusting_phone(lab, "7001"), self.trusting_phone(lab, "7002")
        for caller, callee, dn in ((alice, bob, "7002"), (bob, alice, "7001")):
            caller.send("dial", target=dn)
            callee.wait_call(direction="incoming", state="ringing")
            callee.send("answer")
            for phone in (caller, callee):
                phone.wait_call(state="connected")
                phone.wait("media_started")
            caller.send("hold")
            caller.wait_call(held_by_us=True)
            callee.wait_call(held_by_peer=True)
            callee.send("hang_up")
            callee.wait_ended("hung_up_here")
            caller.wait_ended("hung_up_there")
        alice.stop()
        bob.stop()
        with open(alice.log, encoding="utf-8") as file:
            log = file.read()
        self.assertIn("SIP/2.0/TLS", log)
        self.assertIn(";transport=tls", log)
        self.assertNotIn("SIP/2.0/UDP", log)

    def test_with_a_certificate_of_its_own_the_phone_listens(self):
        authority = Authority(self.folder)
        lab = self.tls_lab("--tls-certificate", authority.issue("lab", "IP:127.0.0.1"), "--tls-ca-file",
                           authority.certificate, "--tls-demand-certificate")
        lab.certificate = authority.certificate
        phone = self.trusting_phone(lab, "7001", "--certificate", authority.issue("phone", "DNS:phone.test"))
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        phone.stop()
        with open(phone.log, encoding="utf-8") as file:
            self.assertIn(";alias", file.read())

    def test_the_embedded_lab(self):
        phone = self.phone("--protocol", "tls")
        self.assertEqual("TLS", phone.wait_line_state("ready")["transport"])
        phone.stop()

    def test_from_a_configuration_file(self):
        lab = self.tls_lab()
        config = self.write_file("phone.config", softphone_config([("7001", lab.address, "TLS")],
                                                                  [{"reg_timeout": 60}]))
        phone = self.phone("--config", config, "--ca-file", lab.certificate)
        phone.wait_line_state("ready")
        phone.stop()


class Faults(TlsTestCase):
    def fails(self, phone, *words):
        line = phone.wait_line_state("failed")
        for word in words:
            self.assertIn(word, line["text"])
        phone.stop()

    def test_an_untrusted_server(self):
        lab = self.tls_lab()
        self.fails(self.tls_phone(lab, "7001"), 'certificate "CN=127.0.0.1"', "is self-signed",
                   "add it to the CA file")

    def test_another_name_and_that_it_can_be_switched_off(self):
        authority = Authority(self.folder)
        lab = self.tls_lab("--tls-certificate", authority.issue("lab", "DNS:sip.test"))
        trust = ("--ca-file", authority.certificate)
        self.fails(self.tls_phone(lab, "7001", *trust), "expected 127.0.0.1, found DNS:sip.test")
        phone = self.tls_phone(lab, "7002", *trust, "--no-name-check")
        phone.wait_line_state("ready")
        phone.stop()

    def test_an_expired_one(self):
        authority = Authority(self.folder)
        lab = self.tls_lab("--tls-certificate", authority.issue("lab", "IP:127.0.0.1", expired=True))
        self.fails(self.tls_phone(lab, "7001", "--ca-file", authority.certificate),
                   'certificate "CN=lab" (issuer "CN=Test-CA", serial 0A1B) has expired on')

    def test_a_port_without_tls(self):
        lab = self.lab()
        self.fails(self.tls_phone(lab, "7001"), "TLS")

    def test_files_that_are_not_there(self):
        for option, words in (("--ca-file", "the CA file /nowhere.pem cannot be read"),
                              ("--certificate", "the certificate file /nowhere.pem cannot be read"),
                              ("--key", "the private key file /nowhere.pem cannot be read")):
            code, _, errors = self.run_program("phone", "--server", "127.0.0.1", "--protocol", "tls", option,
                                               "/nowhere.pem", "--audio", "none")
            self.assertEqual(1, code)
            self.assertIn(words, errors)

    def test_a_key_of_another_certificate(self):
        authority = Authority(self.folder)
        first, second = authority.issue("one", "DNS:one.test"), authority.issue("two", "DNS:two.test")
        self.assertTrue(os.path.exists(second))
        code, _, errors = self.run_program(
            "phone", "--server", "127.0.0.1", "--protocol", "tls", "--certificate", first, "--key",
            self.path("two.key"), "--audio", "none")
        self.assertEqual(1, code)
        self.assertIn("two.key does not belong to the certificate", errors)

    def test_a_thumbprint_is_no_file(self):
        text = softphone_config([("7001", "127.0.0.1:1", "tls")]).replace(
            "</settings>", '<domain name="system"><section name="security"><setting name="certificate" '
            'value="78 f2 06 c1"/></section></domain></settings>')
        code, _, errors = self.run_program("phone", "--config", self.write_file("t.config", text), "--audio",
                                           "none")
        self.assertEqual(1, code)
        self.assertIn("is a thumbprint", errors)


if __name__ == "__main__":
    driver.main()
