"""Real sound servers for tests: each with folders, sockets and devices of its own, as many side by side as wanted.
A device is a null sink; a microphone is what another null sink plays."""
import os
import subprocess
import threading
import time

import driver


NO_DEVICE = "4294967295"


class SoundServer:
    """PulseAudio."""
    programs = ("pulseaudio", "pactl", "parec")
    quick = ("norewinds=1",)  # a null sink that sleeps for 50 ms, not for 2 s

    def __init__(self, test):
        self.test = test
        self.runtime = test.path("run")
        self.home = test.path("home")
        os.makedirs(os.path.join(self.runtime, "pulse"), mode=0o700)
        os.makedirs(self.home)
        os.chmod(self.runtime, 0o700)
        self.environment = {"XDG_RUNTIME_DIR": self.runtime, "HOME": self.home,
                            "PULSE_RUNTIME_PATH": os.path.join(self.runtime, "pulse"),
                            "PULSE_SERVER": f"unix:{self.runtime}/pulse/native"}
        self.modules = {}
        self.starts = 0
        self.running = []
        self.start()

    def start(self):
        self.starts += 1
        self.start_programs()
        driver.until(lambda: self.pactl("info", check=False).returncode == 0, "the sound server answers")
        for name, description, group, rate in tuple(self.modules):
            self.plug(name, description, group, rate)

    def start_programs(self):
        self.run("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
                 "--disable-shm=yes", "-L", f"module-native-protocol-unix socket={self.runtime}/pulse/native")

    def run(self, *arguments, environment=None):
        program = self.test.start(driver.Program, list(arguments), f"{arguments[0]}-{self.starts}",
                                  environment={**self.environment, **(environment or {})})
        self.running.append(program)
        return program

    def kill(self):
        for program in reversed(self.running):
            program.kill()
        self.running.clear()

    def restart(self):
        self.kill()
        self.start()

    def pactl(self, *arguments, check=True):
        return subprocess.run(["pactl", *arguments], env={**os.environ, **self.environment}, text=True,
                              capture_output=True, timeout=driver.PATIENCE_S, check=check)

    def set_default(self, kind, name):
        """PipeWire knows a new device a moment after it has said that it is there, and at times forgets a wish."""
        def is_default():
            return (self.pactl(f"set-default-{kind}", name, check=False).returncode == 0 and
                    self.pactl(f"get-default-{kind}").stdout.strip() == name)
        driver.until(is_default, f"{name} becomes the default")

    def change_default(self, kind, name):
        """While somebody listens."""
        self.set_default(kind, name)

    def load(self, *arguments):
        return self.pactl("load-module", *arguments).stdout.strip()

    def unload(self, module):
        """PipeWire may have ended it by itself, or be busy with it."""
        def is_gone():
            self.pactl("unload-module", module, check=False)
            return module not in (line.split("\t")[0] for line in self.pactl("list", "short", "modules").stdout.splitlines())
        driver.until(is_gone, f"module {module} is unloaded")

    def plug(self, name, description, group="", rate=48000):
        """A speaker `name`.out and a microphone `name`.in."""
        text = f'device.description="{description}" sysfs.path="{group or name}"'
        self.modules[(name, description, group, rate)] = [
            self.load("module-null-sink", f"sink_name={name}.out", f"sink_properties='{text}'", f"rate={rate}",
                      *self.quick),
            self.load("module-null-sink", f"sink_name={name}.voice", f"rate={rate}", *self.quick),
            self.load("module-remap-source", f"source_name={name}.in", f"master={name}.voice.monitor",
                      f"source_properties='{text}'")]

    def unplug(self, name):
        """The moment at which it began."""
        key = next(key for key in self.modules if key[0] == name)
        modules = self.modules.pop(key)
        began = time.monotonic()
        for module in (modules[0], modules[2], modules[1]):
            self.pactl("unload-module", module)
        return began

    def sinks_heard(self):
        """The names of the sinks that somebody plays to."""
        sinks = dict(line.split("\t")[:2] for line in self.pactl("list", "short", "sinks").stdout.splitlines())
        inputs = self._streams("sink-inputs")
        outputs = self._streams("source-outputs")
        # PipeWire keeps a stream whose device went while it was opened: half connected, silent, and not ended
        # before its program ends.
        limbo = {client for _, device, client in inputs + outputs if device == NO_DEVICE}
        return {sinks.get(sink) for _, sink, client in inputs if client not in limbo} - {None}

    def rates_played(self):
        """Of the streams that are played to a sink."""
        lines = self.pactl("list", "short", "sink-inputs").stdout.splitlines()
        return {int(line.split()[-1].removesuffix("Hz")) for line in lines}

    def _streams(self, kind):
        return [tuple(line.split("\t")[:3]) for line in self.pactl("list", "short", kind).stdout.splitlines()]

    def sources_heard(self):
        sources = dict(line.split("\t")[:2] for line in self.pactl("list", "short", "sources").stdout.splitlines())
        # What a remapped source takes from its master has no client.
        return {sources.get(source) for _, source, client in self._streams("source-outputs")
                if client not in ("-", "")} - {None}


class PipeWire(SoundServer):
    """PipeWire with its session manager and PulseAudio's protocol, on a message bus of their own."""
    programs = ("pipewire", "wireplumber", "pipewire-pulse", "dbus-daemon", "pactl", "parec")
    quick = ()

    def start_programs(self):
        bus = self.run("dbus-daemon", "--session", "--nofork", "--print-address")
        address = bus.next_line(time.monotonic() + driver.PATIENCE_S)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
        self.run("pipewire")
        driver.until(lambda: os.path.exists(f"{self.runtime}/pipewire-0"), "pipewire listens")
        self.run("wireplumber")
        self.run("pipewire-pulse")

    def start(self):
        super().start()
        self.listener = self.run("pactl", "subscribe")

    def change_default(self, kind, name):
        """PipeWire 0.3 forgets to tell its clients of one change in ten: until one of them has heard."""
        before = self.pactl(f"get-default-{kind}").stdout.strip()
        for _ in range(10):
            self.listener_heard("server", 0)
            self.set_default(kind, name)
            if self.listener_heard("server", 2):
                return
            self.set_default(kind, before)
        raise AssertionError(f"no client is told that {name} is the default")

    def listener_heard(self, what, seconds):
        deadline = time.monotonic() + seconds
        while (line := self.listener.next_line(deadline)) is not None:
            if seconds and f"on {what}" in line:
                return True
        return False

    def kill(self):
        super().kill()
        for name in os.listdir(self.runtime):
            if name.startswith("pipewire-0"):
                os.unlink(os.path.join(self.runtime, name))


class Ear:
    """Hears what a sink plays, and when: the times at which the sound was louder than nothing, and its pitch."""
    rate, pitch_samples = 8000, 1600  # 200 ms of a tone tell its pitch to 5 Hz

    def __init__(self, server, sink, wait=True):
        self.sink = sink
        self.process = subprocess.Popen(
            ["parec", f"--device={sink}.monitor", "--format=s16le", "--rate=8000", "--channels=1",
             "--latency-msec=10", "--raw"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **server.environment}, preexec_fn=driver.end_with_parent)
        self.heard_at = []
        self.pitches = []  # when, Hz
        self.listens = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        server.test.addCleanup(self.stop)
        if wait:
            self.wait()

    def wait(self):
        """Until it hears."""
        if not self.listens.wait(driver.PATIENCE_S):
            raise AssertionError(f"nothing comes from {self.sink}.monitor")

    def _listen(self):
        descriptor = self.process.stdout.fileno()
        tone = []
        while block := os.read(descriptor, 4096):
            self.listens.set()
            samples = memoryview(block[:len(block) // 2 * 2]).cast("h")
            if samples and (max(samples) > 100 or min(samples) < -100):
                self.heard_at.append(time.monotonic())
                tone.extend(samples)
            else:
                tone.clear()
            if len(tone) >= self.pitch_samples:
                rises = sum(before < 0 <= after for before, after in zip(tone, tone[1:]))
                self.pitches.append((time.monotonic(), rises * self.rate / len(tone)))
                tone.clear()

    def wait_pitch(self, moment, hz):
        """Until a tone of that pitch is heard."""
        driver.until(lambda: any(at > moment and abs(heard - hz) < 20 for at, heard in list(self.pitches)), f"{hz} Hz")

    def first_after(self, moment):
        return driver.until(lambda: next((at for at in self.heard_at if at > moment), None), "sound is heard")

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()
