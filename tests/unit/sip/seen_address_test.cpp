#include "sip/transport/seen_address.h"

#include <gtest/gtest.h>

namespace sidetone::sip {
namespace {

struct Row {
  const char* via;
  const char* local;
  const char* seen;  // nullptr: the response does not say
  SeenAs as;
  const char* source;
};

class SeenAddressTest : public testing::TestWithParam<Row> {};

TEST_P(SeenAddressTest, FromTheTopmostVia) {
  const auto& row = GetParam();
  const std::vector<IpAddress> own{IpAddress::parse("10.0.0.1").value(), IpAddress::parse("10.9.0.1").value(),
                                   IpAddress::parse("2001:db8::1").value()};
  const auto via = Via::parse(row.via);
  ASSERT_TRUE(via) << row.via;
  Flow flow;
  flow.local = *Address::parse(row.local, 5060);
  const auto seen = seen_address(*via, flow, own);
  ASSERT_EQ(seen.has_value(), row.seen != nullptr) << row.source;
  if (!seen) return;
  EXPECT_EQ(seen->address.to_string(), row.seen) << row.source;
  EXPECT_EQ(seen->as, row.as) << row.source;
}

constexpr auto itself = SeenAs::itself, other = SeenAs::other_own, nat = SeenAs::translated;

INSTANTIATE_TEST_SUITE_P(
    rows, SeenAddressTest,
    testing::Values(Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa", "10.0.0.1:5060", nullptr, itself,
                        "RFC 3261 18.2.1: sent-by was right"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;rport", "10.0.0.1:5060", nullptr, itself,
                        "RFC 3581 3: our own rport came back unfilled"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=10.0.0.1;rport=5060",
                        "10.0.0.1:5060", "10.0.0.1:5060", itself, "RFC 3581 4: both are always there"},
                    Row{"SIP/2.0/UDP phone.example;branch=z9hG4bKa;received=10.0.0.1", "10.0.0.1:5060",
                        "10.0.0.1:5060", itself, "RFC 3261 18.2.1: sent-by is a name"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=203.0.113.5;rport=40001",
                        "10.0.0.1:5060", "203.0.113.5:40001", nat, "RFC 3581: a NAT"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=203.0.113.5", "10.0.0.1:5060",
                        "203.0.113.5:5060", nat, "RFC 3261 18.2.1: a server without RFC 3581"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=10.0.0.1;rport=40001",
                        "10.0.0.1:5060", "10.0.0.1:40001", nat, "only the port is another"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;rport=40001", "10.0.0.1:5060",
                        "10.0.0.1:40001", nat, "a lone rport"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=10.9.0.1;rport=5060",
                        "10.0.0.1:5060", "10.9.0.1:5060", other, "another local address"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=10.9.0.1;rport=5060",
                        "0.0.0.0:5060", "10.9.0.1:5060", itself, "a socket on all interfaces has them all"},
                    Row{"SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKa;received=2001:db8::1;rport=5060",
                        "[2001:db8::1]:5060", "[2001:db8::1]:5060", itself, "RFC 5118 4.5: no brackets"},
                    Row{"SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKa;received=[2001:db8::1];rport=5060",
                        "[2001:db8::1]:5060", "[2001:db8::1]:5060", itself, "RFC 5118 4.5: brackets"},
                    Row{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=nonsense;rport=0",
                        "10.0.0.1:5060", "10.0.0.1:5060", itself, "a lie that cannot be read"}));

}  // namespace
}  // namespace sidetone::sip
