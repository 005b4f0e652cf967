"""Proves what the programs promise on the command line: help for everything, exit codes that scripts can use."""
import os
import socket
import subprocess

import driver
from configuration import softphone_config


class Help(driver.TestCase):
    texts = {
        (): ("demo", "phone", "call", "devices", "check-config", "version"),
        ("demo",): ("--help",),
        ("phone",): ("--config", "--server", "--user", "--password-env", "--auto-answer", "--speak", "--record",
                     "--codecs", "--sip-port", "dtmf", "snapshot", "SIGTERM"),
        ("call",): ("target", "--seconds", "--patience", "--dtmf", "--server", "Exit code"),
        ("devices",): ("microphones", "Exit code"),
        ("check-config",): ("file", "--explain", "Exit code"),
        ("options",): ("markdown", "example"),
        ("diagnostics",): ("--config", "--log", "--out", "--hide-numbers", "statistics.txt", "Exit code"),
        ("version",): ("version",),
    }

    def test_every_subcommand_explains_itself(self):
        for command, parts in self.texts.items():
            with self.subTest(command):
                code, output, errors = self.run_program(*command, "--help")
                self.assertEqual((0, ""), (code, errors))
                for part in parts:
                    self.assertIn(part, output)
                self.assertLessEqual(max(map(len, output.splitlines())), 120)

    def test_the_lab_explains_itself(self):
        done = subprocess.run([driver.SIDETONE_LAB, "--help"], capture_output=True, text=True, check=False,
                              timeout=driver.PATIENCE_S)
        self.assertEqual(0, done.returncode)
        for part in ("7101", "7110", "--listen", "--user", "--print-port"):
            self.assertIn(part, done.stdout)

    def test_version(self):
        code, output, _ = self.run_program("version")
        self.assertEqual(0, code)
        self.assertRegex(output, r"^sidetone \d+\.\d+\.\d+\n$")


class Explain(driver.TestCase):
    def test_an_option_with_its_value_and_origin(self):
        config = self.write_file("phone.config", softphone_config(
            [("7001", "sip.example.com", "udp")], [{"reg_timeout": 60, "password": driver.PASSWORD}],
            session={"vad_level": 3}))
        os.chmod(config, 0o600)
        for option, environment, parts in (
                ("policy.session.vad_level", {}, ("0 to 3", "default: 1", "value:   3", "phone.config:", "no default is given")),
                ("policy:session:auto_answer", {}, ("value:   0", "from:    default", "at the next call")),
                ("proxies.proxy0.password", {}, ("value:   ********", "phone.config:")),
                ("proxies.proxy1.reg_timeout", {}, ("value:   60", "proxy0, which serves")),
                ("proxies.proxy0.password", {"SIDETONE_PROXIES_PROXY0_PASSWORD": "other"},
                 ("from:    environment variable SIDETONE_PROXIES_PROXY0_PASSWORD",)),
                ("user:0", {}, ("value:   7001",))):
            with self.subTest(option):
                code, output, errors = self.run_program("check-config", config, "--explain", option,
                                                        environment=environment)
                self.assertEqual((0, ""), (code, errors))
                for part in parts:
                    self.assertIn(part, output)
        code, _, errors = self.run_program("check-config", "--explain", "policy.session.auto_anwser")
        self.assertEqual(1, code)
        self.assertIn("did you mean policy.session.auto_answer?", errors)

    def test_a_password_that_others_may_read_is_warned_of(self):
        config = self.write_file("phone.config", softphone_config(
            [("7001", "sip.example.com", "udp")], [{"password": driver.PASSWORD}]))
        for mode, warned in ((0o600, False), (0o640, True), (0o644, True)):
            os.chmod(config, mode)
            code, output, _ = self.run_program("check-config", config)
            self.assertEqual(0, code)
            self.assertEqual(warned, "others may read" in output, output)

    def test_the_example_file_is_a_good_one(self):
        _, example, _ = self.run_program("options", "--format", "example")
        config = self.write_file("example.config", example)
        code, output, _ = self.run_program("check-config", config)
        self.assertEqual((0, f"{config}: 0 errors, 0 warnings, 1 line\n"), (code, output))


class HangingSoundServer(driver.TestCase):
    """It takes the connection and says nothing."""
    def setUp(self):
        os.makedirs(self.path("pulse"))
        self.server = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.server.close)
        self.server.bind(self.path("pulse/native"))
        self.server.listen()
        self.environment = {"PULSE_SERVER": "unix:" + self.path("pulse/native"), "XDG_RUNTIME_DIR": self.folder}

    def test_devices_gives_up(self):
        code, output, errors = self.run_program("devices", environment=self.environment)
        self.assertEqual((2, ""), (code, output))
        self.assertIn("the sound server has not answered for 5 s", errors)
        self.assertIn("start it again", errors)


class WrongUse(driver.TestCase):
    def test_exit_code_and_a_hint(self):
        for arguments in ((), ("fly",), ("phone", "--fly"), ("call",), ("check-config",),
                          ("phone", "--sip-port", "65536"), ("phone", "--audio", "loud")):
            with self.subTest(arguments):
                code, output, errors = self.run_program(*arguments)
                self.assertNotEqual(0, code)
                self.assertEqual("", output)
                self.assertIn("--help", errors)

    def test_the_lab_refuses_bad_options(self):
        for arguments in (("--user", "nocolon"), ("--listen", "nowhere:x"), ("--fly",)):
            with self.subTest(arguments):
                done = subprocess.run([driver.SIDETONE_LAB, *arguments], capture_output=True, text=True,
                                      check=False, timeout=driver.PATIENCE_S)
                self.assertNotEqual(0, done.returncode)
                self.assertTrue(done.stderr)


class Call(driver.TestCase):
    def call(self, lab, *arguments):
        return self.run_program("call", "--server", lab.address, "--audio", "none", *arguments)

    def test_answered_is_0(self):
        code, output, errors = self.call(self.lab(), "7103", "--seconds", "1", "--dtmf", "5")
        self.assertEqual((0, ""), (code, errors))
        for part in ("7001", "ready", "connected, opus/48000", "digits sent by rfc2833", "ended: hung_up_here",
                     "lost 0"):
            self.assertIn(part, output)

    def test_refused_is_1(self):
        code, output, _ = self.call(self.lab(), "7055")
        self.assertEqual(1, code)
        self.assertRegex(output, "ended: refused, status (404|480)")

    def test_not_answered_is_1(self):
        lab = self.lab()
        bob = self.registered_phone(lab, "7002")
        code, _, errors = self.call(lab, "7002", "--patience", "1")
        self.assertEqual(1, code)
        self.assertIn("no answer within 1 s", errors)
        bob.wait_ended("cancelled_there")

    def test_no_server_is_1(self):
        code, output, _ = self.run_program("call", "--audio", "none", "--server",
                                           f"127.0.0.1:{driver.free_port()}", "7101")
        self.assertEqual(1, code)
        self.assertIn("failed", output)

    def test_an_undiallable_target_is_1(self):
        code, _, errors = self.call(self.lab(), "sip:")
        self.assertEqual(1, code)
        self.assertIn("cannot be dialled", errors)


class CheckConfig(driver.TestCase):
    def test_a_good_one(self):
        config = self.write_file("good.config", softphone_config([("7001", "127.0.0.1", "udp")],
                                                                 [{"reg_timeout": 60}]))
        code, output, _ = self.run_program("check-config", config)
        self.assertEqual(0, code)
        self.assertIn("0 errors, 0 warnings, 1 line", output)

    def test_a_bad_one(self):
        for content in ("", "<x/>", "not xml", softphone_config([])):
            code, output, _ = self.run_program("check-config", self.write_file("bad.config", content))
            self.assertEqual(1, code)
            self.assertIn("error", output)
        self.assertEqual(1, self.run_program("check-config", "absent.config")[0])


class WithoutAnything(driver.TestCase):
    def test_a_phone_lives_in_an_embedded_lab(self):
        phone = self.phone()
        phone.wait_line_state("ready")
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        phone.wait("media_started")
        phone.stop()
        self.assertIn("7101", phone.error_text())


if __name__ == "__main__":
    driver.main()
