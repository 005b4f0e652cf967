"""Proves that `sidetone phone` takes another configuration while it runs: a call with speech goes on without a gap,
lines move, faulty files change nothing, single options are set and asked for."""
import os
import signal

import driver
from configuration import softphone_config
from driver import PASSWORD

SPEECH_S = 8


class LiveChange(driver.TestCase):
    def test_under_a_call_with_speech(self):
        """Codecs, log level, devices, ringing and the line's server change; nothing is heard of it."""
        old, new = self.lab(name="old"), self.lab(name="new")
        path = self.write_file("phone.config", softphone_config(
            [("7001", old.address, "udp")], [{"reg_timeout": 60}], codecs="pcmu"))
        speech = driver.speech(self.path("says.wav"), 48000, SPEECH_S, silence=1)
        phone = self.phone("--config", path, "--speak", speech, "--record", self.path("heard-here.wav"))
        phone.wait_line_state("ready")
        peer = self.registered_phone(old, "7002", "--auto-answer", "--speak", speech,
                                     "--record", self.path("heard-there.wav"))
        phone.send("dial", target="7002")
        phone.wait_call(state="connected")
        driver.until_recorded(self.path("heard-there.wav"), 1)

        self.write_file("phone.config", softphone_config(
            [("7001", new.address, "udp")], [{"reg_timeout": 90}], codecs="G722,pcma",
            session={"ringing_enabled": 0, "auto_answer": 1, "noise_suppression": 1},
            device={"use_headset": 1, "headset_name": "Jabra"}, diagnostics={"log_level": 4}))
        changed = phone.wait("configuration_changed")
        applies = {change["path"]: change["applies"] for change in changed["changes"]}
        self.assertEqual("next_registration", applies["connectivity.server.0"])
        self.assertEqual("next_call", applies["codecs.enabled.audio"])
        self.assertEqual("now", applies["policy.session.noise_suppression"])
        self.assertEqual("now", applies["system.diagnostics.log_level"])
        line = phone.wait_line_state("ready")
        self.assertEqual(new.address, line["server"])

        driver.until_recorded(self.path("heard-there.wav"), SPEECH_S + 2)
        driver.until_recorded(self.path("heard-here.wav"), SPEECH_S + 2)
        phone.send("hang_up")
        quality = phone.wait_ended("hung_up_here")["quality"]
        self.assertEqual(0, quality["packets_lost"])
        peer.wait_ended("hung_up_there")
        # Each of the speech's pieces, in order and nothing between them.
        driver.check_speech(speech, self.path("heard-there.wav"))
        driver.check_speech(speech, self.path("heard-here.wav"))
        # The next call is by the new server and the new codecs; the old one does not know the line any more.
        phone.send("dial", target="7101")
        self.assertEqual("G722/16000", phone.wait_call(state="connected")["codec"])
        phone.stop()
        peer.send("dial", target="7001")
        self.assertEqual("refused", peer.wait("call_ended")["call"]["end_reason"])

    def test_a_signal_and_a_command_read_it_again(self):
        lab = self.lab()
        path = self.write_file("phone.config", softphone_config([("7001", lab.address, "udp")], [{"reg_timeout": 60}]))
        phone = self.phone("--config", path)
        phone.wait_line_state("ready")
        phone.process.send_signal(signal.SIGHUP)
        self.assertEqual([], phone.wait("configuration_changed")["changes"])
        phone.send("reload")
        self.assertEqual([], phone.wait("configuration_changed")["changes"])
        phone.stop()


class FaultyChange(driver.TestCase):
    def test_changes_nothing_and_is_mended_later(self):
        lab = self.lab()

        def config(**session):
            return softphone_config([("7001", lab.address, "udp")], [{"reg_timeout": 60}], session=session)
        path = self.write_file("phone.config", config(ringing_timeout=30))
        phone = self.phone("--config", path)
        phone.wait_line_state("ready")
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        for content, says in ((config(ringing_timeout=40, vad_level=9), "policy.session.vad_level"),
                              (config()[:300], "XML"),
                              (softphone_config([("7001", "", "udp")]), "connectivity.server"),
                              (softphone_config([]), "no line")):
            self.write_file("phone.config", content)
            failed = phone.wait("command_failed")
            self.assertEqual("reload", failed["command"])
            self.assertIn(says, failed["problem"]["text"])
            phone.send("option", path="policy.session.ringing_timeout")
            self.assertEqual("30", phone.wait("option")["value"])
        os.remove(path)
        phone.send("reload")
        self.assertIn("cannot be read", phone.wait("command_failed")["problem"]["text"])
        self.write_file("phone.config", config(ringing_timeout=40))
        self.assertEqual([{"path": "policy.session.ringing_timeout", "applies": "next_call"}],
                         phone.wait("configuration_changed")["changes"])
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        phone.stop()


class SingleOptions(driver.TestCase):
    def test_are_set_and_asked_for(self):
        lab = self.lab(users=[f"7001:{PASSWORD}"])
        path = self.write_file("phone.config", softphone_config(
            [("7001", lab.address, "udp")], [{"reg_timeout": 60, "reg_interval": 5}]))
        phone = self.phone("--config", path)
        phone.wait_line_state("failed")  # no password
        phone.send("set_options", options={"proxies.proxy0.password": PASSWORD})
        phone.wait_line_state("ready")
        phone.send("option", path="proxies:proxy0:password")
        self.assertEqual("********", phone.wait("option")["value"])
        phone.send("set_options", options={"policy.session.auto_answer": 1, "policy.session.auto_answer_delay": 0})
        changes = phone.wait("configuration_changed", lambda e: len(e["changes"]) == 2)["changes"]
        self.assertEqual({"next_call"}, {change["applies"] for change in changes})
        # All or none.
        phone.send("set_options", options={"policy.session.dtx_mode": 1, "policy.session.auto_anwser": 1})
        problem = phone.wait("command_failed")["problem"]
        self.assertIn("policy.session.auto_anwser", problem["text"])
        self.assertIn("did you mean policy.session.auto_answer?", problem["text"])
        for asked, value in (("policy.session.dtx_mode", "0"), ("policy.session.auto_answer", "1"),
                             ("user:0", "7001")):
            phone.send("option", path=asked)
            self.assertEqual(value, phone.wait("option")["value"])
        phone.send("option", path="policy.session.nothing")
        self.assertEqual("option", phone.wait("command_failed")["command"])
        # They outlive another reading of the file.
        self.write_file("phone.config", softphone_config(
            [("7001", lab.address, "udp")], [{"reg_timeout": 70, "reg_interval": 5}]))
        phone.wait("configuration_changed")
        peer = self.phone("--server", lab.address, "--user", "7001", "--no-register", name="peer")
        phone.send("option", path="policy.session.auto_answer")
        self.assertEqual("1", phone.wait("option")["value"])
        peer.stop()
        phone.stop()

    def test_by_the_command_line(self):
        lab = self.lab()
        phone = self.phone("--server", lab.address, "--user", "7001", "--set", "policy.session.auto_answer=1",
                           "--set", "policy.session.auto_answer_delay=0")
        phone.wait_line_state("ready")
        caller = self.registered_phone(lab, "7002")
        caller.send("dial", target="7001")
        caller.wait_call(state="connected")
        caller.stop()
        phone.stop()
        for setting, says in (("policy.session.auto_answer", "has no '='"), ("policy.nothing=1", "no option"),
                              ("proxies.proxy0.password=x", "other users see command lines")):
            code, _, errors = self.run_program("phone", "--server", lab.address, "--audio", "none", "--set", setting)
            self.assertEqual(1, code)
            self.assertIn(says, errors)


class DefaultFile(driver.TestCase):
    def test_of_the_user(self):
        lab = self.lab()
        os.makedirs(self.path("home/.config/sidetone"))
        self.write_file("home/.config/sidetone/Softphone.config",
                        softphone_config([("7005", lab.address, "udp")], [{"reg_timeout": 60}]))
        phone = self.phone(environment={"HOME": self.path("home"), "XDG_CONFIG_HOME": ""})
        self.assertEqual("7005", phone.wait_line_state("ready")["user"])
        phone.stop()


if __name__ == "__main__":
    driver.main()
