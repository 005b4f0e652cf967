#include "net/interfaces.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sidetone::net {
namespace {

TEST(Interfaces, ListsLoopback) {
  const auto facts = read_network_facts();
  const auto found = std::find_if(facts.interfaces.begin(), facts.interfaces.end(),
                                  [](const auto& one) { return one.loopback; });
  ASSERT_NE(found, facts.interfaces.end());
  EXPECT_TRUE(found->up);
  EXPECT_FALSE(found->name.empty());
  EXPECT_FALSE(found->has_default_gateway);
  EXPECT_NE(std::find(found->addresses.begin(), found->addresses.end(), IpAddress::loopback_v4()),
            found->addresses.end());
  EXPECT_FALSE(facts.host_name.empty());
  EXPECT_EQ(facts, read_network_facts());
}

TEST(Interfaces, KnowsItsAddressesWithoutTheirZones) {
  NetworkFacts facts;
  auto link_local = IpAddress::parse("fe80::1").value();
  link_local.zone = 4;
  facts.interfaces.push_back({"eth0", {link_local}, true, false, true});
  facts.interfaces.push_back({"eth1", {IpAddress::parse("192.0.2.9").value()}, false, false, false});
  EXPECT_TRUE(facts.has(IpAddress::parse("fe80::1").value()));
  EXPECT_TRUE(facts.has(IpAddress::parse("127.4.4.4").value()));   // RFC 1122 §3.2.1.3
  EXPECT_FALSE(facts.has(IpAddress::parse("192.0.2.9").value()));  // its interface is down
}

TEST(Interfaces, AZonesNameBecomesItsNumber) {
  EXPECT_EQ(with_numeric_zone("fe80::1%lo"), "fe80::1%1");
  EXPECT_EQ(with_numeric_zone("[fe80::1%lo]"), "[fe80::1%1]");
  for (const auto* same : {"fe80::1", "fe80::1%nosuch", "192.0.2.1", "host%lo", ""})
    EXPECT_EQ(with_numeric_zone(same), same);
}

// The interface that the kernel would take for a far address is one with a default route.
TEST(Interfaces, FindsTheDefaultRoute) {
  const auto local = local_address_towards({IpAddress::parse("203.0.113.1").value(), 5060});  // RFC 5737
  if (!local) GTEST_SKIP() << "no default route here";
  for (const auto& one : read_network_facts().interfaces)
    if (std::find(one.addresses.begin(), one.addresses.end(), *local) != one.addresses.end())
      EXPECT_TRUE(one.has_default_gateway) << one.name;
}

TEST(Interfaces, TheAddressTowardsLoopbackIsLoopback) {
  for (const auto* ip : {"127.0.0.1", "127.9.9.9", "::1"}) {
    const auto peer = IpAddress::parse(ip).value();
    for (const std::uint16_t port : {0, 5060}) {
      const auto local = local_address_towards({peer, port});
      ASSERT_TRUE(local) << local.error().text;
      EXPECT_TRUE(local->is_loopback()) << local->to_string();
    }
  }
}

TEST(Interfaces, TheAddressTowardsAPeerIsOneOfOurs) {
  const auto local = local_address_towards({IpAddress::parse("192.0.2.1").value(), 5060});
  if (!local) {  // a machine without a default route
    EXPECT_EQ(local.error().fault, Fault::unreachable);
    EXPECT_NE(local.error().text.find("192.0.2.1"), std::string::npos);
    return;
  }
  EXPECT_TRUE(read_network_facts().has(*local)) << local->to_string();
}

}  // namespace
}  // namespace sidetone::net
