"""SIPp with the scenarios of tests/interop/sipp, against the real phone."""
import os

import driver

SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipp")


class Sipp(driver.Program):
    def messages(self, direction, *parts):
        """How many messages "sent" or "received" so far contain all the parts."""
        path = os.path.join(self.folder, f"{self.name}.trace.log")
        if not os.path.exists(path):
            return 0
        with open(path, encoding="utf-8", errors="replace") as file:
            blocks = file.read().split("-----------------------------------------------")
        return sum(f"message {direction}" in block and all(part in block for part in parts)
                   for block in blocks)

    def wait(self):
        """The scenario went as it is written, to its end."""
        status = self.wait_exit(40)
        if status != 0:
            path = os.path.join(self.folder, f"{self.name}.errors.log")
            text = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
            raise AssertionError(f"SIPp, {self.name}: exit code {status}\n{text[:3000]}")


class TestCase(driver.TestCase):
    def sipp(self, scenario, remote=None, transport="u1", options=(), seconds=30, **keys):
        """As caller when `remote` (a port) is given, else as callee; then it is ready when this returns.
        `keys` replace what the scenario has in brackets: SIPp's own -key does not do so in status codes, and
        would show passwords to every user of the machine."""
        with open(os.path.join(SCENARIOS, f"{scenario}.xml"), encoding="utf-8") as file:
            text = file.read()
        for key, value in keys.items():
            text = text.replace(f"[{key}]", value)
        for _ in range(3):
            port = driver.free_port(span=2)
            name = f"{scenario}-{len(self.programs)}"
            arguments = ["sipp", *([f"127.0.0.1:{remote}"] if remote else []), "-i", "127.0.0.1", "-p",
                         str(port), "-t", transport, "-sf", self.write_file(f"{name}.xml", text),
                         "-m", "1", "-nostdin", "-timeout", f"{seconds}s", "-timeout_error",
                         "-mp", str(driver.free_port(span=8)),
                         "-trace_err", "-error_file", f"{name}.errors.log",
                         "-trace_msg", "-message_file", f"{name}.trace.log"]
            sipp = self.start(Sipp, [*arguments, *options], name)
            sipp.port = port
            if remote:
                return sipp
            is_open = driver.tcp_port_is_open if transport == "t1" else driver.udp_port_is_open
            driver.until(lambda s=sipp, p=port, o=is_open: s.process.poll() is not None or o(p),
                         "SIPp opens its port")
            if sipp.process.poll() is None:
                return sipp
        raise AssertionError(f"SIPp did not start: {sipp.error_text()}")
