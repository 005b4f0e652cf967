"""Drives the SIP core at session level (the program session-driver) against programs that nobody here wrote: what
the phone does not offer its user can be asked of the core."""
import json
import os

import driver

SESSION_DRIVER = os.environ.get("SESSION_DRIVER", "session-driver")


def sdp(direction="sendrecv", version=1, port=6000):
    """The driver has no media: nothing listens at the port."""
    return ("v=0\r\n"
            f"o=driver 1 {version} IN IP4 127.0.0.1\r\n"
            "s=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={direction}\r\n")


class Session(driver.JsonProgram):
    def __init__(self, settings, folder, name):
        self.log = os.path.join(folder, f"{name}.log")
        super().__init__([SESSION_DRIVER, json.dumps({"log": self.log, **settings})], folder, name)
        self.answers_offers = False
        started = self.wait("started")
        self.port, self.tls_port = started["port"], started.get("tls_port")

    def end(self):
        return self.leave(self.process.stdin.close)

    def wait(self, event, where=lambda _: True, seconds=driver.PATIENCE_S, what=""):
        """With `answers_offers`, what the peer offers meanwhile is taken, as a phone does by itself."""
        wanted = event if isinstance(event, tuple) else (event,)
        while True:
            told = super().wait((*wanted, "offer") if self.answers_offers else wanted,
                                lambda e: e["event"] not in wanted or where(e), seconds, what or str(wanted))
            if told["event"] in wanted:
                return told
            self.send("answer_offer", session=told["session"], sdp=sdp("recvonly", len(self.events)))

    def ask(self, command, **fields):
        """What the command made. It must be possible."""
        self.send(command, **fields)
        answer = self.wait(("done", "command_failed"), lambda e: e["command"] == command)
        if answer["event"] != "done":
            raise AssertionError(f"{self.name}: {command}: {answer['text']}")
        return answer

    def line(self, user="7001", host="127.0.0.1", **fields):
        return self.ask("line", uri=f"sip:{user}@{host}", user=user, **fields)["line"]

    def invite(self, line, target, offer=None, **fields):
        offer = sdp() if offer is None else offer
        return self.ask("invite", line=line, target=target, sdp=offer, **fields)["session"]

    def refer(self, **fields):
        return self.ask("refer", **fields)["subscription"]

    def wait_ended(self, cause, session=None):
        ended = self.wait("ended", lambda e: session in (None, e["session"]), what=cause)
        if ended["cause"] != cause:
            raise AssertionError(f"{self.name}: the session ended by {ended['cause']}, not {cause}: {ended['text']}")
        return ended

    def wait_registered(self, line, seconds=driver.PATIENCE_S):
        return self.wait("registration", lambda e: e["line"] == line and e["state"] == "registered", seconds,
                         "registered")

    def hang_up(self, session):
        self.ask("end", session=session)
        self.wait_ended("bye_sent", session)

    def assert_nothing_left(self, case):
        counters = self.ask("counters")
        case.assertEqual((0, 0), (counters["sessions"], counters["malformed"]))


class TestCase(driver.TestCase):
    def session(self, name="driver", **settings):
        return self.start(lambda _, folder, label: Session(settings, folder, label), [], name)
