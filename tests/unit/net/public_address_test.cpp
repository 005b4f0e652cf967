#include "net/public_address.h"

#include <gtest/gtest.h>

namespace sidetone::net {
namespace {

using Family = IpAddress::Family;
const std::vector<Family> v4{Family::v4}, v6{Family::v6}, v4_v6{Family::v4, Family::v6},
    v6_v4{Family::v6, Family::v4}, none;

IpAddress ip(std::string_view text, std::uint32_t zone = 0) {
  auto parsed = IpAddress::parse(text).value();
  parsed.zone = zone;
  return parsed;
}

// A laptop: a dead card, a cable without gateway, a wireless card with one.
NetworkFacts laptop() {
  NetworkFacts facts;
  facts.interfaces = {
      {"lo", {ip("127.0.0.1"), ip("::1")}, true, true, false},
      {"eth0", {ip("198.51.100.7")}, false, false, true},
      {"eth1", {ip("169.254.3.3"), ip("10.9.0.4"), ip("fe80::41", 3)}, true, false, false},
      {"wlan0",
       {ip("fe80::42", 4), ip("192.0.2.20"), ip("2001:db8::20"), ip("192.0.2.21")},
       true,
       false,
       true},
      {"tun0", {ip("10.8.0.2")}, true, false, true},
      {"link7", {ip("fe80::47", 6)}, true, false, false},
  };
  facts.host_name = "agent7";
  facts.fqdn = "agent7.lab.example";
  return facts;
}

struct Row {
  const char* option;
  const std::vector<Family>* versions;
  const char* ip;    // nullptr: an error, which holds `name`
  const char* name;  // what Contact carries instead
  const char* why;
};

class PublicAddressTest : public testing::TestWithParam<Row> {};

TEST_P(PublicAddressTest, IsChosenFromTheFacts) {
  const auto& row = GetParam();
  const auto chosen = choose_public_address(row.option, *row.versions, laptop());
  ASSERT_EQ(chosen.has_value(), row.ip != nullptr) << row.why << (chosen ? "" : chosen.error().text);
  if (chosen) {
    EXPECT_EQ(chosen->ip.to_string(), row.ip) << row.why;
    EXPECT_EQ(chosen->name, row.name) << row.why;
  } else {
    EXPECT_NE(chosen.error().text.find(row.name), std::string::npos) << chosen.error().text;
    EXPECT_NE(chosen.error().text.find(row.option), std::string::npos) << chosen.error().text;
    EXPECT_FALSE(chosen.error().remedy.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    rows, PublicAddressTest,
    testing::Values(
        Row{"", &v4_v6, "192.0.2.20", "", "first valid one of the first active adapter with a gateway"},
        Row{"", &none, "192.0.2.20", "", "no ip_versions acts like IPv4,IPv6"},
        Row{"$auto", &v4_v6, "192.0.2.20", "", "the same as empty"},
        Row{"$AUTO", &v6_v4, "2001:db8::20", "", "the pair prefers its first family"},
        Row{"$auto", &v6, "2001:db8::20", "", "one family"},
        Row{"$auto", &v4, "192.0.2.20", "", "one family"},
        Row{"$ipv4", &v6_v4, "192.0.2.20", "", "fixes the family"},
        Row{"$ipv4", &v6, "192.0.2.20", "", "fixes the family, whatever ip_versions says"},
        Row{"$ipv6", &v4, "2001:db8::20", "", "fixes the family"},
        Row{"$host", &v4_v6, "192.0.2.20", "", "Contact carries the resolved IP"},
        Row{"$fqdn", &v4_v6, "192.0.2.20", "agent7.lab.example", "Contact carries the name"},
        Row{"$fqdn", &v6, "2001:db8::20", "agent7.lab.example", "SDP an address of ip_versions"},
        Row{"phone.lab.example", &v4_v6, "192.0.2.20", "phone.lab.example", "an explicit FQDN"},
        Row{"phone", &v6_v4, "2001:db8::20", "phone", "an explicit host name"},
        Row{"10.9.0.4", &v6, "10.9.0.4", "", "ip_versions has no effect on an IP"},
        Row{"2001:db8::20", &v4, "2001:db8::20", "", "ip_versions has no effect on an IP"},
        Row{"[2001:db8::20]", &v4, "2001:db8::20", "", "brackets"},
        Row{"127.0.0.1", &v4_v6, "127.0.0.1", "", "loopback by wish"},
        Row{"127.0.0.9", &v4_v6, "127.0.0.9", "", "all of 127/8 is ours"},
        Row{"fe80::42", &v4, "fe80::42", "", "link-local by wish"},
        Row{"$eth1", &v4_v6, "10.9.0.4", "", "an adapter; its link-local address is passed over"},
        Row{"$wlan0", &v6_v4, "2001:db8::20", "", "an adapter, family by ip_versions"},
        Row{"$lan", &v4_v6, "192.0.2.20", "", "a part of its name"},
        Row{"$WLAN", &v4_v6, "192.0.2.20", "", "a part, in any case"},
        Row{"$lo", &v6_v4, "::1", "", "loopback by name"},
        Row{"$link7", &v4_v6, "fe80::47", "", "link-local when the adapter has nothing else"},
        Row{"$net:10.8.0.0/16", &v4_v6, "10.8.0.2", "", "RFC 4632"},
        Row{"$net:10.8.7.7/16", &v4_v6, "10.8.0.2", "", "RFC 4632: host bits do not count"},
        Row{"$net:192.0.2.21/32", &v4_v6, "192.0.2.21", "", "one address"},
        Row{"$net:0.0.0.0/0", &v4_v6, "127.0.0.1", "", "everything"},
        Row{"$net:2001:db8::/32", &v4_v6, "2001:db8::20", "", "IPv6"},
        Row{"$eth7", &v4_v6, nullptr, "no adapter is called 'eth7'; adapters: lo, eth0, eth1, wlan0",
            "no such"},
        Row{"$", &v4_v6, nullptr, "no adapter is called ''", "an empty name is no part of a name"},
        Row{"$eth0", &v4_v6, nullptr, "eth0 is down", "down"},
        Row{"$tun0", &v6, nullptr, "tun0 has no address", "family"},
        Row{"$net:203.0.113.0/24", &v4_v6, nullptr, "no address of this machine is in", "elsewhere"},
        Row{"$net:10.8.0.0", &v4_v6, nullptr, "is not a network", "no length"},
        Row{"$net:10.8.0.0/33", &v4_v6, nullptr, "is not a network", "RFC 4632: 0 to 32"},
        Row{"$net:10.8.0.0/", &v4_v6, nullptr, "is not a network", "no length"},
        Row{"$net:10.8.0.0/16", &v6, nullptr, "ip_versions rules out", "family"},
        Row{"203.0.113.9", &v4_v6, nullptr, "addresses: 127.0.0.1, ::1, 169.254.3.3, 10.9.0.4", "foreign"},
        Row{"198.51.100.7", &v4_v6, nullptr, "is not an address", "its adapter is down"},
        Row{"0.0.0.0", &v4_v6, nullptr, "no address that a peer", "unspecified"},
        Row{"two words", &v4_v6, nullptr, "neither", "not a name"},
        Row{"300.1.1.1", &v4_v6, nullptr, "neither", "RFC 1123 2.1: not a name"},
        Row{"-dash", &v4_v6, nullptr, "neither", "not a name"}));

TEST(PublicAddress, LinkLocalKeepsItsZone) {
  EXPECT_EQ(choose_public_address("fe80::42", v4_v6, laptop())->ip.zone, 4U);
  EXPECT_EQ(choose_public_address("$link7", v4_v6, laptop())->ip.zone, 6U);
}

TEST(PublicAddress, OnlyTheAutomaticFormsMayFollowTheRoute) {
  for (const auto* option : {"", "$auto", "$ipv4", "$ipv6", "$host", "$fqdn", "phone.lab.example"})
    EXPECT_TRUE(choose_public_address(option, v4_v6, laptop())->is_automatic) << option;
  for (const auto* option : {"10.9.0.4", "$eth1", "$net:10.8.0.0/16"})
    EXPECT_FALSE(choose_public_address(option, v4_v6, laptop())->is_automatic) << option;
}

TEST(PublicAddress, WithoutGatewayTheFirstActiveAdapterThenLoopback) {
  auto facts = laptop();
  for (auto& one : facts.interfaces) one.has_default_gateway = false;
  EXPECT_EQ(choose_public_address("", v4_v6, facts)->ip.to_string(), "10.9.0.4");
  facts.interfaces.resize(1);
  EXPECT_EQ(choose_public_address("", v6_v4, facts)->ip.to_string(), "::1");
  facts.interfaces.clear();
  const auto nothing = choose_public_address("$ipv6", v4_v6, facts);
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().text.find("IPv6; addresses: none"), std::string::npos) << nothing.error().text;
}

TEST(PublicAddress, FqdnThatIsNotKnownSaysWhoseNameItIs) {
  auto facts = laptop();
  facts.fqdn.clear();
  EXPECT_NE(choose_public_address("$fqdn", v4_v6, facts).error().text.find("'agent7'"), std::string::npos);
  EXPECT_TRUE(needs_fqdn("$FQDN") && !needs_fqdn("$host") && !needs_fqdn("phone.lab.example"));
}

}  // namespace
}  // namespace sidetone::net
