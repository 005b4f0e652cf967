#!/usr/bin/env python3
"""Speech over bad networks: our receive path beside Debian's baresip, the same packets at the same times.

voice_quality.py [BUILD_FOLDER] [--seeds N] [--rows a,b] [--codecs PCMU,opus] [--no-peer] [--json FILE]

Each cell is the mean over the seeds: score (0 to 100, lab/speech/speech_score.h), mean and 95th percentile of the
delay from mouth to ear in ms (packet and codec included, the network's least delay and sound cards not), and
how much of what was played was made up (concealed; baresip does not tell). "at its delay" is our score with a least
delay of the jitter buffer that makes us as late as the peer is. The last column says whether the peer has both
the better score and the smaller delay, or the better score at the same delay. Exit code 1: it has somewhere."""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile

from baresip_listener import Listener, read_packets

# What two seeds of the same network differ by is no difference between two programs.
SCORE_NOISE = 0.5
DELAY_NOISE_MS = 2


class Bench:
    def __init__(self, options):
        folder = os.path.join(options.build, "bench/voice_quality")
        self.program = os.path.join(folder, "voice_quality_cell")
        self.sound_card = os.path.abspath(os.path.join(folder, "ideal_sound_card.so"))
        self.work = tempfile.mkdtemp(prefix="voice-quality-")
        self.options = options

    def run(self, *arguments):
        return json.loads(subprocess.run([self.program, *map(str, arguments)], check=True, capture_output=True,
                                         text=True).stdout)

    def rows(self):
        listed = subprocess.run([self.program, "rows"], check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in listed.splitlines()]

    def cell(self, row, codec, seed):
        """Ours, and what the peer made of the same packets."""
        name = f"{self.work}/{row}-{codec}-{seed}"
        own = ["call", "--row", row, "--codec", codec, "--seed", seed]
        result = {"own": self.run(*own, "--packets", f"{name}.packets")}
        if self.options.no_peer:
            return result
        packets = read_packets(f"{name}.packets")
        for attempt in range(3):  # another one may have taken its ports meanwhile
            listener = Listener(f"{name}-{attempt}", codec, self.sound_card)
            try:
                rate, offset_ms = listener.call(packets, packets[0][1][1] & 0x7f)
                break
            except RuntimeError:
                if attempt == 2:
                    raise
            finally:
                listener.stop()
        result["baresip"] = self.run("score", "--row", row, "--codec", codec, "--heard", listener.heard,
                                     "--rate", rate, "--offset-ms", offset_ms)
        os.remove(listener.heard)
        return result

    def at_delay(self, row, codec, seeds, delay_ms):
        """Our results with the least delay of the jitter buffer that brings us to that delay, or the nearest."""
        def run(least):
            return mean([self.run("call", "--row", row, "--codec", codec, "--seed", seed, "--delay-min", least)
                         for seed in seeds])
        low, high = 0, 400
        best = run(low)
        while best["delay_mean_ms"] < delay_ms and high - low > 5:
            middle = (low + high) // 2
            tried = run(middle)
            if tried["delay_mean_ms"] <= delay_ms + DELAY_NOISE_MS:
                low, best = middle, tried
            else:
                high = middle
        return best


def mean(results):
    return {key: statistics.mean(result[key] for result in results) for key in results[0]}


def verdict(own, peer, at_delay):
    if peer["score"] > own["score"] + SCORE_NOISE and peer["delay_mean_ms"] < own["delay_mean_ms"] - DELAY_NOISE_MS:
        return "DOMINATED"
    if at_delay and peer["score"] > at_delay["score"] + SCORE_NOISE:
        return "BEHIND"
    return "ok"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", default="build/bench")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", help="names, with commas between")
    parser.add_argument("--codecs", default="PCMU,G722,opus")
    parser.add_argument("--no-peer", action="store_true", help="only our own side, in seconds")
    parser.add_argument("--json", help="write all results to this file")
    options = parser.parse_args()
    bench = Bench(options)
    seeds = range(1, options.seeds + 1)
    codecs = options.codecs.split(",")
    everything, failed = [], False
    print(f"{'network':24} {'codec':5} | {'score':>5} {'delay':>5} {'95 %':>5} {'conc. %':>7}"
          f" | {'baresip':>7} {'delay':>5} {'95 %':>5} | at its delay")
    for row, _, title in bench.rows():
        if options.rows and row not in options.rows.split(","):
            continue
        # All codecs and seeds of a row side by side: the peer runs in real time.
        with concurrent.futures.ThreadPoolExecutor(len(codecs) * len(seeds)) as pool:
            cells = {(codec, seed): pool.submit(bench.cell, row, codec, seed) for codec in codecs for seed in seeds}
        for codec in codecs:
            results = [cells[codec, seed].result() for seed in seeds]
            own = mean([result["own"] for result in results])
            line = (f"{title:24} {codec:5} | {own['score']:5.1f} {own['delay_mean_ms']:5.0f} {own['delay_95_ms']:5.0f}"
                    f" {own['concealed']:7.2f}")
            entry = {"row": row, "codec": codec, "own": own}
            if not options.no_peer:
                peer = mean([result["baresip"] for result in results])
                at_delay = None
                if peer["delay_mean_ms"] > own["delay_mean_ms"]:
                    at_delay = bench.at_delay(row, codec, seeds, peer["delay_mean_ms"])
                word = verdict(own, peer, at_delay)
                failed = failed or word != "ok"
                later = f"{at_delay['score']:5.1f} {at_delay['delay_mean_ms']:5.0f}" if at_delay else f"{'':11}"
                line += (f" | {peer['score']:7.1f} {peer['delay_mean_ms']:5.0f} {peer['delay_95_ms']:5.0f}"
                         f" | {later} {word}")
                entry |= {"baresip": peer, "at_delay": at_delay, "verdict": word}
            everything.append(entry)
            print(line, flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(everything, out, indent=1)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
