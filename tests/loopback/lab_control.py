"""Proves the lab's control address against clients that are not its own: a WebSocket spoken byte by byte (RFC 6455)."""
import base64
import json
import os
import socket

import driver


class WebSocket:
    def __init__(self, address, headers=()):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=driver.PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET / HTTP/1.1", f"Host: {address}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *headers]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            more = self.socket.recv(4096)
            if not more:
                break
            self.received += more
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ")[1])

    def send(self, text, opcode=1):
        payload = text.encode() if isinstance(text, str) else text
        mask = os.urandom(4)
        if len(payload) < 126:
            size = bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            size = b"\xfe" + len(payload).to_bytes(2, "big")
        else:
            size = b"\xff" + len(payload).to_bytes(8, "big")
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode]) + size + mask + masked)

    def _take(self, count):
        while len(self.received) < count:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed")
            self.received += more
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def receive(self):
        """The next text message as JSON; control frames are passed over."""
        while True:
            first, size = self._take(2)
            if size == 126:
                size = int.from_bytes(self._take(2), "big")
            payload = self._take(size)
            if first & 0x0f == 1:
                return json.loads(payload)

    def close(self):
        self.socket.close()


class Control(driver.TestCase):
    def start_lab(self, *options):
        lab = self.start(driver.Lab, [driver.SIDETONE_LAB, "--listen", "127.0.0.1:0", "--print-port", "--control",
                                      "127.0.0.1:0", "--folder", self.path("lab"), *options], "lab")
        lab.address = "127.0.0.1:" + lab.wait_line("")
        return lab, "127.0.0.1:" + lab.wait_line("")

    def connect(self, address, *headers):
        client = WebSocket(address, headers)
        self.addCleanup(client.close)
        return client

    def test_wrong_messages_get_an_error_and_the_connection_lives(self):
        _, control = self.start_lab()
        client = self.connect(control)
        self.assertEqual(101, client.status)
        for text, reason in (("", "no JSON object"), ("hello", "no JSON object"), ("[1]", "no JSON object"),
                             ('{"request":"Fly","this_dn":"1"}', 'no request "Fly"'),
                             ('{"request":"HoldCall"}', "this_dn"),
                             ('{"request":"HoldCall","this_dn":"7001","extra":1}', 'no member "extra"')):
            client.send(text)
            told = client.receive()
            self.assertEqual(("EventError", "bad_request"), (told["event"], told["error"]))
            self.assertIn(reason, told["text"])
        client.send('{"request":"HoldCall","this_dn":"7001","reference_id":9}')
        told = client.receive()
        self.assertEqual(("EventError", 9), (told["event"], told["reference_id"]))

    def test_all_clients_hear_of_phones(self):
        lab, control = self.start_lab()
        clients = [self.connect(control) for _ in range(3)]
        self.registered_phone(lab, "7001")
        for client in clients:
            self.assertEqual(("EventDNBackInService", "7001"), (lambda e: (e["event"], e["this_dn"]))(client.receive()))

    def test_a_flood_of_bytes_ends_its_own_connection_only(self):
        _, control = self.start_lab()
        other, client = self.connect(control), self.connect(control)
        try:
            client.send("x" * 100000)
            client.receive()
            self.fail("a message of 100 kB was taken")
        except (ConnectionError, OSError):
            pass
        other.send("?")
        self.assertEqual("EventError", other.receive()["event"])

    def test_pages_need_to_be_admitted(self):
        _, control = self.start_lab("--origin", "https://desk.example")
        self.assertEqual(403, self.connect(control, "Origin: https://evil.example").status)
        self.assertEqual(403, self.connect(control, "Origin: null").status)
        self.assertEqual(101, self.connect(control, "Origin: https://desk.example").status)

    def test_no_more_than_64_clients(self):
        _, control = self.start_lab()
        clients = [self.connect(control) for _ in range(64)]
        self.assertEqual({101}, {client.status for client in clients})
        with self.assertRaises((IndexError, ConnectionError, OSError)):
            self.connect(control)
        clients[0].close()
        clients[1].send("?")
        self.assertEqual("EventError", clients[1].receive()["event"])


if __name__ == "__main__":
    driver.main()
