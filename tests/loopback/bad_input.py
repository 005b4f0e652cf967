"""Proves that `sidetone phone` says what is wrong with what it is given, and that nothing it is given at run time
ends it or disturbs its call."""
import json
import random
import socket

import driver
from configuration import softphone_config


class AtTheStart(driver.TestCase):
    def refused(self, *arguments):
        """The phone does not start; its explanation."""
        code, output, errors = self.run_program("phone", "--audio", "none", *arguments)
        self.assertEqual((1, ""), (code, output))
        return errors

    def test_a_busy_sip_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            errors = self.refused("--server", "127.0.0.1", "--no-register", "--sip-port", str(port))
        self.assertIn(str(port), errors)
        self.assertIn("in use", errors)

    def test_a_sound_file_that_is_not_there(self):
        errors = self.refused("--server", "127.0.0.1", "--no-register", "--speak", "nothing.wav")
        self.assertIn("nothing.wav", errors)
        self.assertIn("No such file", errors)

    def test_an_mp3_file(self):
        for name, content in (("tagged.mp3", b"ID3\x03\0\0\0\0\0\x21" + bytes(600)),
                              ("named.wav", b"\xff\xfb\x90\x44" + bytes(413))):
            errors = self.refused("--server", "127.0.0.1", "--no-register", "--speak",
                                  self.write_file(name, content))
            self.assertIn(f"{name}: MP3 cannot be played, only WAV", errors)

    def test_a_sound_file_of_zeros(self):
        errors = self.refused("--server", "127.0.0.1", "--no-register", "--speak",
                              self.write_file("zeros.wav", bytes(1000)))
        self.assertIn("this is no WAV file", errors)

    def test_a_recording_that_cannot_be_written_is_a_warning(self):
        lab = self.lab()
        phone = self.registered_phone(lab, "7001", "--record", self.path("no/such/folder.wav"))
        phone.send("dial", target="7101")
        warning = phone.wait("warning")
        self.assertIn("folder.wav", warning["problem"]["text"])
        phone.wait_call(state="connected")
        phone.stop()

    def test_a_configuration_that_is_not_there(self):
        self.assertIn("absent.config", self.refused("--config", "absent.config"))

    def test_a_value_that_is_not_accepted(self):
        text = softphone_config([("7001", "127.0.0.1", "udp")], [{"reg_timeout": 60}],
                                endpoint={"answer_sdp_priority": "sometimes"})
        config = self.write_file("phone.config", text)
        number = 1 + next(i for i, line in enumerate(text.splitlines()) if "sometimes" in line)
        code, output, _ = self.run_program("check-config", config)
        self.assertEqual(1, code)
        for explanation in (output, self.refused("--config", config)):
            for part in (f"phone.config:{number}: error: policy.endpoint.answer_sdp_priority", "'sometimes'",
                         "config or offer"):
                self.assertIn(part, explanation)

    def test_a_protocol_that_is_not_spoken(self):
        text = softphone_config([("7001", "127.0.0.1", "pigeon")])
        config = self.write_file("phone.config", text)
        number = 1 + next(i for i, line in enumerate(text.splitlines()) if "pigeon" in line)
        errors = self.refused("--config", config)
        for part in (f"phone.config:{number}", "connectivity.protocol", "udp", "tcp"):
            self.assertIn(part, errors)

    def test_xml_that_ends_too_early(self):
        text = softphone_config([("7001", "127.0.0.1", "udp")])
        config = self.write_file("phone.config", text[:400])
        errors = self.refused("--config", config)
        self.assertRegex(errors, r"phone\.config:\d+")

    def test_other_options(self):
        for arguments, part in ((("--server", "127.0.0.1", "--protocol", "pigeon"), "pigeon"),
                                (("--server", "127.0.0.1", "--codecs", "pcmq"), "pcmq"),
                                (("--server", "127.0.0.1", "--bind", "300.1.1.1"), "300.1.1.1"),
                                (("--server", "127.0.0.1:0x"), "'0x' is not a port"),
                                (("--server", "127.0.0.1", "--user", ""), "user")):
            with self.subTest(arguments):
                self.assertIn(part, self.refused(*arguments))


class OnStdin(driver.TestCase):
    bad_lines = (
        ("hello", "this is no JSON"),
        ("[1, 2]", "a command is a JSON object"),
        ("{}", "'command' must be there"),
        ('{"command": 7}', "'command' must be there as a string"),
        ('{"command": "explode"}', "there is no command 'explode'"),
        ('{"command": "dial"}', "'target' must be there"),
        ('{"command": "dial", "target": "7101", "line": 9}', "'line' must be a number from 0 to 5"),
        ('{"command": "dial", "target": ""}', "cannot be dialled"),
        ('{"command": "answer", "call": "c-other-1"}', "is a call of another run"),
        ('{"command": "answer", "call": "17"}', "is no call id"),
        ('{"command": "hang_up"}', "not exactly one call alive"),
        ('{"command": "reject", "status": 200}', "from 400 to 699"),
        ('{"command": "dtmf", "digits": "1"}', "not exactly one call alive"),
        ('{"a":' * 50, "this is no JSON"),
        ('{"command": "' + "x" * 5000 + '"}', "at most 4096 bytes"),
        ("\x00\x01\x1b[2J", "this is no JSON"),
    )

    def test_what_is_no_command(self):
        lab = self.lab()
        phone = self.registered_phone(lab, "7001")
        for line, part in self.bad_lines:
            with self.subTest(line[:60]):
                phone.write(line + "\n")
                failed = phone.wait("command_failed")
                self.assertIn(part, failed["problem"]["text"])
        phone.write(random.Random(1).randbytes(3000).replace(b"\n", b" ") + b"\n")
        phone.wait("command_failed")
        phone.write("y" * 200000 + "\n")  # longer than any line may be: dropped, and the next one counts
        phone.send("dial", target="7101")
        call = phone.wait_call(state="connected")["call"]
        phone.write(json.dumps({"command": "dtmf", "digits": "12x", "call": call}) + "\n")
        self.assertIn("digits cannot be sent", phone.wait("command_failed")["problem"]["text"])
        phone.stop()

    def test_an_end_of_input_ends_nothing(self):
        lab = self.lab()
        phone = self.registered_phone(lab, "7001", "--auto-answer")
        phone.process.stdin.close()
        other = self.registered_phone(lab, "7002")
        other.send("dial", target="7001")
        other.wait_call(state="connected")
        phone.stop()


class FromTheNetwork(driver.TestCase):
    def datagrams(self, port):
        """What comes to a SIP port that is open to the world."""
        start = f"sip:7001@127.0.0.1:{port} SIP/2.0\r\n"
        head = ("Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{}\r\nFrom: <sip:x@127.0.0.1>;tag=a\r\n"
                "To: <sip:7001@127.0.0.1>\r\nCall-ID: {}\r\nCSeq: 1 {}\r\n")
        dice = random.Random(7)
        yield b""
        yield b"\r\n\r\n"
        yield b"\0" * 4
        yield b"\xff" * 65000
        for method in ("BYE", "ACK", "CANCEL", "PRACK", "UPDATE", "INFO", "NOTIFY", "SUBSCRIBE", "EXPLODE"):
            yield (f"{method} {start}" + head.format(method, method, method) + "\r\n").encode()
        yield ("INVITE " + start + head.format(1, 1, "INVITE") + "Content-Length: 99999\r\n\r\nv=0").encode()
        yield ("INVITE " + start + head.format(2, 2, "ACK") + "\r\n").encode()
        yield ("INVITE " + start + "Via: SIP/2.0/UDP\r\n" * 200 + "\r\n").encode()
        yield ("INVITE " + start + "X: " + "y" * 60000 + "\r\n\r\n").encode()
        yield b"SIP/2.0 200 OK\r\n\r\n"
        yield ("SIP/2.0 200 OK\r\n" + head.format(3, 3, "INVITE") + "\r\n").encode()
        for _ in range(200):
            yield dice.randbytes(dice.randrange(1, 1200))
        good = ("OPTIONS " + start + head.format(4, 4, "OPTIONS") + "\r\n").encode()
        for _ in range(200):
            bytes_ = bytearray(good)
            for _ in range(3):
                bytes_[dice.randrange(len(bytes_))] = dice.randrange(256)
            yield bytes(bytes_)

    def test_malformed_datagrams_do_not_disturb_a_call(self):
        lab = self.lab()
        port = driver.free_port()
        phone = self.registered_phone(lab, "7001", "--sip-port", str(port))
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        phone.wait("media_started")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            attacker.bind(("127.0.0.1", 0))
            for datagram in self.datagrams(port):
                attacker.sendto(datagram, ("127.0.0.1", port))
        phone.send("hold")
        phone.wait_call(held_by_us=True)
        phone.send("resume")
        phone.wait_call(held_by_us=False, hold_wanted=False)
        phone.send("hang_up")
        call = phone.wait_ended("hung_up_here")
        self.assertEqual(0, call["quality"]["packets_lost"])
        # Calls that came of it (a mutated OPTIONS cannot, a fuzzed INVITE might) may not stay.
        phone.send("snapshot")
        self.assertEqual([], phone.wait("snapshot")["calls"])
        phone.stop()

    def test_garbage_on_tcp(self):
        lab = self.lab()
        port = driver.free_port()
        phone = self.registered_phone(lab, "7001", "--protocol", "tcp", "--sip-port", str(port))
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        for datagram in (b"\0" * 100000, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"INVITE sip:a SIP/2.0\r\n" * 3000):
            with socket.create_connection(("127.0.0.1", port)) as attacker:
                try:
                    attacker.sendall(datagram)
                except OSError:
                    pass  # closed on us, and rightly so
        phone.send("dtmf", digits="1")
        phone.wait("dtmf_sent")
        phone.stop()


if __name__ == "__main__":
    driver.main()
