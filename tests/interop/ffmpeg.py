"""Proves that FFmpeg's decoders, which nobody here wrote, hear speech in the RTP payloads that we send: G.722, iLBC in
both modes, G.729 and G.711, in short and long packets.

Not proven here: Opus, which baresip's test has; iSAC and silence descriptions of G.729, which FFmpeg does not have."""
import os
import struct
import subprocess

import driver

RTP_DUMP = os.environ.get("RTP_DUMP", "rtp-dump")
SPEECH_S = 6
# name: (codec, fmtp, packet times in ms, FFmpeg's input options, head of the file, frame bytes, wideband, low rate)
CASES = {
    "G722": ("G722", "", (10, 20, 60), ("-f", "g722"), b"", 1, True, False),
    "iLBC-20": ("iLBC", "mode=20", (20, 40), ("-f", "ilbc"), b"#!iLBC20\n", 38, False, True),
    "iLBC-30": ("iLBC", "mode=30", (30, 60), ("-f", "ilbc"), b"#!iLBC30\n", 50, False, True),
    "G729": ("G729", "annexb=no", (10, 20, 60), ("-f", "g729"), b"", 10, False, True),
    "PCMU": ("PCMU", "", (20,), ("-f", "mulaw", "-ar", "8000", "-ac", "1"), b"", 80, False, False),
    "PCMA": ("PCMA", "", (20,), ("-f", "alaw", "-ar", "8000", "-ac", "1"), b"", 80, False, False),
}


def payloads(path):
    with open(path, "rb") as file:
        while length := file.read(2):
            yield file.read(struct.unpack("!H", length)[0])


class Decoders(driver.TestCase):
    def heard_by_ffmpeg(self, name, ptime, says):
        codec, fmtp, _, options, head, frame_bytes, _, _ = CASES[name]
        dump, raw, wave = (self.path(f"{name}-{ptime}.{end}") for end in ("dump", "raw", "wav"))
        subprocess.run([RTP_DUMP, codec, fmtp, str(ptime), says, dump], check=True, timeout=driver.PATIENCE_S)
        with open(raw, "wb") as file:
            file.write(head)
            for payload in payloads(dump):
                self.assertEqual(0, len(payload) % frame_bytes)
                file.write(payload)
        subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-xerror", *options, "-i", raw, wave],
                       check=True, timeout=driver.PATIENCE_S)
        return wave

    def test_every_codec(self):
        says = driver.speech(self.path("says.wav"), 48000, SPEECH_S)
        for name, (_, _, ptimes, _, _, _, wideband, low_rate) in CASES.items():
            for ptime in ptimes:
                with self.subTest(name=name, ptime=ptime):
                    driver.check_speech(says, self.heard_by_ffmpeg(name, ptime, says), wideband,
                                        low_rate=low_rate)


if __name__ == "__main__":
    driver.needs("ffmpeg", "ffmpeg")
    driver.needs("sox", "sox")
    driver.main()
