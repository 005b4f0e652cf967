"""Options of the voice that only a whole phone shows: what it hears is levelled, and how much of silence it sends."""
import re
import subprocess

import driver

SPEECH_S = 6
RX_AGC, DTX, VAD = "policy.session.rx_agc_mode", "policy.session.dtx_mode", "policy.session.vad_level"


class Call:
    """Of SPEECH_S seconds between two phones with a lab of their own; several run at once."""

    def __init__(self, test, name, options, speak_there, changed=None):
        lab = test.lab(name=f"lab-{name}")
        self.here, self.there = test.path(f"{name}-here.wav"), test.path(f"{name}-there.wav")
        speech = driver.speech(test.path(f"{name}-says.wav"), 48000, SPEECH_S)
        self.phone = self._phone(test, lab, "7001", f"{name}-phone", speech, self.here, options)
        self.peer = self._phone(test, lab, "7002", f"{name}-peer", speak_there, self.there, {DTX: 1}, "--auto-answer")
        for option, value in (changed or {}).items():
            self.phone.send("set_options", options={option: value})
            self.phone.wait("configuration_changed")
        self.phone.send("dial", target="7002")
        self.phone.wait_call(state="connected")

    @staticmethod
    def _phone(test, lab, user, name, speak, record, options, *more):
        settings = [word for option, value in options.items() for word in ("--set", f"{option}={value}")]
        phone = test.phone("--server", lab.address, "--user", user, "--codecs", "pcmu", "--speak", speak, "--record",
                           record, *settings, *more, name=name)
        phone.wait_line_state("ready")
        return phone

    def end(self):
        """As the caller tells it."""
        driver.until_recorded(self.there, SPEECH_S)
        driver.until_recorded(self.here, SPEECH_S)
        self.phone.send("hang_up")
        ended = self.phone.wait("call_ended")
        self.phone.stop()
        self.peer.stop()
        return ended

    def loudness_here(self):
        """RMS of its last seconds, when gain has settled. To be asked when it is over."""
        said = subprocess.run(["sox", self.here, "-n", "trim", "2", str(SPEECH_S - 2), "stat"], check=True,
                              capture_output=True, text=True).stderr
        return float(re.search(r"RMS +amplitude: +([\d.]+)", said).group(1))


class Voice(driver.TestCase):
    def soft_speech(self):
        loud = driver.speech(self.path("loud.wav"), 48000, SPEECH_S, after=0)
        driver.sox("-v", "0.08", loud, self.path("soft.wav"))
        return self.path("soft.wav")

    def assert_levelled(self, levelled, plain):
        for call in (levelled, plain):
            call.end()
        # By then gain is about 2; without it both are the same to a percent.
        self.assertGreater(levelled.loudness_here(), 1.5 * plain.loudness_here())

    def test_rx_agc_mode_levels_soft_callers(self):
        soft = self.soft_speech()
        self.assert_levelled(Call(self, "levelled", {RX_AGC: 1}, soft), Call(self, "plain", {RX_AGC: 0}, soft))

    def test_rx_agc_mode_of_a_running_phone_acts_on_its_next_call(self):
        soft = self.soft_speech()
        self.assert_levelled(Call(self, "levelled", {RX_AGC: 0}, soft, {RX_AGC: 1}),
                             Call(self, "plain", {RX_AGC: 1}, soft, {RX_AGC: 0}))

    def test_vad_level_says_how_much_is_sent(self):
        speech = driver.speech(self.path("speech.wav"), 48000, SPEECH_S)
        calls = [Call(self, f"vad{level}", {DTX: 1, VAD: level}, speech) for level in (0, 3)]
        sent = [call.end()["statistics"]["local"]["bytes_sent"] for call in calls]
        self.assertGreater(0.9 * sent[0], sent[1])


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
