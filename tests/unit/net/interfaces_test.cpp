#include "net/interfaces.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sidetone::net {
namespace {

TEST(Interfaces, ListsLoopback) {
  const auto all = local_addresses();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [](const auto& entry) { return entry.ip == IpAddress::loopback_v4(); });
  ASSERT_NE(found, all.end());
  EXPECT_TRUE(found->loopback);
  EXPECT_FALSE(found->interface.empty());
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
  const auto all = local_addresses();
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.ip == *local; }))
      << local->to_string();
}

}  // namespace
}  // namespace sidetone::net
