"""Debian's baresip as the listener of a call whose packets come as a file says, at an ideal sound card. It has the
settings that it installs for itself, save what keeps it on loopback."""
import glob
import os
import re
import socket
import struct
import subprocess
import time

PATIENCE_S = 10
ACCOUNT_CODEC = {"PCMU": ("g711", "PCMU/8000/1"), "G722": ("g722", "G722/16000/1"), "opus": ("opus", "opus/48000/2")}
PAYLOAD = {"PCMU": "0 PCMU/8000", "G722": "9 G722/8000", "opus": "{opus} opus/48000/2"}


def free_port(span=1):
    """A free even UDP port, with some more behind it."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1] & ~1
        try:
            for i in range(span):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", port + i))
            return port
        except OSError:
            continue


def module_path():
    return (glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules"))[0]


def read_packets(path):
    """[(seconds since the sender's first tick, bytes)]"""
    packets = []
    with open(path, "rb") as file:
        while head := file.read(6):
            us, size = struct.unpack("<IH", head)
            packets.append((us / 1e6, file.read(size)))
    return packets


class Listener:
    def __init__(self, folder, codec, sound_card):
        self.folder, self.codec, self.heard = folder, codec, f"{folder}/heard.raw"
        os.makedirs(folder, exist_ok=True)
        module, account_codec = ACCOUNT_CODEC[codec]
        self.port = free_port()
        rtp = free_port(span=4)
        files = {
            "config": f"""poll_method epoll
sip_listen 127.0.0.1:{self.port}
net_interface 127.0.0.1
rtp_ports {rtp}-{rtp + 3}
audio_player alsa,x
audio_source alsa,x
audio_alert alsa,x
module_path {module_path()}
module {module}.so
module alsa.so
module_tmp account.so
module_app menu.so
ringback_disabled yes
""",
            "accounts": f"<sip:listener@127.0.0.1:{self.port}>;regint=0;answermode=auto;audio_codecs={account_codec}\n",
            "contacts": ""}
        for name, text in files.items():
            with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
                out.write(text)
        self.log = open(f"{folder}/log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["baresip", "-f", folder], stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            env={**os.environ, "LD_PRELOAD": sound_card, "IDEAL_SOUND_CARD": self.heard})

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.log.close()

    def call(self, packets, payload_type):
        """Calls, sends, hangs up. Returns (rate, ms from the sender's first tick to the first sample played)."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp:
            sip.bind(("127.0.0.1", 0))
            rtp.bind(("127.0.0.1", free_port(span=2)))
            remote, to = self.invite(sip, rtp.getsockname()[1], payload_type)
            start = time.monotonic() + 0.5
            for at, packet in packets:
                left = start + at - time.monotonic()
                if left > 0:
                    time.sleep(left)
                rtp.sendto(packet, remote)
            time.sleep(0.5)
            self.send(sip, "BYE", 3, to)
        with open(self.heard + ".start", encoding="utf-8") as file:
            first_ns, rate = map(int, file.read().split())
        return rate, first_ns / 1e6 - start * 1e3

    def send(self, sip, method, cseq, to, body=""):
        own = f"127.0.0.1:{sip.getsockname()[1]}"
        lines = [f"{method} sip:listener@127.0.0.1:{self.port} SIP/2.0",
                 f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{method}{cseq}", "Max-Forwards: 70",
                 f"From: <sip:talker@{own}>;tag=t", f"To: {to}", f"Call-ID: quality@{own}",
                 f"CSeq: {cseq} {method}", f"Contact: <sip:talker@{own}>",
                 f"Content-Length: {len(body)}"] + (["Content-Type: application/sdp"] if body else []) + ["", body]
        sip.sendto("\r\n".join(lines).encode(), ("127.0.0.1", self.port))

    def invite(self, sip, rtp_port, payload_type):
        number, encoding = PAYLOAD[self.codec].format(opus=payload_type).split()
        body = "\r\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
                            f"m=audio {rtp_port} RTP/AVP {number}", f"a=rtpmap:{number} {encoding}"]
                           + ([f"a=fmtp:{number} useinbandfec=1"] if self.codec == "opus" else [])
                           + ["a=ptime:20", ""])
        sip.settimeout(0.3)
        ends = time.monotonic() + PATIENCE_S
        to = f"<sip:listener@127.0.0.1:{self.port}>"
        self.send(sip, "INVITE", 1, to, body)
        while time.monotonic() < ends:
            try:
                answer = sip.recv(65535).decode()
            except OSError:
                self.send(sip, "INVITE", 1, to, body)  # it starts still
                continue
            if answer.startswith("SIP/2.0 200"):
                to = re.search(r"(?im)^to:\s*(.*?)\r?$", answer).group(1)
                self.send(sip, "ACK", 1, to)
                return ("127.0.0.1", int(re.search(r"m=audio (\d+)", answer).group(1))), to
        raise RuntimeError(f"baresip did not answer: see {self.folder}/log")
