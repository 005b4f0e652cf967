"""Debian's baresip, steered through its module ctrl_tcp."""
import glob
import json
import os
import socket

import driver

CODECS = {  # name: module, rate and channels of baresip's file (exactly the codec's own), wideband
    "PCMU": ("g711", "PCMU/8000/1", 8000, 1, False),
    "PCMA": ("g711", "PCMA/8000/1", 8000, 1, False),
    "G722": ("g722", "G722/16000/1", 16000, 1, True),
    "opus": ("opus", "opus/48000/2", 48000, 2, True),
}
SPEECH_S = 4.4
LEAD_S = 2  # of silence before it: a busy machine begins to record so much later than the far end begins to play
CALL_S = LEAD_S + SPEECH_S + 1.6


def module_path():
    found = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
    return found[0]


class Baresip(driver.Program):
    control = 0  # its port

    def command(self, name, parameters=""):
        """Commands come as netstrings of JSON."""
        text = json.dumps({"command": name, "params": parameters, "token": name})
        with socket.create_connection(("127.0.0.1", self.control), timeout=driver.PATIENCE_S) as connection:
            connection.sendall(f"{len(text)}:{text},".encode())
            return connection.recv(4000).decode()


class TestCase(driver.TestCase):
    def baresip(self, name, codec, *arguments, more="", account="", sound=True, voice=None, server=None,
                jitter_buffer=True):
        """One that answers by itself, speaks `says-NAME.wav`, or the file `voice` again and again, and records what it
        hears. It is registered at `server`, if there is one. It plays no ring-back tone: baresip 1.1 dies when one
        ends while aufile opens the same file for the call. Its jitter buffer forgets to start anew when the far end does:
        a stream from another source whose numbers are lower (RFC 3550 §5.1: they begin anywhere) is late to it."""
        module, account_codec, rate, channels, _ = CODECS[codec]
        folder = self.path(name)
        os.mkdir(folder)
        says, again = voice or self.path(f"says-{name}.wav"), ("repeat", "30") if voice else ()
        if not voice:
            driver.speech(says, 48000, SPEECH_S, silence=LEAD_S, start=2)
        driver.sox(says, "-r", str(rate), "-c", str(channels), f"{folder}/says.wav", *again)
        player, source = (f"aufile,{folder}/plays.wav", f"aufile,{folder}/says.wav") if sound else ("aubridge,x",) * 2
        port, control = driver.free_port(span=2), driver.free_port()
        config = f"""poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
rtp_ports {driver.free_port(span=8)}-30999
audio_player {player}
audio_source {source}
audio_alert {player}
audio_channels 1-2
jitter_buffer_type fixed
jitter_buffer_delay {"5-10" if jitter_buffer else "0-0"}
opus_bitrate 40000
module_path {module_path()}
module {module}.so
{"module aufile.so" if sound else "module aubridge.so"}
{"module sndfile.so" if sound else ""}
module_tmp account.so
module_app menu.so
ringback_disabled yes
snd_path {folder}
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
{more}"""
        for file, text in (("config", config), ("contacts", ""), (
                "accounts",
                f"<sip:{name}@{server or f'127.0.0.1:{port}'}>;regint={60 if server else 0};answermode=auto;"
                f"audio_codecs={account_codec}{account}\n")):
            with open(f"{folder}/{file}", "w", encoding="utf-8") as out:
                out.write(text)
        program = self.start(Baresip, ["baresip", "-f", folder, *arguments], name)
        program.port, program.control = port, control
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
