"""The log of a real phone: what is in it, what must never be, what happens to a disk that is full, and the archive of
`sidetone diagnostics`."""
import glob
import os
import re
import shutil
import signal
import stat
import subprocess
import tarfile

import driver

RECORD = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}\|\d+\|(-i-|-d-|Wrn|ERR|!!!) (\w+) +(?:line=(\d+) )?(?:call=(\d+) )?", re.M)
SECRETS = {"proxy": driver.PASSWORD, "mailbox": "mailbox-8823-quux", "turn": "turn-5511-grault",
           "passphrase": "phrase-3392-garply", "misspelt": "passwort-7710-waldo"}


def text_of(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read()


class Logging(driver.TestCase):
    def config(self, lab, diagnostics, name="Softphone.config", more=""):
        settings = "".join(f'<setting name="{key}" value="{value}"/>' for key, value in diagnostics.items())
        return self.write_file(name, f"""<?xml version="1.0" encoding="utf-8"?>
<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name="Basic"><Connectivity user="7001" server="{lab.address}" protocol="udp"/></Container>
  <Container name="Genesys"><settings version="1.0" xmlns="http://www.genesyslab.com/sip">
    <domain name="policy"><section name="endpoint">
      <setting name="public_address" value="127.0.0.1"/>
      <setting name="sip_port_min" value="{driver.free_port()}"/><setting name="sip_port_max" value="65535"/>
      <setting name="rtp_port_min" value="20000"/><setting name="rtp_port_max" value="40000"/>
    </section>{more}</domain>
    <domain name="proxies"><section name="proxy0">
      <setting name="password" value="{SECRETS['proxy']}"/><setting name="passwort" value="{SECRETS['misspelt']}"/>
      <section name="mailbox"><setting name="password" value="{SECRETS['mailbox']}"/></section>
      <section name="nat"><setting name="turn_password" value="{SECRETS['turn']}"/></section>
    </section></domain>
    <domain name="system"><section name="diagnostics">{settings}</section></domain>
  </settings></Container>
</SipEndpoint>""")

    def configured_phone(self, config, *arguments, environment=None):
        """By a file alone: without the --log and --debug of other tests."""
        phone = driver.JsonProgram([driver.SIDETONE, "phone", "--audio", "none", "-c", config, *arguments], self.folder,
                                   "phone", {**(environment or {})})
        phone.end = lambda: phone.leave(phone.terminate)
        self.programs.append(phone)
        phone.wait("line_changed", lambda e: e["line"]["state"] == "ready")
        return phone

    def call_with_digits(self, phone, target="7101"):
        phone.send("dial", target=target)
        phone.wait("call_changed", lambda e: e["call"]["state"] == "connected")
        phone.wait("media_started")
        phone.send("dtmf", digits="4*1#")
        phone.wait("dtmf_sent")
        phone.send("hang_up")
        return phone.wait("call_ended")["call"]

    def stop(self, phone):
        phone.terminate()
        phone.wait("stopped")
        self.assertEqual(0, phone.wait_exit())

    def segments(self, stem="logs/phone"):
        return sorted(glob.glob(self.path(f"{stem}.2*.log")))

    def assert_no_secrets(self, text):
        for kind, secret in SECRETS.items():
            self.assertFalse(secret in text, kind)
        self.assertIsNone(re.search(r"inline:[A-Za-z0-9+/]{16}", text), "an SRTP key")
        self.assertIsNone(re.search(r'response="?[0-9a-f]{32}', text), "a digest")

    def test_a_call_by_the_options_of_the_file(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        config = self.config(lab, {"log_file": self.path("logs/phone.log"), "log_level": "4", "log_filter": "dtmf",
                                   "log_options_endpoint": "4"},
                             more='<section name="session"><setting name="dtmf_method" value="Info"/></section>')
        phone = self.configured_phone(config, "--use-srtp", "optional",
                                      environment={"GCTI_TURN_PASSWORD": SECRETS["turn"], "SECRET": driver.PASSWORD})
        call = self.call_with_digits(phone)
        self.stop(phone)
        names = self.segments()
        self.assertEqual(1, len(names), "one segment with its time in its name")
        self.assertEqual(0, os.stat(names[0]).st_mode & (stat.S_IRWXG | stat.S_IRWXO), "for its owner only")
        log = text_of(names[0])
        for wanted in ("*** Application:   Sidetone", "*** Configuration:", 'password = "********"', f"*** File:          {names[0]}",
                       "sip_port_max = \"65535\"", "is registered", "digits sent by Info: xxxx", "Signal=x", "call ended: outgoing to",
                       "hung up here", "codec: ", "MOS: interval", "SIP: >INVITE+SDP <180", ">BYE"):
            self.assertTrue(wanted in log, wanted)  # assertIn would print all of it
        self.assertFalse("Signal=4" in log)
        self.assert_no_secrets(log)
        number = call["call"].rsplit("-", 1)[1]
        # Line and call are on every record about them: the SIP messages of the call, too.
        for record in RECORD.finditer(log):
            line = log[record.start():log.index("\n", record.start())]
            if record.group(2) == "reg":
                self.assertEqual("0", record.group(3), line)
            if (record.group(2) == "call" and "use_srtp" not in line) or "call ended" in line:
                self.assertEqual(("0", number), record.group(3, 4), line)
        invites = re.findall(r"^.*\|-i- sip +(.*) >>>>> .*\nINVITE ", log, re.M)
        self.assertTrue(invites)
        for invite in invites:
            self.assertTrue(invite.startswith(f"line=0 call={number} UDP"), invite)
        registers = re.findall(r"^.*\|-i- sip +(.*) >>>>> .*\nREGISTER ", log, re.M)
        self.assertTrue(registers)
        for register in registers:
            self.assertTrue(register.startswith("line=0 UDP"), register)

    def test_records_of_the_media_thread_have_the_same_clock(self):
        lab = self.lab()
        phone = self.registered_phone(lab, "7001", "--record", self.path("no/such/folder.wav"))
        phone.send("dial", target="7101")
        phone.wait("warning")
        phone.wait_call(state="connected")
        phone.stop()
        seconds = {}
        for hour, minute, second, tag in re.findall(r"^(\d\d):(\d\d):(\d\d)\.\d{3}\|\d+\|\S+ +(\w+) ",
                                                    text_of(phone.log), re.M):
            seconds[tag] = int(hour) * 3600 + int(minute) * 60 + int(second)
        day_s = 24 * 3600
        apart_s = (seconds["media"] - seconds["call"] + day_s // 2) % day_s - day_s // 2
        self.assertLess(abs(apart_s), 30)

    def test_secured_calls_and_their_keys(self):
        lab = self.lab()
        phone = self.registered_phone(lab, "7001", "--use-srtp", "force")
        phone.send("dial", target="7101")
        phone.wait_call(state="connected")
        phone.send("hang_up")
        phone.wait_ended("hung_up_here")
        phone.stop()
        log = text_of(phone.log)
        self.assertTrue("a=crypto:" in log)
        self.assert_no_secrets(log)

    def test_the_command_line_wins(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        config = self.config(lab, {"log_file": self.path("logs/phone.log"), "enable_logging": "0", "log_level": "0"})
        phone = self.configured_phone(config, "--log", self.path("named.log"), "--debug")
        self.stop(phone)
        self.assertEqual([], self.segments())
        self.assertTrue("is registered" in text_of(self.path("named.log")))

    def test_enable_logging_0_writes_nothing(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        phone = self.configured_phone(self.config(lab, {"log_file": self.path("logs/phone.log"), "enable_logging": "0"}))
        self.stop(phone)
        self.assertFalse(os.path.exists(self.path("logs")))

    def test_segments_of_a_kilobyte_and_two_files(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        phone = self.configured_phone(self.config(lab, {"log_file": self.path("logs/phone.log"), "log_segment": "1",
                                                        "log_expire": "2 file", "log_level": "4"}))
        for _ in range(3):
            self.call_with_digits(phone)
        self.stop(phone)
        self.assertEqual(2, len(self.segments()))
        for name in self.segments():
            self.assertIn("*** Application:", text_of(name)[:20])

    def test_a_full_disk_disturbs_no_call_and_is_told_once(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        phone = self.configured_phone(self.config(lab, {"log_file": "/dev/full", "log_segment": "false", "log_level": "4"}))
        for _ in range(2):
            self.assertEqual("hung_up_here", self.call_with_digits(phone)["end_reason"])
        self.stop(phone)
        self.assertEqual(1, phone.error_text().count("No space left on device"))
        self.assertEqual(1, phone.told("warning", lambda e: "No space left" in str(e)))

    def test_a_folder_that_cannot_be_made_disturbs_no_call(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        self.write_file("file", "no folder")
        phone = self.configured_phone(self.config(lab, {"log_file": self.path("file/phone.log")}))
        self.assertEqual("hung_up_here", self.call_with_digits(phone)["end_reason"])
        self.stop(phone)
        self.assertEqual(1, phone.error_text().count("phone."))

    def test_a_folder_that_vanishes_is_made_again(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        phone = self.configured_phone(self.config(lab, {"log_file": self.path("logs/phone.log")}))
        driver.until(self.segments, "the first file")
        shutil.rmtree(self.path("logs"))

        def call_again():
            self.assertEqual("hung_up_here", self.call_with_digits(phone)["end_reason"])
            return self.segments()
        driver.until(call_again, "the log looks for its file every five seconds")
        self.stop(phone)
        self.assertEqual("", phone.error_text())

    def test_an_explicit_log_that_cannot_be_written_is_an_error(self):
        status, _, errors = self.run_program("phone", "--server", "127.0.0.1:9", "--audio", "none", "--log",
                                             "/dev/null/no/phone.log")
        self.assertEqual(1, status)
        self.assertIn("/dev/null/no/phone.log", errors)

    def test_a_change_of_the_file_acts_at_once(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        config = self.config(lab, {"log_file": self.path("a/phone.log"), "log_segment": "false"})
        phone = self.configured_phone(config)
        self.call_with_digits(phone)
        self.config(lab, {"log_file": self.path("b/phone.log"), "log_segment": "false", "log_options_endpoint": "3",
                          "log_time_format": "ISO8601", "log_filter": "dtmf"})
        phone.process.send_signal(signal.SIGHUP)
        phone.wait("configuration_changed")
        self.call_with_digits(phone)
        self.stop(phone)
        before, after = text_of(self.path("a/phone.log")), text_of(self.path("b/phone.log"))
        self.assertFalse("digits sent" in before, "log_options_endpoint is 2 by default")
        self.assertTrue("call ended" in before)
        self.assertTrue("digits sent by Rfc2833: xxxx" in after)
        self.assertIsNotNone(re.search(r"^\d{4}-\d\d-\d\dT[\d:.]{12}\|", after, re.M))
        self.assert_no_secrets(before + after)

    def test_commands_are_in_the_log_without_digits_and_secrets(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        phone = self.configured_phone(self.config(lab, {"log_file": self.path("logs/phone.log"), "log_level": "4", "log_filter": "dtmf",
                                                        "log_options_endpoint": "4"}))
        self.call_with_digits(phone)
        phone.send("set_options", options={"proxies.proxy0.password": SECRETS["mailbox"]})
        phone.wait(("configuration_changed", "command_failed"))
        self.stop(phone)
        log = text_of(self.segments()[0])
        self.assertTrue('"digits": "xxxx"' in log)
        self.assertFalse("4*1#" in log)
        self.assertTrue('"proxies.proxy0.password": "***"' in log)
        self.assert_no_secrets(log)

    # --- sidetone diagnostics

    def diagnostics(self, *arguments):
        """Without the sound server of whoever runs the tests."""
        return self.run_program("diagnostics", *arguments,
                                environment={"PULSE_SERVER": "unix:/nonexistent", "XDG_RUNTIME_DIR": self.folder})

    def open_archive(self, path):
        with tarfile.open(path) as archive:
            content = {}
            for member in archive.getmembers():
                self.assertTrue(member.isfile())
                self.assertEqual(0o600, member.mode)
                self.assertFalse(member.name.startswith("/"))
                content[member.name.split("/", 1)[1]] = archive.extractfile(member).read().decode("utf-8", "replace")
        return content

    def test_diagnostics(self):
        lab = self.lab(users=(f"7001:{driver.PASSWORD}",))
        config = self.config(lab, {"log_file": self.path("logs/phone.log"), "log_level": "4", "log_segment": "4 KB"},
                             more='<section name="session"><setting name="dtmf_method" value="Info"/></section>')
        phone = self.configured_phone(config)
        self.call_with_digits(phone)
        self.call_with_digits(phone)
        self.stop(phone)
        self.assertIn("Signal=4", "".join(text_of(name) for name in self.segments()), "log_filter was off")
        # What an older log may have let through.
        with open(self.segments()[0], "a", encoding="utf-8") as file:
            file.write(f"14:03:36.004|14|-i- sip    sip:7001:{driver.PASSWORD}@host\n")
        out = self.path("all.tar.gz")
        status, printed, errors = self.diagnostics("-c", config, "--out", out)
        devices_missing = "device" in errors or "sound" in errors
        self.assertEqual(2 if devices_missing else 0, status, errors)
        self.assertEqual(out + "\n", printed)
        self.assertEqual(0o600, os.stat(out).st_mode & 0o777)
        content = self.open_archive(out)
        wanted = {"summary.txt", "configuration.txt", "statistics.txt"} | {f"logs/{os.path.basename(n)}" for n in self.segments()}
        self.assertEqual(wanted, set(content) - {"devices.txt"})
        self.assertIn("*** System:", content["summary.txt"])
        self.assertIn('<section name="diagnostics">', content["configuration.txt"])
        self.assertIn("2 calls ended", content["statistics.txt"])
        self.assertEqual(2, content["statistics.txt"].count("call ended: outgoing to"))
        self.assertIn("MOS: ", content["statistics.txt"])
        everything = "".join(content.values())
        self.assert_no_secrets(everything)
        self.assertIn("Signal=x", everything)
        self.assertNotIn("Signal=4", everything)
        self.assertIn("sip:7101@", everything)
        # Debian's own tar reads it, too.
        listed = subprocess.run(["tar", "-tzf", out], check=True, capture_output=True, text=True).stdout
        self.assertEqual(len(content), len(listed.splitlines()))

    def test_diagnostics_exit_codes(self):
        status, printed, errors = self.diagnostics()
        self.assertEqual(2, status)
        self.assertIn("no configuration file", errors)
        self.assertIn("summary.txt", self.open_archive(self.path(printed.strip())))
        existing = self.write_file("there.tar.gz", "mine")
        status, _, errors = self.diagnostics("--out", existing)
        self.assertEqual(1, status)
        self.assertIn("--out", errors)
        self.assertEqual("mine", text_of(existing))
        status, _, errors = self.diagnostics("--out", "/dev/null/x.tar.gz")
        self.assertEqual(1, status)

    def test_diagnostics_hide_numbers(self):
        self.write_file("old.log", "14:03:36.004|14|-i- call   line=0 call=1 incoming from sip:0301234567@host\n")
        _, printed, _ = self.diagnostics("--log", self.path("old.log"), "--hide-numbers", "--out", self.path("a.tgz"))
        log = self.open_archive(printed.strip())["logs/old.log"]
        self.assertNotIn("0301234567", log)
        self.assertIn("67@host", log)


if __name__ == "__main__":
    driver.main()
