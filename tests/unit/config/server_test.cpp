#include "config/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sidetone::config {
namespace {

TEST(Server, ReadsEveryDocumentedForm) {
  const struct {
    std::string_view text, result;  // host|port|sip proxy; "!": refused
  } rows[] = {
      {"sip.example.test:5060", "sip.example.test|5060|"},
      {"sip.example.test", "sip.example.test|0|"},
      {" 192.0.2.1:5080 ", "192.0.2.1|5080|"},
      {"[2001:db8::1]:5060", "2001:db8::1|5060|"},
      {"2001:db8::1", "2001:db8::1|0|"},
      {"gw.example.test:443?sip-proxy-address=px.example.test:5060",
       "gw.example.test|443|px.example.test:5060"},
      {"gw:443?SIP-Proxy-Address=px", "gw|443|px"},
      {"sip_lab.example", "sip_lab.example|0|"},
      {"", "!"},
      {":5060", "!"},
      {"host:", "!"},
      {"host:0", "!"},
      {"host:65536", "!"},
      {"host:5060x", "!"},
      {"192.0.2.999", "!"},
      {"[2001:db8::1", "!"},
      {"[2001:db8::1]5060", "!"},
      {"sip:host:5060", "!"},
      {"my host", "!"},
      {"gw:443?proxy=px", "!"},
      {"gw:443?sip-proxy-address=", "!"},
  };
  for (const auto& row : rows) {
    const auto server = parse_server(row.text);
    EXPECT_EQ(server ? fmt::format("{}|{}|{}", server->host, server->port, server->sip_proxy) : "!",
              row.result)
        << row.text;
  }
}

}  // namespace
}  // namespace sidetone::config
