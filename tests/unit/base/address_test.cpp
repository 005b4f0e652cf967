#include "base/address.h"

#include <gtest/gtest.h>

namespace sidetone {
namespace {

struct Row {
  const char* text;
  const char* canonical;  // nullptr: must be refused
  const char* source;
};

class IpAddressTest : public testing::TestWithParam<Row> {};

TEST_P(IpAddressTest, parses_to_canonical_form) {
  const auto& row = GetParam();
  const auto address = IpAddress::parse(row.text);
  ASSERT_EQ(address.has_value(), row.canonical != nullptr) << row.text << " " << row.source;
  if (row.canonical != nullptr) EXPECT_EQ(address->to_string(), row.canonical) << row.source;
}

INSTANTIATE_TEST_SUITE_P(
    rows, IpAddressTest,
    testing::Values(Row{"192.0.2.1", "192.0.2.1", "RFC 3986 3.2.2"},
                    Row{"255.255.255.255", "255.255.255.255", ""}, Row{"256.0.0.1", nullptr, "octet range"},
                    Row{"1.2.3", nullptr, "three parts"}, Row{"1.2.3.4.5", nullptr, "five parts"},
                    Row{"1.2.3.", nullptr, "empty part"}, Row{"", nullptr, "empty"},
                    Row{"[2001:db8::9:1]", "2001:db8::9:1", "RFC 3261 19.1.1"},
                    Row{"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "RFC 5952 4.2.3"}, Row{"::", "::", ""},
                    Row{"::1", "::1", ""}, Row{"1::", "1::", ""},
                    Row{"::ffff:192.0.2.1", "::ffff:c000:201", "RFC 4291 2.2"},
                    Row{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", ""},
                    Row{"1:2:3:4:5:6:7:8:9", nullptr, "nine groups"}, Row{"1::2::3", nullptr, "two gaps"},
                    Row{"fe80::1%4", "fe80::1", "RFC 4007 11.2: a zone, never written"},
                    Row{"[fe80::1%4]", "fe80::1", "RFC 4007 11.2"}, Row{"fe80::1%", nullptr, "an empty zone"},
                    Row{"fe80::1%0", nullptr, "no interface 0"},
                    Row{"fe80::1%eth0", nullptr, "a name is the system's to know"},
                    Row{"2001:db8::1%4", nullptr, "RFC 4007 6: only link-local has one"},
                    Row{"1:", nullptr, "open end"}, Row{"12345::", nullptr, "five digits"},
                    Row{"2001:db8:::192.0.2.1", nullptr, "RFC 5118 4.2: three colons"}));

TEST(Address, splits_port_from_either_family) {
  EXPECT_EQ(Address::parse("192.0.2.1:5070", 5060)->to_string(), "192.0.2.1:5070");
  EXPECT_EQ(Address::parse("192.0.2.1", 5060)->to_string(), "192.0.2.1:5060");
  EXPECT_EQ(Address::parse("[::1]:5070", 5060)->to_string(), "[::1]:5070");
  EXPECT_EQ(Address::parse("::1", 5060)->to_string(), "[::1]:5060");
  EXPECT_FALSE(Address::parse("192.0.2.1:", 5060));
  EXPECT_FALSE(Address::parse("192.0.2.1:65536", 5060));
  EXPECT_FALSE(Address::parse("host:5060", 5060));
}

}  // namespace
}  // namespace sidetone
