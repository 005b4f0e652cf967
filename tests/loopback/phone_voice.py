"""Options of the voice that only a whole phone shows: what it hears is levelled, and how much of silence it sends."""
import re
import subprocess

import driver

SPEECH_S = 6


class Voice(driver.TestCase):
    def call(self, name, *options, speak_there):
        """A call of SPEECH_S seconds; its end as the caller tells it, and what it has recorded."""
        lab = self.lab(name=f"lab-{name}")
        settings = [word for option in options for word in ("--set", option)]
        here, there = self.path(f"{name}-here.wav"), self.path(f"{name}-there.wav")
        speech = driver.speech(self.path(f"{name}-says.wav"), 48000, SPEECH_S)
        phone = self.phone("--server", lab.address, "--user", "7001", "--codecs", "pcmu", "--speak", speech, "--record",
                           here, *settings, name=f"{name}-phone")
        phone.wait_line_state("ready")
        peer = self.phone("--server", lab.address, "--user", "7002", "--codecs", "pcmu", "--auto-answer", "--speak",
                          speak_there, "--record", there, "--set", "policy.session.dtx_mode=1", name=f"{name}-peer")
        peer.wait_line_state("ready")
        phone.send("dial", target="7002")
        phone.wait_call(state="connected")
        driver.until_recorded(there, SPEECH_S)
        driver.until_recorded(here, SPEECH_S)
        phone.send("hang_up")
        ended = phone.wait("call_ended")
        phone.stop()
        peer.stop()
        return ended, here

    def loudness(self, path):
        """RMS of its last seconds, when gain has settled."""
        said = subprocess.run(["sox", path, "-n", "trim", "2", str(SPEECH_S - 2), "stat"], check=True,
                              capture_output=True, text=True).stderr
        return float(re.search(r"RMS +amplitude: +([\d.]+)", said).group(1))

    def test_rx_agc_mode_levels_soft_callers(self):
        loud = driver.speech(self.path("loud.wav"), 48000, SPEECH_S, after=0)
        soft = self.path("soft.wav")
        driver.sox("-v", "0.08", loud, soft)
        _, plain = self.call("plain", "policy.session.rx_agc_mode=0", speak_there=soft)
        _, levelled = self.call("levelled", "policy.session.rx_agc_mode=1", speak_there=soft)
        self.assertGreater(self.loudness(levelled), 2 * self.loudness(plain))

    def test_vad_level_says_how_much_is_sent(self):
        speech = driver.speech(self.path("speech.wav"), 48000, SPEECH_S)
        sent = []
        for level in (0, 3):
            ended, _ = self.call(f"vad{level}", "policy.session.dtx_mode=1", f"policy.session.vad_level={level}",
                                 speak_there=speech)
            sent.append(ended["statistics"]["local"]["bytes_sent"])
        self.assertGreater(0.9 * sent[0], sent[1])


if __name__ == "__main__":
    driver.main()
