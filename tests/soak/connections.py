"""Attacks by connections, each in a thread of its own: half open, slow, and coming back without end."""
import time


class Nothing:
    def __init__(self, seconds):
        self.until = time.monotonic() + seconds
        self.seconds = seconds

    def result(self):
        time.sleep(max(0, self.until - time.monotonic()))
        return {"sent": 0, "seconds": self.seconds, "answers": {}}

    def kill(self):
        pass
