"""Debian's Kamailio as proxy and registrar, over UDP, TCP and TLS."""
import glob
import os
import signal
import socket

import driver
from driver import PASSWORD

DOMAIN = "interop.test"

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
{before_rr}loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "textopsx.so"
loadmodule "siputils.so"
loadmodule "auth.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("registrar", "max_contacts", 1)
{more}
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
{first}  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("interop.test", "{password}", "0")) {{
      www_challenge("interop.test", "1");
      exit;
    }}
    if ($au != $tU) sl_send_reply("403", "Not Yours");
    else {{
{before_save}      save("location");
    }}
    exit;
  }}
  if (is_method("INVITE|REFER|SUBSCRIBE")) {{
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

# baresip's older ciphers apart, this is what Debian's OpenSSL takes by default.
TLS = """enable_tls=yes
listen=tls:127.0.0.1:{port}
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{certificate}")
"""


class Kamailio(driver.Program):
    """Ready to answer when it is made."""

    def __init__(self, folder, name, algorithm="MD5", certificate=None, port=None, **parts):
        self.port, self.tls_port = port or driver.free_port(), driver.free_port()
        home = os.path.join(folder, name)
        os.mkdir(home)
        if certificate:
            parts["more"] = parts.get("more", "") + TLS.format(port=self.tls_port, certificate=certificate)
        config = os.path.join(home, "kamailio.cfg")
        with open(config, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(
                port=self.port, modules=glob.glob("/usr/lib/*/kamailio/modules/")[0], algorithm=algorithm,
                password=PASSWORD, **{"before_rr": "", "more": "", "first": "", "before_save": "", **parts}))
        super().__init__([driver.path_of("kamailio"), "-DD", "-E", "-f", config, "-m", "32", "-M", "4", "-Y", home, "-P",
                          os.path.join(home, "pid"), "-w", home], folder, name)
        driver.until(lambda: self.process.poll() is not None or self.answers(), "Kamailio answers")
        if self.process.poll() is not None:
            raise AssertionError("Kamailio did not start: " + self.error_text()[-2000:])

    def answers(self):
        """A port that is open says nothing of the processes behind it: ask one."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
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

    def freeze(self):
        """All its processes, at once: a machine that says nothing more."""
        os.killpg(self.process.pid, signal.SIGSTOP)
