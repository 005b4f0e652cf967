"""Two of Debian's baresip with many calls between them: the one that is measured says what it hears (module aubridge,
which costs next to nothing), its peer speaks from a file of the codec's own rate. Each call has a line of its own, so
that none is held for another."""
import glob
import json
import os
import shutil
import socket
import subprocess
import time

CODECS = {  # name: module, name in baresip, rate and channels of the peer's file
    "PCMU": ("g711", "PCMU/8000/1", 8000, 1),
    "G722": ("g722", "G722/16000/1", 16000, 1),
    "opus": ("opus", "opus/48000/2", 48000, 2),
}
PATIENCE_S = 20


def is_there():
    return shutil.which("baresip") is not None


def module_path():
    return (glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules"))[0]


class Baresip:
    def __init__(self, folder, name, codec, lines, port, source, core):
        self.name, self.port, self.control = name, port, port + 10
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        module, account_codec, _, _ = CODECS[codec]
        with open(f"{self.folder}/config", "w", encoding="utf-8") as file:
            file.write(f"""poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
rtp_ports {port + 20}-{port + 20 + 4 * lines}
call_max_calls {lines + 1}
call_hold_other_calls no
audio_player aubridge,x
audio_source aubridge,x
audio_alert aubridge,x
audio_channels 1-2
jitter_buffer_type fixed
jitter_buffer_delay 5-10
opus_bitrate 32000
module_path {module_path()}
module {module}.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
ringback_disabled yes
snd_path {self.folder}
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{self.control}
""")
        open(f"{self.folder}/contacts", "w", encoding="utf-8").close()
        with open(f"{self.folder}/accounts", "w", encoding="utf-8") as file:
            for line in range(lines):
                said = source or f"aubridge,{name}{line}"
                file.write(f"<sip:{self.user(line)}>;regint=0;answermode=auto;audio_codecs={account_codec};"
                           f"audio_source={said};audio_player=aubridge,{name}{line}\n")
        self.process = subprocess.Popen(["taskset", "-c", str(core), "baresip", "-f", self.folder],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.command("about")

    def user(self, line):
        return f"{self.name}{line}@127.0.0.1:{self.port}"

    def command(self, name, parameters=""):
        """Commands come as netstrings of JSON; tried until its port is open."""
        text = json.dumps({"command": name, "params": parameters, "token": name})
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.control), timeout=PATIENCE_S) as connection:
                    connection.sendall(f"{len(text)}:{text},".encode())
                    return connection.recv(4000).decode()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def call(self, line, peer):
        self.command("uafind", f"sip:{self.user(line)}")
        self.command("dial", f"sip:{peer.user(line)}")

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def private_kb(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def measure(folder, codec, speech, calls, seconds, port):
    """CPU of one call in per cent of a core, beyond what it needs without calls, and its private memory in kB."""
    _, _, rate, channels = CODECS[codec]
    said = os.path.join(folder, f"says-{rate}-{channels}.wav")
    if not os.path.exists(said):
        subprocess.run(["sox", "-D", speech, "-r", str(rate), "-c", str(channels), said, "repeat", "9"], check=True)
    work = os.path.join(folder, f"baresip-{codec}-{time.monotonic_ns()}")
    os.mkdir(work)
    ours = peer = None
    try:
        ours = Baresip(work, "ours", codec, calls, port, None, 0)
        peer = Baresip(work, "peer", codec, calls, port + 2000, f"aufile,{said}", 1)
        time.sleep(1)
        empty_kb, idle = ours.private_kb(), ours.cpu_s()
        time.sleep(2)
        idle = (ours.cpu_s() - idle) / 2
        for line in range(calls):
            ours.call(line, peer)
        time.sleep(3)
        before, began = ours.cpu_s(), time.monotonic()
        time.sleep(seconds)
        used = (ours.cpu_s() - before) / (time.monotonic() - began)
        return 100 * (used - idle) / calls, (ours.private_kb() - empty_kb) / calls
    finally:
        for phone in (ours, peer):
            if phone:
                phone.stop()
