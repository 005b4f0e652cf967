"""Proves that Sidetone and Debian's linphonec understand each other, in both directions of call, by PCMU, G.722
and Opus: both speak recorded speech, and what each heard is judged against what the other said. linphonec uses
files as its sound card.

Not proven here: SRTP, ICE and video, which linphonec also has."""
import os
import subprocess

import driver

CODECS = {  # as linphonec lists it; rate of its file; wideband
    "PCMU": ("PCMU (8000)", 8000, False),
    # RFC 3551 §4.5.2: the clock of G.722 says 8000. Its high band is not judged: linphonec sends it 6 dB too
    # weak and plays it 6 dB too loud, as its own encoder and decoder agree and those of others do not.
    "G722": ("G722 (8000)", 16000, False),
    "opus": ("opus (48000)", 48000, True),
}
SPEECH_S = 4.4
CALL_S = 6.5


class Linphone(driver.Program):
    def command(self, text, answer):
        self.write(text + "\n")
        return self.wait_line(answer)


class Calls(driver.TestCase):
    def linphone(self, name, codec):
        """One that answers by itself, speaks `says-NAME.wav` and records what it hears."""
        codec_name, rate, _ = CODECS[codec]
        for folder in (".local/share/linphone", ".config/linphone"):
            os.makedirs(os.path.join(self.path(name), folder))
        port = driver.free_port()
        config = self.write_file(f"{name}.rc", f"""[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
bind_address=127.0.0.1
default_proxy=-1
use_ipv6=0
ipv6_migration_done=1
[rtp]
bind_address=127.0.0.1
audio_rtp_port={driver.free_port(span=2)}
[sound]
echocancellation=0
""")
        says = driver.speech(self.path(f"says-{name}.wav"), rate, SPEECH_S, silence=0.5, start=2)
        program = self.start(Linphone, ["linphonec", "-a", "-c", config], name,
                             environment={"HOME": self.path(name)})
        program.port = port
        program.command("soundcard use files", "wav files")
        program.write(f"play {says}\nrecord {self.path(f'heard-by-{name}.wav')}\ncodec list\nnat\n")
        listed = []
        while "nat" not in (line := program.wait_line("")):
            listed.append(line)
        for line in listed:
            index, _, codec_text = line.strip().partition(": ")
            if index.isdigit():
                wanted = codec_text.startswith(codec_name)
                program.write(f"codec {'enable' if wanted else 'disable'} {index}\n")
        driver.until(lambda: driver.udp_port_is_open(port), "linphonec opens its port")
        return program

    def heard_by_linphone(self, program):
        program.write("quit\n")
        program.wait_exit()
        mono = self.path(f"heard-by-{program.name}-mono.wav")
        driver.sox("-V1", self.path(f"heard-by-{program.name}.wav"), "-c", "1", mono)  # its header is never finished
        return mono

    def one_call_each_way(self, codec):
        wideband = CODECS[codec][2]
        speech = driver.speech(self.path("says-sidetone.wav"), 48000, SPEECH_S, silence=0.5)
        # linphonec calls the phone ...
        phone_port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(phone_port),
                           "--auto-answer", "--speak", speech, "--record", self.path("heard-by-phone.wav"))
        caller, callee = self.linphone("caller", codec), self.linphone("callee", codec)
        caller.write(f"call sip:7001@127.0.0.1:{phone_port}\n")
        # ... and is called, at the same time.
        call = subprocess.Popen(
            [driver.SIDETONE, "call", "callee", "--server", f"127.0.0.1:{callee.port}", "--no-register",
             "--audio", "none", "--seconds", str(round(CALL_S)), "--speak", speech,
             "--record", self.path("heard-by-call.wav")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(call.wait)
        self.addCleanup(call.kill)

        incoming = phone.wait_call(state="connected")
        self.assertTrue(incoming["codec"].upper().startswith(codec.upper()), incoming["codec"])
        driver.until_recorded(self.path("heard-by-phone.wav"), CALL_S)
        phone.send("hang_up")
        quality = phone.wait_ended("hung_up_here")["quality"]
        self.assertEqual(0, quality["packets_lost"])
        phone.stop()
        output, _ = call.communicate(timeout=driver.PATIENCE_S)
        self.assertEqual(0, call.returncode, output)
        self.assertIn("ended: hung_up_here", output)

        for linphone in (caller, callee):
            driver.check_speech(speech, self.heard_by_linphone(linphone), wideband, True)
        driver.check_speech(self.path("says-caller.wav"), self.path("heard-by-phone.wav"), wideband, True)
        driver.check_speech(self.path("says-callee.wav"), self.path("heard-by-call.wav"), wideband, True)

    def test_pcmu(self):
        self.one_call_each_way("PCMU")

    def test_g722(self):
        self.one_call_each_way("G722")

    def test_opus(self):
        self.one_call_each_way("opus")


if __name__ == "__main__":
    driver.needs("linphone", "linphonec")
    driver.needs("sox", "sox")
    driver.main()
