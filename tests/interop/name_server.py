"""A DNS server of the test's own (dnsmasq) that knows just the records that it is given."""
import driver


class NameServer(driver.Program):
    def __init__(self, records, folder, name):
        self.port = driver.free_port()
        self.address = f"127.0.0.1:{self.port}"
        super().__init__([driver.path_of("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
                          "--no-hosts", "--no-daemon", "--bind-interfaces", "--listen-address=127.0.0.1",
                          f"--port={self.port}", "--pid-file=", "--local=/test/", *records], folder, name)
        driver.until(lambda: self.process.poll() is not None or driver.udp_port_is_open(self.port),
                     "dnsmasq opens its port")
        if self.process.poll() is not None:
            raise AssertionError(f"dnsmasq did not start: {self.error_text()}")


def service(transport, domain, *servers):
    """SRV records of a domain (RFC 3263 §4.2) with the NAPTR record that leads to them: the (host, port) with the
    lower priority comes first."""
    name = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}[transport] + f".{domain}"
    kind = {"udp": "SIP+D2U", "tcp": "SIP+D2T", "tls": "SIPS+D2T"}[transport]
    return [f"--naptr-record={domain},10,10,s,{kind},,{name}",
            *(f"--srv-host={name},{host},{port},{10 * (rank + 1)},1" for rank, (host, port) in enumerate(servers)),
            *(f"--address=/{host}/127.0.0.1" for host, _ in servers)]
