"""Proves that Sidetone registers at Debian's Kamailio with a digest, and calls through it: one phone by UDP, the
other by TCP, with Kamailio in the path of the dialog. Kamailio verifies WWW- and Proxy-Authorization, by MD5
and by SHA-256."""
import glob
import os
import shutil

import driver
from driver import PASSWORD

CONFIGURATION = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("registrar", "max_contacts", 1)

request_route {{
  if (!mf_process_maxfwd_header("10")) {{
    sl_send_reply("483", "Too Many Hops");
    exit;
  }}
  if (has_totag()) {{
    if (loose_route() || (is_method("ACK") && t_check_trans())) t_relay();
    else if (!is_method("ACK")) sl_send_reply("404", "Not Here");
    exit;
  }}
  if (is_method("CANCEL")) {{
    if (t_check_trans()) t_relay();
    exit;
  }}
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("interop.test", "{password}", "0")) {{
      www_challenge("interop.test", "1");
      exit;
    }}
    if ($au != $tU) sl_send_reply("403", "Not Yours");
    else save("location");
    exit;
  }}
  if (is_method("INVITE")) {{
    if (!pv_proxy_authenticate("interop.test", "{password}", "0")) {{
      proxy_challenge("interop.test", "1");
      exit;
    }}
    consume_credentials();
    record_route();
    if (!lookup("location")) sl_send_reply("404", "Not Found");
    else t_relay();
    exit;
  }}
  sl_send_reply("405", "Method Not Allowed");
}}
"""


class Through:
    algorithm = "MD5"

    def setUp(self):
        modules = glob.glob("/usr/lib/*/kamailio/modules/")[0]
        self.port = driver.free_port()
        config = self.write_file("kamailio.cfg", CONFIGURATION.format(
            port=self.port, modules=modules, algorithm=self.algorithm, password=PASSWORD))
        program = shutil.which("kamailio", path=os.environ["PATH"] + ":/usr/sbin")
        kamailio = self.start(driver.Program, [program, "-DD", "-E", "-f", config, "-m", "32", "-M", "4", "-Y",
                                               self.folder, "-P", self.path("kamailio.pid"), "-w", self.folder],
                              "kamailio")
        driver.until(lambda: kamailio.process.poll() is not None or self.answers(), "Kamailio answers")
        if kamailio.process.poll() is not None:
            raise AssertionError("Kamailio did not start: " + kamailio.error_text()[-2000:])

    def answers(self):
        """A port that is open says nothing of the processes behind it: ask one."""
        with driver.socket.socket(driver.socket.AF_INET, driver.socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.1)
            asker.connect(("127.0.0.1", self.port))
            try:
                asker.send((f"OPTIONS sip:127.0.0.1:{self.port} SIP/2.0\r\n"
                            f"Via: SIP/2.0/UDP 127.0.0.1:{asker.getsockname()[1]};branch=z9hG4bKready\r\n"
                            "Max-Forwards: 5\r\nFrom: <sip:ready@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\n"
                            "Call-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode())
                return asker.recv(2000)
            except OSError:
                return None

    def registered(self, user, protocol, *arguments):
        phone = self.phone("--server", f"127.0.0.1:{self.port}", "--user", user, "--protocol", protocol,
                           "--password-env", "WORD", *arguments, name=f"phone-{user}",
                           environment={"WORD": PASSWORD})
        phone.wait_line_state("ready")
        return phone

    def test_call(self):
        speech = driver.speech(self.path("speech.wav"), 48000, 3, silence=0.5)
        alice = self.registered("7001", "udp", "--record", self.path("heard.wav"))
        bob = self.registered("7002", "tcp", "--speak", speech)
        alice.send("dial", target="7002")
        alice.wait_call(state="ringing")
        self.assertEqual("7001", bob.wait_call(state="ringing")["remote_number"])
        bob.send("answer")
        for phone in (alice, bob):
            phone.wait_call(state="connected")
        driver.until_recorded(self.path("heard.wav"), 4.5)
        bob.send("hold")
        bob.wait_call(held_by_us=True)
        alice.wait_call(held_by_peer=True)
        bob.send("resume")
        bob.wait_call(held_by_us=False)
        alice.wait_call(held_by_peer=False)
        alice.send("dtmf", digits="42")
        self.assertEqual("42", bob.wait("dtmf_received")["digit"] + bob.wait("dtmf_received")["digit"])
        bob.send("hang_up")
        bob.wait_ended("hung_up_here")
        alice.wait_ended("hung_up_there")
        alice.stop()
        bob.stop()
        driver.check_speech(speech, self.path("heard.wav"), wideband=True)

    def test_cancel_and_refusals(self):
        alice, bob = self.registered("7001", "tcp"), self.registered("7002", "udp")
        alice.send("dial", target="7002")
        bob.wait_call(state="ringing")
        alice.wait_call(state="ringing")
        alice.send("hang_up")
        alice.wait_ended("hung_up_here")
        bob.wait_ended("cancelled_there")
        alice.send("dial", target="7002")
        bob.wait_call(state="ringing")
        bob.send("reject")
        self.assertEqual(486, alice.wait_ended("refused")["status"])
        alice.send("dial", target="7003")
        self.assertEqual(404, alice.wait_ended("refused")["status"])
        bob.stop()  # unregisters
        alice.send("dial", target="7002")
        self.assertEqual(404, alice.wait_ended("refused")["status"])
        alice.stop()

    def test_wrong_password(self):
        phone = self.phone("--server", f"127.0.0.1:{self.port}", "--password-env", "WORD",
                           environment={"WORD": "wrong"})
        line = phone.wait_line_state("failed")
        self.assertEqual((401, "the server does not accept the password of 7001"), (line["status"], line["text"]))
        phone.stop()


class ByMd5(Through, driver.TestCase):
    pass


class BySha256(Through, driver.TestCase):
    algorithm = "SHA-256"


if __name__ == "__main__":
    driver.needs("kamailio", "kamailio")
    driver.needs("sox", "sox")
    driver.main()
