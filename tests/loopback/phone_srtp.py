"""Proves use_srtp with the real programs: who offers, takes and refuses what, told by the events, with speech; and that
no key is in anything that the programs write, though the traces show the descriptions."""
import base64
import os
import re
import socket
import subprocess

import driver
from configuration import softphone_config

SPEECH_S = 3
SUITE = "AEAD_AES_256_GCM"
# who calls, who is called: secured, plain or refused
POLICIES = {
    ("disabled", "optional"): "plain",
    ("optional", "force"): "refused",
    ("elective", "disabled"): "plain",
    ("elective", "optional,UEC"): "secured",
    ("enabled", "disabled"): "refused",
    ("enabled,UNENCRYPTED_SRTCP", "elective"): "secured",
    ("mandatory", "allowed"): "secured",
    ("both", "mandatory"): "secured",
}


class Policies(driver.TestCase):
    def start_call(self, name, caller, callee, speech):
        port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                           "--codecs", "pcmu,pcma", "--use-srtp", callee, "--record", self.path(f"{name}.wav"),
                           name=name)
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        call = subprocess.Popen(
            [driver.SIDETONE, "call", "7001", "--server", f"127.0.0.1:{port}", "--no-register", "--audio", "none",
             "--seconds", str(SPEECH_S + 3), "--codecs", "pcmu", "--use-srtp", caller, "--speak", speech],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)
        return phone, call

    def test_each_word(self):
        speech = driver.speech(self.path("says.wav"), 48000, SPEECH_S, silence=1)
        calls = {pair: self.start_call(f"phone-{i}", *pair, speech) for i, pair in enumerate(POLICIES)}
        for pair, (phone, call) in calls.items():
            with self.subTest(pair):
                output, _ = call.communicate(timeout=driver.PATIENCE_S)
                if POLICIES[pair] == "refused":
                    self.assertEqual(1, call.returncode, output)
                    self.assertIn("status 488", output)
                    continue
                self.assertEqual(0, call.returncode, output)
                secured = POLICIES[pair] == "secured"
                self.assertEqual(secured, f"secured by {SUITE}" in output, output)
                self.assertEqual(SUITE if secured else None, phone.wait_call(state="connected").get("srtp_suite"))
                quality = phone.wait_ended("hung_up_there")["quality"]
                self.assertEqual((0, 0), (quality["packets_lost"], quality["srtp_discarded"]))
                driver.check_speech(speech, self.path(f"{phone.name}.wav"))

    def test_hold_keeps_a_call_secured(self):
        port = driver.free_port()
        callee = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                            "--use-srtp", "optional", name="callee")
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        caller = self.phone("--server", f"127.0.0.1:{port}", "--no-register", "--use-srtp", "elective", name="caller")
        caller.send("dial", target="7001")
        for phone in (caller, callee):
            self.assertEqual(SUITE, phone.wait_call(state="connected")["srtp_suite"])
            phone.wait("media_started")
        for wish, held in (("hold", True), ("resume", False)):
            caller.send(wish)
            self.assertEqual(SUITE, callee.wait_call(held_by_peer=held)["srtp_suite"])
            self.assertEqual(SUITE, caller.wait_call(held_by_us=held)["srtp_suite"])
        caller.send("hang_up")
        self.assertEqual(0, callee.wait_ended("hung_up_there")["quality"]["srtp_discarded"])
        self.assertEqual(0, caller.wait_ended("hung_up_here")["quality"]["srtp_discarded"])

    def test_wrong_word(self):
        code, output, errors = self.run_program("call", "7001", "--server", "127.0.0.1:9", "--use-srtp", "sometimes")
        self.assertNotEqual(0, code)
        self.assertIn("use_srtp", output + errors)
        self.assertIn("elective", output + errors)

    def test_word_of_the_file(self):
        port = driver.free_port()
        self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                   "--use-srtp", "force", name="callee")
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        text = softphone_config([("7002", f"127.0.0.1:{port}", "udp")], [{"reg_timeout": 0}])
        for word, secured in (("disabled", False), ("enabled,UEC", True)):
            with_security = text.replace("</settings>", f"""  <domain name="system">
        <section name="security"><setting name="use_srtp" value="{word}"/></section>
      </domain>
    </settings>""")
            file = self.write_file(f"{secured}.config", with_security)
            caller = self.phone("--config", file, name=f"caller-{word[:7]}")
            caller.wait_line_state("disabled")
            caller.send("dial", target="7001")
            if secured:
                self.assertEqual(SUITE, caller.wait_call(state="connected")["srtp_suite"])
            else:
                self.assertEqual(488, caller.wait_ended("refused")["status"])


class Keys(driver.TestCase):
    """A peer of a few lines, because it must know the keys that nobody may see."""

    def request(self, method, body="", sequence=1, branch="1", to_tag=""):
        return (f"{method} sip:7001@{self.there} SIP/2.0\r\nVia: SIP/2.0/UDP {self.here};branch=z9hG4bK{branch}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:peer@{self.here}>;tag=1\r\nTo: <sip:7001@{self.there}>{to_tag}\r\n"
                f"Call-ID: keys\r\nCSeq: {sequence} {method}\r\nContact: <sip:peer@{self.here}>\r\n" +
                ("Content-Type: application/sdp\r\n" if body else "") + f"Content-Length: {len(body)}\r\n\r\n{body}")

    def send(self, text):
        host, port = self.there.split(":")
        self.socket.sendto(text.encode(), (host, int(port)))

    def final_response(self):
        while True:
            text = self.socket.recv(65536).decode()
            if re.match(r"SIP/2\.0 [2-6]", text):
                return text

    def offer(self, key, name="crypto"):
        return ("v=0\r\no=peer 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio 9 RTP/SAVP 0\r\na={name}:7 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^31|1:1\r\n")

    def test_no_key_is_written(self):
        port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port), "--auto-answer",
                           "--use-srtp", "optional")
        driver.until(lambda: driver.udp_port_is_open(port), "the phone listens")
        self.there = f"127.0.0.1:{port}"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.settimeout(driver.PATIENCE_S)
        self.socket.bind(("127.0.0.1", 0))
        self.here = f"127.0.0.1:{self.socket.getsockname()[1]}"
        keys = []

        # One that is refused: the description has a fault in its line of keys ...
        keys.append(base64.b64encode(os.urandom(30)).decode())
        self.send(self.request("INVITE", self.offer(keys[0]).replace("|2^31", "\r|"), branch="0"))
        self.assertIn("SIP/2.0 400", faulty := self.final_response())
        tag = re.search(r"To:[^\r]*(;tag=[^\r;]+)", faulty)[1]
        self.send(self.request("ACK", branch="0", to_tag=tag))
        # ... and a call, with a new key in the middle of it.
        to_tag = ""
        for sequence in (2, 3):
            keys.append(base64.b64encode(os.urandom(30)).decode())
            self.send(self.request("INVITE", self.offer(keys[-1]), sequence, f"i{sequence}", to_tag))
            answer = self.final_response()
            self.assertIn("SIP/2.0 200", answer)
            to_tag = re.search(r"To:[^\r]*(;tag=[^\r;]+)", answer)[1]
            line = re.search(r"a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/=]+)", answer)
            keys.append(line[1])
            self.send(self.request("ACK", "", sequence, f"a{sequence}", to_tag))
        self.assertEqual(5, len(set(keys)))
        phone.wait_call(state="connected", srtp_suite="AES_CM_128_HMAC_SHA1_80")
        self.send(self.request("BYE", "", 4, "b", to_tag))
        phone.wait_ended("hung_up_there")
        phone.stop()

        with open(phone.log, encoding="utf-8") as file:
            log = file.read()
        self.assertIn("a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:***", log)  # the trace was on
        written = log + "\n".join(phone.seen) + phone.error_text()
        for key in keys:
            for form in (key, key[:8], base64.b64decode(key).hex()):
                self.assertNotIn(form.lower(), written.lower(), "a key can be read")


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
