#!/usr/bin/env python3
"""Mouth to ear through real devices: two phones on PulseAudio null sinks, an ideal network, 20 ms packets.

usage: mouth_to_ear.py BUILD_FOLDER [RUNS]

One null sink with two channels is the room in which both stand: the one phone's microphone hears its left channel, the
other phone's speaker plays to its right one. A recording of the sink has what was said and what was heard on one
clock, sample by sample: their cross-correlation is the delay, sound server included. RUNS calls (3) for each row, each
anew, since where the clocks of devices and packets stand to each other is chance: all are printed. CPU is
the caller's whole process in per cent of a core, the sound server's client included. Exit code 1: the median misses
the goal (60 ms PCMU, 75 ms Opus), or a device ran dry.
"""
import array
import operator
import os
import statistics
import subprocess
import sys
import time
import wave

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/bench")
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
os.environ["SIDETONE"] = os.path.join(BUILD, "apps/sidetone/sidetone")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/loopback"))
import driver  # noqa: E402
import sound_servers  # noqa: E402

GOAL_MS = {"pcmu": 60, "OPUS": 75}
RATE = 48000
SETTLE_S, SPEECH_S = 6, 4
LAG_MS_MAX = 250


class Room(sound_servers.SoundServer):
    def furnish(self):
        for name, channel in (("a", "front-left"), ("b", "front-right")):
            self.load("module-null-sink", f"sink_name=other-{name}", "rate=48000", "channels=1")
            self.load("module-null-sink", f"sink_name=quiet-{name}", "rate=48000", "channels=1")
        self.load("module-null-sink", "sink_name=room", "rate=48000", "channels=2", "channel_map=front-left,front-right")
        self.load("module-remap-source", "source_name=a.in", "master=room.monitor", "channels=1",
                  "channel_map=mono", "master_channel_map=front-left", "remix=no")
        self.load("module-remap-sink", "sink_name=b.out", "master=room", "channels=1", "channel_map=mono",
                  "master_channel_map=front-right", "remix=no")
        self.load("module-remap-source", "source_name=b.in", "master=quiet-b.monitor")


class SoundPhone(driver.Phone):
    audio = "system"


def delay_ms(said, heard):
    """The lag at which `heard` is most like `said`; at 8 kHz first, then by the sample."""
    def best(step, lags, base):
        samples = [float(value) for value in said[base:base + RATE * 2:step]]
        return max(lags, key=lambda lag: sum(map(operator.mul, samples, heard[base + lag::step])))

    base = RATE // 2
    coarse = best(6, range(0, LAG_MS_MAX * RATE // 1000, 6), base)
    return best(3, range(max(0, coarse - 12), coarse + 13), base) * 1000 / RATE


def cpu_s(program):
    with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Run(driver.TestCase):
    """One call; of the tests' driver because it knows how to start and to end all that is needed."""

    def runTest(self):
        pass

    def measure(self, codec, processing):
        room = Room(self)
        room.furnish()
        speech = driver.speech(self.path("speech.wav"), RATE, SPEECH_S, after=0)
        stereo = self.path("said.wav")
        driver.sox("-M", speech, "-n", "-r", str(RATE), "-c", "2", stereo, "trim", "0", str(SPEECH_S), "repeat", "4")
        port = driver.free_port()
        environment = room.environment
        callee = self.start(SoundPhone, ["--server", "127.0.0.1:9", "--no-register", "--sip-port", str(port),
                                         "--auto-answer", "--codecs", codec], "callee", environment=environment)
        caller = self.start(SoundPhone, ["--server", f"127.0.0.1:{port}", "--no-register", "--codecs", codec],
                            "caller", environment=environment)
        for phone, microphone, speaker in ((callee, "b.in", "b.out"), (caller, "a.in", "other-a")):
            phone.wait("started")
            phone.send("choose_devices", microphone=microphone, speaker=speaker)
            phone.send("process_voice", echo_control=processing, noise_suppression=processing,
                       gain_control=processing)
            phone.wait("devices_changed", lambda e: e["devices"]["speaker"] == speaker and
                       e["devices"]["microphone"] == microphone)
        caller.send("dial", target="7001")
        caller.wait_call(state="connected")
        caller.wait("media_started")
        speaks = subprocess.Popen(["paplay", "--device=room", "--latency-msec=20", stereo],
                                  env={**os.environ, **environment}, preexec_fn=driver.end_with_parent)
        time.sleep(SETTLE_S)
        listens = subprocess.Popen(
            ["parec", "--device=room.monitor", "--format=s16le", f"--rate={RATE}", "--channels=2", "--raw",
             "--channel-map=front-left,front-right"], stdout=subprocess.PIPE, env={**os.environ, **environment},
            preexec_fn=driver.end_with_parent)
        before, begun = cpu_s(caller), time.monotonic()
        recorded = listens.stdout.read(RATE * 4 * 3)
        cpu = (cpu_s(caller) - before) / (time.monotonic() - begun) * 100
        listens.kill()
        listens.wait()
        speaks.kill()
        speaks.wait()
        caller.send("hang_up")
        ended = caller.wait("call_ended"), callee.wait("call_ended")
        samples = array.array("h", recorded)
        timing = [told["statistics"]["timing"] for told in ended]
        return {"cpu": cpu, "ms": delay_ms(samples[0::2], samples[1::2]),
                "buffer_ms": ended[1]["statistics"]["jitter_buffer"]["delay_ms"],
                "underruns": sum(one["device_underruns"] for one in timing),
                "late": sum(one["late_ticks"] for one in timing)}


def one_run(codec, processing):
    result = {}

    class Once(Run):
        def runTest(self):
            result.update(self.measure(codec, processing))

    outcome = driver.unittest.TextTestRunner(stream=sys.stderr, verbosity=0).run(Once())
    if not outcome.wasSuccessful():
        raise SystemExit("the call failed")
    return result


def main():
    failed = False
    print(f"{'codec':6} {'processing':10} {'goal':>5} {'median':>7}  CPU %  runs (jitter buffer; underruns, late ticks)")
    for codec in GOAL_MS:
        for processing in (False, True):
            runs = [one_run(codec, processing) for _ in range(RUNS)]
            median = statistics.median(run["ms"] for run in runs)
            failed |= median > GOAL_MS[codec] or all(run["underruns"] > 0 for run in runs)
            print(f"{codec:6} {'on' if processing else 'off':10} {GOAL_MS[codec]:5} {median:7.1f} "
                  f"{min(run['cpu'] for run in runs):6.2f}  " + "; ".join(
                f"{run['ms']:.1f} ({run['buffer_ms']:.1f}; {run['underruns']}, {run['late']})" for run in runs),
                flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
