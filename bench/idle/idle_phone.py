#!/usr/bin/env python3
"""What an idle, registered phone costs, ours beside Debian's baresip and linphonec in one run.

usage: idle_phone.py SIDETONE_PROGRAM [SECONDS]

Each phone registers one UDP line at a registrar that lives in this script, with a private PulseAudio server
present, and is left alone for SECONDS (20). Printed: time from start to REGISTER and to registered, resident
and anonymous memory, context switches a second over all its threads. Exit code 1 when ours misses the goals
of the project (15 MB resident, 2.5 MB anonymous, 1 switch a second, 25 ms).
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time


class Registrar(threading.Thread):
    """Answers every REGISTER with 200 and notes when the first came."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.first = None
        self.arrived = threading.Event()

    def run(self):
        while True:
            data, peer = self.socket.recvfrom(65535)
            if not data.startswith(b"REGISTER"):
                continue
            if self.first is None:
                self.first = time.monotonic()
            text = data.decode(errors="replace")

            def header(name, compact):
                found = re.search(rf"(?im)^(?:{name}|{compact})\s*:\s*(.*?)\r?$", text)
                return found.group(1) if found else ""

            contact = header("Contact", "m")
            if ";expires=" not in contact:
                contact += ";expires=600"
            reply = (
                f"SIP/2.0 200 OK\r\nVia: {header('Via', 'v')}\r\nFrom: {header('From', 'f')}\r\n"
                f"To: {header('To', 't')};tag=r1\r\nCall-ID: {header('Call-ID', 'i')}\r\n"
                f"CSeq: {header('CSeq', 'CSeq')}\r\nContact: {contact}\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n"
            )
            self.socket.sendto(reply.encode(), peer)
            self.arrived.set()


def memory_kb(pid):
    fields = {"Rss": 0, "Anonymous": 0}
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup:
            name = line.split(":")[0]
            if name in fields:
                fields[name] = int(line.split()[1])
    return fields["Rss"], fields["Anonymous"]


def switches(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status") as status:
            for line in status:
                if "ctxt_switches" in line:
                    total += int(line.split()[1])
    return total


def measure(name, command, registrar, seconds, env, stdin=subprocess.DEVNULL):
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        if not registrar.arrived.wait(10):
            print(f"{name:<12} did not register", flush=True)
            return None
        registered_ms = (registrar.first - started) * 1000
        time.sleep(1.5)  # what the start itself stirred up
        before, t0 = switches(process.pid), time.monotonic()
        time.sleep(seconds)
        per_second = (switches(process.pid) - before) / (time.monotonic() - t0)
        rss, anonymous = memory_kb(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    print(f"{name:<12} {registered_ms:8.1f} ms to REGISTER  {rss / 1024:6.1f} MB resident  "
          f"{anonymous / 1024:5.2f} MB anonymous  {per_second:6.2f} switches/s", flush=True)
    return registered_ms, rss, anonymous, per_second


def fresh_registrar():
    registrar = Registrar()
    registrar.start()
    return registrar


def pulse(folder):
    env = dict(os.environ, XDG_RUNTIME_DIR=f"{folder}/run", PULSE_RUNTIME_PATH=f"{folder}/run/pulse", HOME=folder)
    os.makedirs(f"{folder}/run/pulse", mode=0o700)
    os.chmod(f"{folder}/run", 0o700)
    server = subprocess.Popen(
        ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", "-L", "module-native-protocol-unix",
         "-L", "module-null-sink sink_name=spk", f"--log-target=file:{folder}/pulse.log"], env=env)
    for _ in range(100):
        if subprocess.run(["pactl", "info"], env=env, capture_output=True).returncode == 0:
            break
        time.sleep(0.05)
    return server, env


def baresip(folder, registrar):
    os.makedirs(f"{folder}/baresip")
    with open(f"{folder}/baresip/config", "w") as config:
        config.write(
            "poll_method epoll\nsip_listen 127.0.0.1:0\naudio_player pulse\naudio_source pulse\n"
            "audio_alert pulse\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\nmodule pulse.so\n"
            "module_tmp account.so\nmodule_app menu.so\n")
    with open(f"{folder}/baresip/accounts", "w") as accounts:
        accounts.write(f"<sip:7001@127.0.0.1:{registrar.port}>;regint=600\n")
    open(f"{folder}/baresip/contacts", "w").close()
    return ["baresip", "-f", f"{folder}/baresip"]


def linphone(folder, registrar):
    for sub in (".local/share/linphone", ".config/linphone"):
        os.makedirs(f"{folder}/{sub}", exist_ok=True)
    with open(f"{folder}/linphonerc", "w") as config:
        config.write(
            "[sip]\nsip_port=-1\nsip_tcp_port=0\nsip_tls_port=0\ndefault_proxy=0\n"
            f"[proxy_0]\nreg_proxy=sip:127.0.0.1:{registrar.port}\nreg_identity=sip:7001@127.0.0.1\n"
            "reg_expires=600\nreg_sendregister=1\n")
    return ["linphonec", "-c", f"{folder}/linphonerc"]


def main():
    program = os.path.abspath(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder = tempfile.mkdtemp(prefix="idle-phone-")
    server, env = pulse(folder)
    ours = None
    try:
        registrar = fresh_registrar()
        ours = measure("sidetone", [program, "phone", "--server", f"127.0.0.1:{registrar.port}", "--user", "7001"],
                       registrar, seconds, env)
        if shutil.which("baresip"):
            registrar = fresh_registrar()
            measure("baresip", baresip(folder, registrar), registrar, seconds, env)
        if shutil.which("linphonec"):
            registrar = fresh_registrar()
            read_end, write_end = os.pipe()  # it leaves at the end of its input
            measure("linphonec", linphone(folder, registrar), registrar, seconds, env, stdin=read_end)
            os.close(write_end)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    good = ours and ours[0] < 25 and ours[1] < 15 * 1024 and ours[2] < 2.5 * 1024 and ours[3] <= 1
    sys.exit(0 if good else 1)


main()
