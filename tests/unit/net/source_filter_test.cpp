// What the kernel lets through, over real sockets on loopback.
#include "net/source_filter.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <string>
#include <vector>

#include "net/socket.h"

namespace sidetone::net {
namespace {

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

class SourceFilter : public testing::Test {
 protected:
  void SetUp() override {
    socket = bind_socket({ip("127.0.0.1"), 0}, {}).value();
    here = local_address(socket.get());
  }
  // Sent from each of the hosts in turn; who was heard. Loopback delivers in order, and before send returns.
  std::string heard_of(std::initializer_list<const char*> hosts) {
    for (const char* host : hosts) {
      const auto from = bind_socket({ip(host), 0}, {}).value();
      SystemAddress to;
      const auto size = to_system(here, to);
      EXPECT_EQ(::sendto(from.get(), host, std::string_view(host).size(), 0, &to.any, size),
                static_cast<ssize_t>(std::string_view(host).size()));
    }
    std::string heard;
    char bytes[64];
    for (ssize_t size = 0; (size = ::recv(socket.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      heard += std::string(bytes, static_cast<std::size_t>(size)) + " ";
    return heard;
  }
  Descriptor socket;
  Address here;
};

TEST_F(SourceFilter, admits_the_named_hosts_only_until_it_is_taken_off) {
  EXPECT_EQ(heard_of({"127.0.0.2", "127.0.0.3"}), "127.0.0.2 127.0.0.3 ");
  const IpAddress hosts[] = {ip("127.0.0.2"), ip("127.0.0.4")};
  ASSERT_TRUE(admit_only(socket.get(), hosts));
  EXPECT_EQ(heard_of({"127.0.0.3", "127.0.0.2", "127.0.0.1", "127.0.0.4"}), "127.0.0.2 127.0.0.4 ");
  const IpAddress other[] = {ip("127.0.0.3")};
  ASSERT_TRUE(admit_only(socket.get(), other));
  EXPECT_EQ(heard_of({"127.0.0.3", "127.0.0.2"}), "127.0.0.3 ");
  ASSERT_TRUE(admit_only(socket.get(), {}));
  EXPECT_EQ(heard_of({"127.0.0.2"}), "127.0.0.2 ");
  ASSERT_TRUE(admit_only(socket.get(), {})) << "twice is no fault";
}

TEST_F(SourceFilter, compares_all_of_an_ipv6_address) {
  auto bound = bind_socket({ip("::1"), 0}, {});
  if (!bound) GTEST_SKIP() << "no IPv6 here";
  socket = std::move(*bound);
  here = local_address(socket.get());
  for (const char* other : {"::2", "1::1", "0:0:1::1", "0:0:0:0:1::1"}) {
    const IpAddress hosts[] = {ip(other)};
    ASSERT_TRUE(admit_only(socket.get(), hosts));
    EXPECT_EQ(heard_of({"::1"}), "") << other;
  }
  const IpAddress hosts[] = {ip("2001:db8::1"), ip("::1")};
  ASSERT_TRUE(admit_only(socket.get(), hosts));
  EXPECT_EQ(heard_of({"::1"}), "::1 ");
}

TEST_F(SourceFilter, more_hosts_than_a_peer_has_change_nothing) {
  const std::vector<IpAddress> many(filtered_hosts_max + 1, ip("127.0.0.2"));
  EXPECT_FALSE(admit_only(socket.get(), many));
  EXPECT_EQ(heard_of({"127.0.0.3"}), "127.0.0.3 ");
}

}  // namespace
}  // namespace sidetone::net
