// refer_to_proxy=0 (RFC 3515 §2.4.4): which way the call of a REFER goes, by its target and the line.
#include "endpoint/referred_way.h"

#include <gtest/gtest.h>

namespace sidetone::endpoint {
namespace {

using sip::Transport;

struct Row {
  const char* what;
  const char* target;
  Transport line;
  const char* way;  // HOST PORT TRANSPORT; nullptr: the line's server
  const char* server = "192.0.2.9";
  std::uint16_t server_port = 5070;
};
class ReferredWay : public testing::TestWithParam<Row> {};

TEST_P(ReferredWay, IsChosen) {
  const auto& row = GetParam();
  CoreLine line;
  line.server_host = row.server;
  line.server_port = row.server_port;
  line.domain = "lab.example";
  line.transport = row.line;
  line.socket = sip::SocketId{7};
  line.tls_profile = sip::TlsProfileId{3};
  const auto way = way_past_the_server(row.target, line);
  ASSERT_EQ(way.has_value(), row.way != nullptr) << row.what;
  if (!way) return;
  EXPECT_EQ(way->host + " " + std::to_string(way->port) + " " + std::string(sip::to_string(way->transport)),
            row.way)
      << row.what;
  EXPECT_EQ(way->socket, way->transport == Transport::udp ? line.socket : sip::SocketId{});
  EXPECT_EQ(way->tls_profile, line.tls_profile);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ReferredWay,
    testing::Values(
        Row{"another place", "sip:7003@192.0.2.77:5080", Transport::udp, "192.0.2.77 5080 UDP"},
        Row{"its transport is the line's", "sip:7003@192.0.2.77:5080", Transport::tcp, "192.0.2.77 5080 TCP"},
        Row{"unless it names one", "sip:7003@192.0.2.77:5080;transport=udp", Transport::tcp,
            "192.0.2.77 5080 UDP"},
        Row{"the line's server", "sip:7003@192.0.2.9:5070", Transport::udp, nullptr},
        Row{"the line's server, by whatever transport", "sip:7003@192.0.2.9:5070;transport=tcp",
            Transport::udp, nullptr},
        Row{"another port of its machine", "sip:7003@192.0.2.9:5071", Transport::udp, "192.0.2.9 5071 UDP"},
        Row{"its usual port, which is not the line's", "sip:7003@192.0.2.9:5060", Transport::udp,
            "192.0.2.9 5060 UDP"},
        Row{"the usual port is meant", "sip:7003@192.0.2.9", Transport::udp, nullptr, "192.0.2.9", 5060},
        Row{"... on both sides", "sip:7003@192.0.2.9:5060", Transport::udp, nullptr, "192.0.2.9", 0},
        Row{"... and that of TLS", "sip:7003@192.0.2.9:5061", Transport::tls, nullptr, "192.0.2.9", 0},
        Row{"IPv6", "sip:7003@[2001:db8::9]:5070", Transport::udp, nullptr, "2001:db8::9"},
        Row{"IPv6, another one", "sip:7003@[2001:db8::8]:5070", Transport::udp, "2001:db8::8 5070 UDP",
            "2001:db8::9"},
        Row{"the line's domain", "sip:7003@LAB.example", Transport::udp, nullptr},
        Row{"nothing in the clear past a TLS line", "sip:7003@192.0.2.77;transport=tcp", Transport::tls,
            nullptr},
        Row{"TLS past a TLS line", "sip:7003@192.0.2.77:5061", Transport::tls, "192.0.2.77 5061 TLS"},
        Row{"sips means TLS", "sips:7003@192.0.2.77:5061", Transport::tcp, "192.0.2.77 5061 TLS"},
        Row{"what cannot be read", "7003", Transport::udp, nullptr}));

}  // namespace
}  // namespace sidetone::endpoint
