"""Proves that a line behind an edge proxy (Kamailio's module path) registers with a Path (RFC 3327), sends its calls by
the Service-Route that the registrar gives (RFC 3608), and is called through its Path, over UDP and TCP."""
import driver
import session
from driver import PASSWORD
from kamailio_server import DOMAIN, Kamailio
from session import sdp

EDGE = """  if (is_method("REGISTER")) {{
    add_path();
    $du = "sip:127.0.0.1:{registrar}";
    t_relay();
    exit;
  }}
  if (is_method("INVITE")) {{
    # From a phone by its Service-Route, from the registrar by the Path.
    if (!loose_route() && $sp != {registrar}) {{
      sl_send_reply("403", "Not By Your Route");
      exit;
    }}
    record_route();
    t_relay();
    exit;
  }}
"""


class Edge(session.TestCase):
    def test_path_and_service_route(self):
        for transport in ("udp", "tcp"):
            with self.subTest(transport):
                edge_port = driver.free_port()
                registrar = self.kamailio(
                    f"registrar-{transport}", more='loadmodule "path.so"\nmodparam("registrar", "use_path", 1)\n',
                    first='  if (is_method("INVITE")) loose_route();\n',
                    before_save=f'      append_to_reply("Service-Route: <sip:127.0.0.1:{edge_port};lr>, '
                                '<sip:$Ri:$Rp;lr>\\r\\n");\n')
                edge = self.kamailio(f"edge-{transport}", port=edge_port, more='loadmodule "path.so"\n',
                                     first=EDGE.format(registrar=registrar.port))
                caller, callee = self.session(f"caller-{transport}"), self.session(f"callee-{transport}")
                lines = []
                for core, user in ((caller, "7001"), (callee, "7002")):
                    line = core.line(user, DOMAIN, password=PASSWORD, register_expires=600,
                                     server={"host": "127.0.0.1", "port": edge.port, "transport": transport})
                    core.wait_registered(line)
                    lines.append(line)
                ours = caller.invite(lines[0], f"sip:7002@{DOMAIN}")
                incoming = callee.wait("incoming")
                callee.ask("accept", session=incoming["session"], sdp=sdp())
                caller.wait("accepted")
                callee.wait("confirmed")
                # Edge, registrar and edge again: by the Service-Route there, by the Path back.
                self.assertEqual(4, len(incoming["message"]["headers"]["Via"]))
                driver.until_written(caller.log, f"Route: <sip:127.0.0.1:{edge.port};lr>")
                caller.hang_up(ours)
                callee.wait_ended("bye_received")

    def kamailio(self, name, **more):
        return self.start(lambda _, folder, label: Kamailio(folder, label, **more), [], name)


if __name__ == "__main__":
    driver.needs("kamailio", "kamailio")
    driver.main()
