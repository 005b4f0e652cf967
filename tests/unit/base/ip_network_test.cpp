#include "base/ip_network.h"

#include <gtest/gtest.h>

namespace sidetone {
namespace {

struct Row {
  const char *network, *written, *address;
  bool contains;
};
class IpNetworkTest : public ::testing::TestWithParam<Row> {};

TEST_P(IpNetworkTest, Contains) {
  const auto& row = GetParam();
  const auto network = IpNetwork::parse(row.network);
  ASSERT_TRUE(network);
  EXPECT_EQ(network->to_string(), row.written);
  EXPECT_EQ(network->contains(IpAddress::parse(row.address).value()), row.contains);
}

INSTANTIATE_TEST_SUITE_P(Rows, IpNetworkTest,
                         ::testing::Values(Row{"10.1.2.3/16", "10.1.0.0/16", "10.1.255.1", true},
                                           Row{"10.1.0.0/16", "10.1.0.0/16", "10.2.0.1", false},
                                           Row{"192.0.2.128/25", "192.0.2.128/25", "192.0.2.127", false},
                                           Row{"192.0.2.128/25", "192.0.2.128/25", "192.0.2.200", true},
                                           Row{"192.0.2.7", "192.0.2.7/32", "192.0.2.7", true},
                                           Row{"192.0.2.7", "192.0.2.7/32", "192.0.2.6", false},
                                           Row{"0.0.0.0/0", "0.0.0.0/0", "203.0.113.9", true},
                                           Row{"0.0.0.0/0", "0.0.0.0/0", "2001:db8::1", false},
                                           Row{"2001:db8::/33", "2001:db8::/33", "2001:db8:8000::1", false},
                                           Row{"2001:db8::/33", "2001:db8::/33", "2001:db8:7fff::1", true}));

TEST(IpNetworkText, Refused) {
  for (const auto* text :
       {"", "10.0.0.0/33", "10.0.0/8", "2001:db8::/129", "10.0.0.0/", "10.0.0.0/-1", "x/8"})
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

}  // namespace
}  // namespace sidetone
