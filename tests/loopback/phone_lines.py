"""Proves the life of a line of `sidetone phone`: passwords, several servers, a server that goes and comes back."""
import driver
from configuration import softphone_config
from driver import PASSWORD


class Passwords(driver.TestCase):
    def test_the_right_one_registers(self):
        lab = self.lab(users=[f"7001:{PASSWORD}"])
        phone = self.registered_phone(lab, "7001", "--password-env", "PHONE_PASSWORD",
                                      environment={"PHONE_PASSWORD": PASSWORD})
        phone.stop()

    def test_a_wrong_one_is_told(self):
        lab = self.lab(users=["7001:another"])
        phone = self.phone("--server", lab.address, "--user", "7001", "--password-env", "PHONE_PASSWORD",
                           environment={"PHONE_PASSWORD": PASSWORD})
        line = phone.wait_line_state("failed")
        self.assertEqual(401, line["status"])
        self.assertEqual("the server does not accept the password of 7001", line["text"])
        phone.stop()

    def test_none_where_one_is_needed(self):
        lab = self.lab(users=["7001:another"])
        phone = self.phone("--server", lab.address, "--user", "7001")
        line = phone.wait_line_state("failed")
        self.assertEqual(401, line["status"])
        self.assertEqual("the server wants a password for 7001, and none is set", line["text"])

    def test_an_unset_variable_is_named(self):
        code, _, errors = self.run_program("phone", "--server", "127.0.0.1", "--password-env", "NOT_THERE",
                                           "--audio", "none")
        self.assertEqual(1, code)
        self.assertIn("the environment variable NOT_THERE is not set", errors)

    def test_from_a_configuration_file(self):
        lab = self.lab(users=[f"7001:{PASSWORD}"])
        config = self.write_file("phone.config", softphone_config(
            [("7001", lab.address, "udp")], [{"password": PASSWORD, "reg_timeout": 60}]))
        phone = self.phone("--config", config)
        phone.wait_line_state("ready")
        phone.stop()


class TwoServers(driver.TestCase):
    def test_the_same_dn_at_two_labs(self):
        labs = [self.lab(name="lab-a"), self.lab(name="lab-b")]
        config = self.write_file("Softphone.config", softphone_config(  # found in the working folder
            [("7001", labs[0].address, "udp"), ("7001", labs[1].address, "tcp")],
            [{"reg_timeout": 60}, {"reg_timeout": 60}]))
        self.assertTrue(config)
        phone = self.phone()
        seen = {}
        while len(seen) < 2:
            line = phone.wait("line_changed", lambda e: e["line"]["state"] == "ready")["line"]
            seen[line["line"]] = (line["server"], line["transport"].lower())
        self.assertEqual({0: (labs[0].address, "udp"), 1: (labs[1].address, "tcp")}, seen)
        callers = [self.start(driver.Phone, ["--server", lab.address, "--user", f"700{index + 2}"],
                              f"caller-{index}") for index, lab in enumerate(labs)]
        for index, caller in enumerate(callers):
            caller.wait_line_state("ready")
            caller.send("dial", target="7001")
            call = phone.wait("call_added")["call"]
            self.assertEqual((index, f"700{index + 2}"), (call["line"], call["remote_number"]))
            phone.send("answer")
            phone.wait_call(state="connected")
            phone.send("hang_up")
            phone.wait_ended("hung_up_here")
            caller.wait_ended("hung_up_there")
        for index, caller in enumerate(callers):
            phone.send("dial", target=f"700{index + 2}", line=index)
            phone.wait_call(state="ringing")
            self.assertEqual("7001", caller.wait_call(direction="incoming", state="ringing")["remote_number"])
            phone.send("hang_up")
            phone.wait_ended("hung_up_here")
            caller.wait_ended("cancelled_there")
        phone.stop()


class ServerGone:
    protocol = "udp"

    def test_mid_call_and_back_again(self):
        port = driver.free_port()
        lab = self.lab(port=port)
        config = self.write_file("phone.config", softphone_config(
            [("7001", lab.address, self.protocol)], [{"reg_timeout": 600, "reg_interval": 1}]))
        phone = self.phone("--config", config)
        phone.wait_line_state("ready")
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        lab.process.kill()
        lab.wait_exit()
        phone.send("hang_up")
        self.assertIn(phone.wait("call_ended")["call"]["end_reason"], ("hung_up_here", "network_failure"))
        phone.send("register")
        line = phone.wait_line_state("failed")
        self.assertTrue(line["text"])
        phone.send("dial", target="7101")  # no line, no call, but an answer
        self.assertEqual("no line is ready", phone.wait("command_failed")["problem"]["text"])
        self.lab(port=port, name="lab-again")
        phone.wait_line_state("ready")  # by itself, after reg_interval
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        phone.stop()


class ServerGoneOverUdp(ServerGone, driver.TestCase):
    pass


class ServerGoneOverTcp(ServerGone, driver.TestCase):
    protocol = "tcp"


class Unreachable(driver.TestCase):
    def test_is_told_and_tried_again(self):
        for protocol in ("udp", "tcp"):
            with self.subTest(protocol):
                port = driver.free_port()
                config = self.write_file("phone.config", softphone_config(
                    [("7001", f"127.0.0.1:{port}", protocol)], [{"reg_timeout": 60, "reg_interval": 1}]))
                phone = self.start(driver.Phone, ["--config", config], f"phone-{protocol}")
                line = phone.wait_line_state("failed")
                self.assertIn(f"127.0.0.1:{port}", line["text"])
                phone.wait_line_state("registering")
                phone.wait_line_state("failed")
                phone.stop()

    def test_phone_stops_though_nobody_answers(self):
        # A socket that takes everything and says nothing: no ICMP error, only silence.
        with driver.socket.socket(driver.socket.AF_INET, driver.socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            phone = self.phone("--server", f"127.0.0.1:{silent.getsockname()[1]}")
            phone.wait_line_state("registering")
            phone.stop()


if __name__ == "__main__":
    driver.main()
