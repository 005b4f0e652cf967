#!/usr/bin/env python3
"""What a call costs, ours beside Debian's baresip in one run.

usage: call_cost.py BUILD_FOLDER [cpu] [capacity] [memory]   (none named: all)

cpu       CPU of an active call (speech both ways, sockets on loopback, 20 ms packets) in per cent of a core, of 25
          calls, beyond what the process needs without a call; the least of some rounds, since whatever else runs on
          the machine only adds. For Opus also what libopus alone takes for the same speech.
capacity  500 PCMU calls, then 60 Opus calls (complexity 5), each on one core: late ticks, lost packets. A tick is
          late when it begins more than 10 ms after it was due; its packets leave late, and where a device waits
          for it, that may run dry.
memory    private bytes for each PCMU call between 10 and 200 of them.

Ours is pinned to core 0, the peer that it speaks with to core 1.
"""
import json
import os
import random
import socket
import subprocess
import sys
import tempfile

import baresip_calls

CALLS = 25
ROUNDS = int(os.environ.get("ROUNDS", "4"))
SECONDS = int(os.environ.get("SECONDS_EACH", "6"))
GOALS = {"PCMU": 0.06, "G722": 0.20}  # per cent of a core
OPUS_GOAL = 0.1  # beyond libopus
SPEECH = [f"/usr/share/sounds/alsa/{name}.wav" for name in
          ("Front_Center", "Front_Left", "Front_Right", "Rear_Center", "Rear_Left", "Rear_Right", "Side_Left")]


class Bench:
    def __init__(self, build, folder):
        self.programs, self.folder = os.path.join(build, "bench/call_cost"), folder
        self.speech = os.path.join(folder, "speech.wav")
        subprocess.run(["sox", "-D", *SPEECH, "-r", "48000", "-c", "1", self.speech, "trim", "0", "10"], check=True)

    def port(self, span):
        """Even, with `span` UDP ports that are free now."""
        while True:
            first = random.randrange(10000, 32768 - span, 2)
            try:
                for port in range(first, first + span):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                        probe.bind(("127.0.0.1", port))
                return first
            except OSError:
                continue

    def calls(self, codec, calls, seconds, *options):
        """Both ends; returns what the measured one says."""
        port, peers_port = self.port(2 * calls), self.port(2 * calls)

        def start(core, ours, theirs, speech):
            return subprocess.Popen(
                ["taskset", "-c", str(core), f"{self.programs}/many_calls", codec, str(calls), str(seconds),
                 str(ours), str(theirs), speech, *options], stdout=subprocess.PIPE, text=True)

        peer = start(1, peers_port, port, self.speech)
        ours = start(0, port, peers_port, "echo")
        told, _ = ours.communicate()
        peer.communicate()
        if ours.returncode != 0:
            raise SystemExit(f"many_calls ended with {ours.returncode}")
        return json.loads(told)

    def undisturbed(self, codec, calls, seconds, *options):
        """A run in which the machine had time for every tick: one that starves its programs shows neither their CPU
        nor their memory. The last one when there is none in some tries, and then it says so."""
        for _ in range(6):
            told = self.calls(codec, calls, seconds, *options)
            expected = 100 * seconds
            if told["ticks"] > 0.98 * expected and told["received"] > 0.97 * expected / 2 * calls:
                return told
        print(f"  (the machine is busy: {told['ticks']} of {expected} ticks, {told['received']} packets)")
        return told

    def libopus(self, complexity):
        done = subprocess.run([f"{self.programs}/opus_cost", self.speech, "32000", str(complexity)], check=True,
                              stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)["cpu_percent"]

    def cpu(self):
        rows = [("PCMU", "PCMU", ()), ("G722", "G722", ()), ("Opus, complexity 5", "opus", ("complexity=5",)),
                ("Opus, complexity 9", "opus", ("complexity=9",))]
        peers = baresip_calls.is_there()
        print(f"CPU of a call, % of a core ({CALLS} calls, least of {ROUNDS} rounds of {SECONDS} s)")
        print(f"{'':20} {'ours':>7} {'goal':>7} {'libopus':>8} {'baresip':>8} {'ratio':>6}")
        for name, codec, options in rows:
            ours, theirs, alone = [], [], []
            for _ in range(ROUNDS):
                ours.append(self.undisturbed(codec, CALLS, SECONDS, *options)["cpu_percent"] / CALLS)
                if options:
                    alone.append(self.libopus(options[0][-1]))
                # baresip's Opus has the library's complexity: 9
                if peers and options != ("complexity=5",):
                    theirs.append(baresip_calls.measure(self.folder, codec, self.speech, CALLS, SECONDS,
                                                        self.port(4100))[0])
            best = min(ours)
            goal = GOALS.get(name) or min(alone) + OPUS_GOAL
            print(f"{name:20} {best:7.3f} {goal:7.3f} {min(alone) if alone else 0:8.3f} "
                  f"{min(theirs) if theirs else 0:8.3f} {min(theirs) / best if theirs else 0:6.2f}", flush=True)

    def capacity(self):
        print("many calls on one core, 20 s")
        for name, codec, calls, options in (("PCMU", "PCMU", 500, ()), ("Opus, complexity 5", "opus", 60,
                                                                      ("complexity=5",))):
            told = self.calls(codec, calls, 20, *options)
            print(f"{calls:4} {name}: {told['cpu_percent']:.1f} % of a core, {told['ticks']} ticks, "
                  f"{told['late_ticks']} late, {told['skipped_ticks']} skipped, worst {told['latest_us'] / 1000:.1f} ms, "
                  f"{told['received']} packets of {told['sent']}, {told['lost']} lost, "
                  f"{told['concealed']} frames of 10 ms concealed", flush=True)

    def memory(self):
        few, many = 10, 200
        told = [min(self.undisturbed("PCMU", count, 2)["private_kb"] for _ in range(3)) for count in (few, many)]
        print(f"memory of a PCMU call: {(told[1] - told[0]) / (many - few):.1f} kB private (goal 80); the first {few} "
              f"with all that one process needs: {told[0]} kB")
        if baresip_calls.is_there():
            kb = baresip_calls.measure(self.folder, "PCMU", self.speech, CALLS, 2, self.port(4100))[1]
            print(f"baresip: {kb:.1f} kB (mean of its first {CALLS})", flush=True)


def main():
    parts = [part for part in sys.argv[2:]] or ["cpu", "capacity", "memory"]
    with tempfile.TemporaryDirectory(prefix="sidetone-bench-") as folder:
        bench = Bench(sys.argv[1], folder)
        for part in parts:
            getattr(bench, part)()


if __name__ == "__main__":
    main()
