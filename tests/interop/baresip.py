"""Proves that Sidetone and Debian's baresip understand each other, in both directions of call, by PCMU, G.722 and
Opus: both speak recorded speech, and what each heard is judged against what the other said. baresip records
with its module sndfile what comes out of its decoder.

Not proven here: SRTP, ICE and video, which baresip also has."""
import glob
import os
import subprocess

import driver

CODECS = {  # name: module, rate and channels of baresip's file (exactly the codec's own), wideband
    "PCMU": ("g711", "PCMU/8000/1", 8000, 1, False),
    "PCMA": ("g711", "PCMA/8000/1", 8000, 1, False),
    "G722": ("g722", "G722/16000/1", 16000, 1, True),
    "opus": ("opus", "opus/48000/2", 48000, 2, True),
}
SPEECH_S = 4.4
CALL_S = 6.5


def module_path():
    found = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
    return found[0]


class Calls(driver.TestCase):
    def baresip(self, name, codec, *arguments):
        """One that answers by itself, speaks `speech-NAME.wav` and records what it hears."""
        module, account_codec, rate, channels, _ = CODECS[codec]
        folder = self.path(name)
        os.mkdir(folder)
        driver.speech(self.path(f"says-{name}.wav"), 48000, SPEECH_S, silence=0.5, start=2)
        driver.sox(self.path(f"says-{name}.wav"), "-r", str(rate), "-c", str(channels), f"{folder}/says.wav")
        port = driver.free_port(span=2)
        config = f"""poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
rtp_ports {driver.free_port(span=8)}-30999
audio_player aufile,{folder}/plays.wav
audio_source aufile,{folder}/says.wav
audio_alert aufile,{folder}/alert.wav
audio_channels 1-2
jitter_buffer_type fixed
jitter_buffer_delay 5-10
opus_bitrate 40000
module_path {module_path()}
module {module}.so
module aufile.so
module sndfile.so
module_tmp account.so
module_app menu.so
snd_path {folder}
"""
        for file, text in (("config", config), ("contacts", ""), (
                "accounts", f"<sip:{name}@127.0.0.1:{port}>;regint=0;answermode=auto;audio_codecs={account_codec}\n")):
            with open(f"{folder}/{file}", "w", encoding="utf-8") as out:
                out.write(text)
        program = self.start(driver.Program, ["baresip", "-f", folder, *arguments], name)
        program.port = port
        driver.until(lambda: program.process.poll() is not None or driver.udp_port_is_open(port),
                     "baresip opens its port")
        return program

    def heard_by_baresip(self, program):
        """Ends baresip, so that the recording is whole."""
        program.terminate()
        program.wait_exit()
        recordings = glob.glob(f"{self.folder}/{program.name}/dump-*-dec.wav")
        self.assertEqual(1, len(recordings), f"baresip recorded {recordings}")
        mono = self.path(f"heard-by-{program.name}.wav")
        driver.sox(recordings[0], "-c", "1", mono)
        return mono

    def one_call_each_way(self, codec):
        wideband = CODECS[codec][4]
        speech = driver.speech(self.path("says-sidetone.wav"), 48000, SPEECH_S, silence=0.5)
        # baresip calls the phone ...
        phone_port = driver.free_port()
        phone = self.phone("--server", "127.0.0.1:9", "--no-register", "--sip-port", str(phone_port),
                           "--auto-answer", "--speak", speech, "--record", self.path("heard-by-phone.wav"))
        caller = self.baresip("caller", codec, "-e", f"/dial sip:7001@127.0.0.1:{phone_port}")
        # ... and is called, at the same time.
        callee = self.baresip("callee", codec)
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

        driver.check_speech(speech, self.heard_by_baresip(caller), wideband)
        driver.check_speech(speech, self.heard_by_baresip(callee), wideband)
        driver.check_speech(self.path("says-caller.wav"), self.path("heard-by-phone.wav"), wideband)
        driver.check_speech(self.path("says-callee.wav"), self.path("heard-by-call.wav"), wideband)

    def test_pcmu(self):
        self.one_call_each_way("PCMU")

    def test_pcma(self):
        self.one_call_each_way("PCMA")

    def test_g722(self):
        self.one_call_each_way("G722")

    def test_opus(self):
        self.one_call_each_way("opus")


if __name__ == "__main__":
    driver.needs("baresip", "baresip")
    driver.needs("sox", "sox")
    driver.main()
