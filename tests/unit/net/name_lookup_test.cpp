#include "net/name_lookup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "run_until.h"

namespace sidetone::net {
namespace {

TEST(NameLookup, FindsLocalhostWithThePort) {
  boost::asio::io_context io{1};
  NameLookup names(io);
  std::optional<Expected<std::vector<Address>>> result;
  names.resolve("localhost", 5061, [&](auto addresses) { result = std::move(addresses); });
  EXPECT_FALSE(result) << "resolve() must not call back";
  ASSERT_TRUE(run_until(io, [&] { return result.has_value(); }));
  ASSERT_TRUE(*result) << result->error().text;
  ASSERT_FALSE((*result)->empty());
  for (const auto& address : **result) {
    EXPECT_TRUE(address.ip.is_loopback()) << address.to_string();
    EXPECT_EQ(address.port, 5061);
  }
}

TEST(NameLookup, AFailureNamesTheHost) {
  boost::asio::io_context io{1};
  NameLookup names(io);
  std::optional<Expected<std::vector<Address>>> result;
  // A label above 63 characters fails without a name server (RFC 1035 §2.3.4).
  const std::string host(70, 'x');
  names.resolve(host, 5060, [&](auto addresses) { result = std::move(addresses); });
  ASSERT_TRUE(run_until(io, [&] { return result.has_value(); }));
  ASSERT_FALSE(*result);
  EXPECT_NE(result->error().text.find(host), std::string::npos);
}

TEST(NameLookup, MoreThanItsThreadsAllGetAnswers) {
  boost::asio::io_context io{1};
  NameLookup names(io);
  int answers = 0;
  for (int i = 0; i < 30; ++i) names.resolve("localhost", 5060, [&](auto) { ++answers; });
  EXPECT_TRUE(run_until(io, [&] { return answers == 30; }));
}

TEST(NameLookup, NobodyIsCalledAfterItsEnd) {
  boost::asio::io_context io{1};
  int answers = 0;
  {
    NameLookup names(io);
    for (int i = 0; i < 10; ++i) names.resolve("localhost", 5060, [&](auto) { ++answers; });
  }
  io.run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(answers, 0);
}

TEST(NameLookup, MayBeDestroyedInItsAnswer) {
  boost::asio::io_context io{1};
  auto names = std::make_unique<NameLookup>(io);
  bool done = false;
  for (int i = 0; i < 3; ++i)
    names->resolve("localhost", 5060, [&](auto) {
      done = true;
      names.reset();
    });
  EXPECT_TRUE(run_until(io, [&] { return done; }));
}

}  // namespace
}  // namespace sidetone::net
