"""Debian's linphonec, steered by its own commands; files are its sound card."""
import os
import re
import time

import driver

CODECS = {  # as linphonec lists it; rate of its file; wideband
    "PCMU": ("PCMU (8000)", 8000, False),
    # RFC 3551 §4.5.2: the clock of G.722 says 8000. Its high band is not judged: linphonec sends it 6 dB too
    # weak and plays it 6 dB too loud, as its own encoder and decoder agree and those of others do not.
    "G722": ("G722 (8000)", 16000, False),
    "opus": ("opus (48000)", 48000, True),
}
SPEECH_S = 4.4
LEAD_S = 2  # of silence before it: a busy machine begins to record so much later than the far end begins to play
CALL_S = LEAD_S + SPEECH_S + 1.6


PROMPT = "linphonec> "


class Linphone(driver.Program):
    def _read(self):
        """Its prompt has no line of its own; here it gets one, so that it can be waited for."""
        rest = b""
        with open(self.output, "wb") as copy:
            while chunk := self.process.stdout.read1():
                copy.write(chunk)
                copy.flush()
                *lines, rest = re.split(b"\n|(?<=" + PROMPT.encode() + b")", rest + chunk)
                for line in lines:
                    self.lines.put(line.decode("utf-8", "replace"))
        self.lines.put(None)

    def wait_prompt(self):
        """What it printed before."""
        printed = []
        deadline = time.monotonic() + driver.PATIENCE_S
        while (line := self.next_line(deadline)) is not None:
            if line.endswith(PROMPT):
                return printed
            printed.append(line)
        raise AssertionError(f"{self.name} does not ask for a command:\n" + "\n".join(self.seen[-20:]))

    def command(self, text):
        """What it answered. Of several commands at once it would obey only the last: that of Debian 13 has no
        line editing, and keeps one line while it is at work."""
        self.write(text + "\n")
        return self.wait_prompt()

    def quit(self):
        self.write("quit\n")
        self.process.stdin.close()  # or that of Debian 13 waits for the next command before it ends
        self.wait_exit()


class TestCase(driver.TestCase):
    def linphone(self, name, codec="PCMU", automatic=True, root_ca="", certificate="", sip="", rtp=""):
        """One that answers by itself, speaks `says-NAME.wav` and records what it hears."""
        codec_name, rate, _ = CODECS[codec]
        for folder in (".local/share/linphone", ".config/linphone"):
            os.makedirs(os.path.join(self.path(name), folder))
        port = driver.free_port()
        config = self.write_file(f"{name}.rc", f"""[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port={driver.free_port() if root_ca else 0}
root_ca={root_ca}
client_cert_chain={certificate}
client_cert_key={certificate}
verify_server_certs=1
verify_server_cn=1
bind_address=127.0.0.1
default_proxy=-1
use_ipv6=0
ipv6_migration_done=1
{sip}
[rtp]
bind_address=127.0.0.1
audio_rtp_port={driver.free_port(span=2)}
{rtp}
[sound]
echocancellation=0
""")
        says = driver.speech(self.path(f"says-{name}.wav"), rate, SPEECH_S, silence=LEAD_S, start=2)
        program = self.start(Linphone, ["linphonec", *["-a"] * automatic, "-c", config], name,
                             environment={"HOME": self.path(name)})
        program.port = port
        program.wait_prompt()
        self.assertIn("Using wav files instead of soundcard.", program.command("soundcard use files"))
        program.command(f"play {says}")
        program.command(f"record {self.path(f'heard-by-{name}.wav')}")
        for line in program.command("codec list"):
            index, _, codec_text = line.strip().partition(": ")
            wanted = codec_text.startswith(codec_name)
            if index.isdigit() and wanted != codec_text.endswith("enabled"):
                program.command(f"codec {'enable' if wanted else 'disable'} {index}")
        driver.until(lambda: driver.udp_port_is_open(port), "linphonec opens its port")
        return program

    def heard_by_linphone(self, program):
        program.quit()
        mono = self.path(f"heard-by-{program.name}-mono.wav")
        driver.sox("-V1", self.path(f"heard-by-{program.name}.wav"), "-c", "1", mono)  # its header is never finished
        return mono
