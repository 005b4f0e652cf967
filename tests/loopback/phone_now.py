"""Proves for each option that the table lets act at once: it is changed under a running call, acts from then on, and
the call goes on."""
import datetime
import glob
import os
import re

import driver
from configuration import softphone_config

DIAGNOSTICS = "system.diagnostics."
# Those of the voice act at once, too; line_reconfigured_test.cpp proves them, for which a sound card is needed.
WITH_A_SOUND_CARD = {"policy.session.agc_mode", "policy.session.echo_control", "policy.session.noise_suppression"}
LOCAL_HOURS_AHEAD = 5


def text_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


class AtOnce(driver.TestCase):
    """One call for all of them, so that each change is one of many. Records are told apart by the digits in them."""

    def test_each_option_acts_under_a_call(self):
        lab = self.lab()
        self.log = self.path("a.log")
        config = self.write_file("phone.config", softphone_config(
            [("7001", lab.address, "udp")], [{"reg_timeout": 60}],
            diagnostics={"log_file": self.log, "log_segment": "false", "log_options_endpoint": 3}))
        self.phone = driver.JsonProgram([driver.SIDETONE, "phone", "--audio", "none", "-c", config], self.folder,
                                        "phone", {"TZ": f"HERE-{LOCAL_HOURS_AHEAD}"})
        self.phone.end = lambda: self.phone.leave(self.phone.terminate)
        self.programs.append(self.phone)
        self.phone.wait("line_changed", lambda e: e["line"]["state"] == "ready")
        self.phone.send("dial", target="7101")
        self.phone.wait("call_changed", lambda e: e["call"]["state"] == "connected")
        self.phone.wait("media_started")

        self.actions = 0
        rows = {DIAGNOSTICS + name[5:]: getattr(self, name) for name in dir(self) if name.startswith("diag_")}
        rows["policy.endpoint.vq_alarm_threshold"] = self.vq_alarm_threshold
        self.assertEqual(self.options_that_act_now(), set(rows) | WITH_A_SOUND_CARD)
        # The next report of a call's quality is seconds away: it is waited for at the end.
        self.option = "policy.endpoint.vq_alarm_threshold"
        self.change("5")  # which no codec reaches
        for option, acts in rows.items():
            self.option = option
            try:
                acts()
            except AssertionError as fault:
                raise AssertionError(f"{option}: {fault}") from None
        self.phone.send("snapshot")
        calls = self.phone.wait("snapshot")["calls"]
        self.assertEqual(["connected"], [call["state"] for call in calls])
        self.assertEqual(0, self.phone.told("call_ended"))

    def options_that_act_now(self):
        _, page, _ = self.run_program("options", "--format", "markdown")
        options, section = set(), ""
        for line in page.splitlines():
            if line.startswith("## "):
                section = line[3:]
            columns = line.split(" | ")
            if line.startswith("| `") and columns[3] == "at once":
                options.add(section + "." + columns[0].strip("|` "))
        return options

    # --- what the rows do

    def change(self, value):
        self.phone.send("set_options", options={self.option: value})
        changed = self.phone.wait(("configuration_changed", "command_failed"))
        self.assertEqual([{"path": self.option, "applies": "now"}], changed.get("changes"), changed)

    def act(self):
        """Something that the log tells: digits, which are returned."""
        self.actions += 1
        digits = "".join("0123456789ABCD*#"[place] for place in divmod(self.actions, 16))
        self.phone.send("dtmf", digits=digits)
        self.phone.wait("dtmf_sent", what=digits)
        return digits

    def hold_and_resume(self):
        """Some kilobytes of SIP messages."""
        for command, held in (("hold", True), ("resume", False)):
            self.phone.send(command)
            self.phone.wait("call_changed", lambda e, held=held: e["call"]["held_by_us"] == held)

    def record_of(self, digits, path=None):
        """None while nothing is told of them."""
        wanted = f"digits sent by Rfc2833: {digits}"
        return next((line for line in text_of(path or self.log).splitlines() if line.endswith(wanted)), None)

    def act_and_wait(self, path=None):
        """The record of it, once it is written."""
        digits = self.act()
        return driver.until(lambda: self.record_of(digits, path), f"{digits} are in the log")

    def assert_silent_with(self, value, afterwards):
        """With `value` nothing is told of what happens; with `afterwards` something is, and nothing later on."""
        self.change(value)
        hidden = self.act()
        self.change(afterwards)
        self.act_and_wait()
        self.assertFalse(self.record_of(hidden), hidden)

    # --- one row for each

    def diag_enable_logging(self):
        self.assert_silent_with("0", "1")

    def diag_log_level(self):
        self.assert_silent_with("2", "3")

    def diag_log_options_endpoint(self):
        self.assert_silent_with("2", "3")

    def diag_logger_type(self):
        self.assert_silent_with("none", "file")

    def diag_log_file(self):
        other = self.path("other/b.log")
        self.change(other)
        record = self.act_and_wait(other)
        self.change(self.log)
        self.act_and_wait()
        self.assertNotIn(record, text_of(self.log))

    def diag_log_filter(self):
        self.change("dtmf")
        before = text_of(self.log).count("digits sent by Rfc2833: xx\n")
        hidden = self.act()
        driver.until(lambda: text_of(self.log).count("digits sent by Rfc2833: xx\n") > before, "hidden digits")
        self.change("")
        self.act_and_wait()
        self.assertFalse(self.record_of(hidden), hidden)

    def diag_log_options_provider(self):
        def invites_of_hold_and_resume():
            before = text_of(self.log).count("\nINVITE ")
            self.hold_and_resume()
            self.act_and_wait()
            return text_of(self.log).count("\nINVITE ") - before
        self.change("gsip=1")
        self.assertEqual(0, invites_of_hold_and_resume())
        self.change("gsip=2")
        self.assertEqual(2, invites_of_hold_and_resume())

    def diag_log_time_format(self):
        self.change("ISO8601")
        self.assertRegex(self.act_and_wait(), r"^\d{4}-\d\d-\d\dT[\d:.]{12}\|")
        self.change("time")
        self.assertRegex(self.act_and_wait(), r"^\d\d:\d\d:\d\d\.\d{3}\|")

    def diag_log_time_convert(self):
        def hours_ahead():
            record = self.act_and_wait()
            now = datetime.datetime.now(datetime.timezone.utc)
            shown = now.replace(hour=int(record[0:2]), minute=int(record[3:5]))
            return round((shown - now).total_seconds() / 3600) % 24
        self.assertEqual(LOCAL_HOURS_AHEAD, hours_ahead())
        self.change("utc")
        self.assertEqual(0, hours_ahead())
        self.change("local")

    def segments(self):
        return sorted(glob.glob(self.path("a.2*.log")))

    def diag_log_segment(self):
        self.change("1 KB")
        self.hold_and_resume()
        driver.until(lambda: len(self.segments()) >= 2, "a second segment")
        self.change("false")
        self.act_and_wait()

    def diag_log_expire(self):
        self.option = DIAGNOSTICS + "log_segment"
        self.change("1 KB")
        self.hold_and_resume()
        driver.until(lambda: len(self.segments()) >= 2, "a second segment")
        self.option = DIAGNOSTICS + "log_expire"
        self.change("1 file")
        driver.until(lambda: len(self.segments()) == 1, "all but the newest are deleted")
        self.change("10")
        self.option = DIAGNOSTICS + "log_segment"
        self.change("false")
        self.act_and_wait()

    def vq_alarm_threshold(self):
        def is_raised(event):
            return event["on"]
        if not self.phone.told("quality_alarm", is_raised):
            self.phone.wait("quality_alarm", is_raised)
        self.change("0")


if __name__ == "__main__":
    driver.main()
