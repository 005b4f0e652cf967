"""SIP over TLS with a peer of another make on the other end: `openssl s_client` against the lab, and
`sidetone phone` against `openssl s_server`."""
import time

import driver
from certificates import Authority


def options(port, branch):
    return (f"OPTIONS sip:lab@127.0.0.1:{port};transport=tls SIP/2.0\r\n"
            f"Via: SIP/2.0/TLS 127.0.0.1:5061;branch=z9hG4bK{branch};rport\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:peer@127.0.0.1>;tag=1\r\nTo: <sip:lab@127.0.0.1>\r\n"
            f"Call-ID: {branch}@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")


class Server(driver.Program):
    """`openssl s_server`, one connection, whose requests we answer by hand."""

    def __init__(self, arguments, folder, name, port):
        self.port = port
        super().__init__(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", *arguments], folder,
                         name)

    def answer_register(self):
        lines = {}
        deadline = time.monotonic() + driver.PATIENCE_S
        while (line := self.next_line(deadline)) is not None:
            line = line.rstrip("\r")
            if not line and lines:
                break
            name, _, value = line.partition(":")
            lines.setdefault(name.strip(), value.strip())
        to = lines["To"] + ";tag=server"
        self.write("SIP/2.0 200 OK\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in
            (("Via", lines["Via"]), ("From", lines["From"]), ("To", to), ("Call-ID", lines["Call-ID"]),
             ("CSeq", lines["CSeq"]), ("Contact", lines["Contact"]), ("Expires", "600"),
             ("Content-Length", "0"))) + "\r\n")
        return lines


class AgainstTheLab(driver.TestCase):
    def tls_lab(self, *arguments):
        self.authority = Authority(self.folder)
        lab = self.start(driver.Program,
                         [driver.SIDETONE_LAB, "--listen", "127.0.0.1:0", "--print-port", "--folder",
                          self.path("lab"), "--log", self.path("lab.log"), "--tls-port", "0",
                          "--tls-certificate", self.authority.issue("lab", "DNS:lab.test"), *arguments], "lab")
        deadline = time.monotonic() + driver.PATIENCE_S
        lab.next_line(deadline)
        lab.tls_port = int(lab.next_line(deadline))
        return lab

    def client(self, lab, *arguments, name="client"):
        return self.start(driver.Program,
                          ["openssl", "s_client", "-connect", f"127.0.0.1:{lab.tls_port}", "-servername",
                           "lab.test", "-verify_hostname", "lab.test", "-verify_return_error", "-CAfile",
                           self.authority.certificate, *arguments], name)

    def test_requests_are_answered_over_either_version(self):
        lab = self.tls_lab()
        for version, words in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            client = self.client(lab, version, "-crlf", name=f"client{version}")
            client.wait_line("Verification: OK")
            client.write(options(lab.tls_port, f"s{version[-1]}").replace("\r\n", "\n"))
            client.wait_line("SIP/2.0 200")
            self.assertIn(words, "\n".join(client.seen))

    def test_older_versions_are_refused(self):
        lab = self.tls_lab()
        client = self.client(lab, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        self.assertNotEqual(0, client.wait_exit())
        self.assertNotIn("SIP/2.0", "\n".join(client.seen))
        driver.until(lambda: "no common protocol version with the client" in self.log_of(lab),
                     "the lab's log names the fault")

    def log_of(self, _):
        with open(self.path("lab.log"), encoding="utf-8") as file:
            return file.read()

    def test_a_client_certificate_when_it_is_demanded(self):
        lab = self.tls_lab("--tls-ca-file", self.path("Test-CA.pem"), "--tls-demand-certificate")
        phone = self.authority.issue("phone", "DNS:phone.test")
        client = self.client(lab, "-cert", phone, "-key", phone, "-crlf")
        client.wait_line("Verification: OK")
        client.write(options(lab.tls_port, "c").replace("\r\n", "\n"))
        client.wait_line("SIP/2.0 200")
        self.client(lab, "-crlf", name="without")
        driver.until(lambda: "the client shows no certificate, and one is demanded" in self.log_of(lab),
                     "the lab's log names the fault")

    def test_renegotiation_is_not_to_be_had(self):
        lab = self.tls_lab()
        client = self.client(lab, "-tls1_2")
        client.wait_line("Verification: OK")
        client.write("R\n")  # s_client's command
        self.assertNotEqual(0, client.wait_exit())
        other = self.client(lab, "-crlf", name="other")  # nobody else is disturbed
        other.wait_line("Verification: OK")
        other.write(options(lab.tls_port, "o").replace("\r\n", "\n"))
        other.wait_line("SIP/2.0 200")


class AgainstAServer(driver.TestCase):
    def server(self, *arguments, certificate=None, name="server"):
        port = driver.free_port()
        server = self.start(lambda a, folder, label: Server(a, folder, label, port),
                            ["-cert", certificate or self.certificate, *arguments], name)
        driver.until(lambda: driver.tcp_port_is_open(port), "s_server listens")
        return server

    def setUp(self):
        self.authority = Authority(self.folder)
        self.certificate = self.authority.issue("server", "URI:sip:localhost,IP:127.0.0.1")

    def tls_phone(self, server, *arguments, host="127.0.0.1", name="phone"):
        return self.phone("--server", f"{host}:{server.port}", "--user", "7001", "--protocol", "tls", "--ca-file",
                          self.authority.certificate, *arguments, name=name)

    def test_registers_over_either_version(self):
        for version in ("-tls1_2", "-tls1_3"):
            server = self.server(version, name=f"server{version}")
            phone = self.tls_phone(server, name=f"phone{version}")
            register = server.answer_register()
            self.assertTrue(register["Via"].startswith("SIP/2.0/TLS "), register["Via"])
            self.assertIn(";transport=tls", register["Contact"])
            phone.wait_line_state("ready")

    def test_the_name_of_the_line_is_sent_and_checked(self):
        server = self.server("-servername", "localhost", "-servername_fatal", "-cert2", self.certificate,
                             "-key2", self.certificate)
        phone = self.tls_phone(server, host="localhost")
        server.answer_register()
        phone.wait_line_state("ready")

    def test_a_client_certificate_when_it_is_demanded(self):
        demand = ("-Verify", "1", "-verify_return_error", "-CAfile", self.authority.certificate)
        for version in ("-tls1_2", "-tls1_3"):
            server = self.server(version, *demand, name=f"with{version}")
            phone = self.tls_phone(server, "--certificate", self.authority.issue("phone", "DNS:phone.test"),
                                   name=f"phone-with{version}")
            server.answer_register()
            phone.wait_line_state("ready")
            server = self.server(version, *demand, name=f"without{version}")
            phone = self.tls_phone(server, name=f"phone-without{version}")
            self.assertIn("the server demands a client certificate, and none is configured",
                          phone.wait_line_state("failed")["text"])

    def test_what_is_wrong_with_the_server(self):
        issue = self.authority.issue
        weak = ("rsa:1024",)
        rows = (
            ("wrong name", (), issue("other", "DNS:other.test"), ("expected 127.0.0.1, found DNS:other.test",)),
            ("expired", (), issue("old", "IP:127.0.0.1", expired=True), ("CN=old", "has expired on")),
            ("weak key", ("-cipher", "DEFAULT@SECLEVEL=0"), issue("weak", "IP:127.0.0.1", key=weak),
             ("CN=weak", "has a weak key: RSA key of 1024 bits")),
            ("TLS 1.1", ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), None, ("no common protocol version",)),
            ("no cipher", ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"), None, ("no common cipher",)),
        )
        for index, (fault, arguments, certificate, words) in enumerate(rows):
            with self.subTest(fault):
                server = self.server(*arguments, certificate=certificate, name=f"server-{index}")
                phone = self.tls_phone(server, name=f"phone-{index}")
                text = phone.wait_line_state("failed")["text"]
                for word in words:
                    self.assertIn(word, text)


if __name__ == "__main__":
    driver.main()
