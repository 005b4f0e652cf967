// Passwords from credentials and the environment.
#include "config/secret_sources.h"

#include <gtest/gtest.h>

#include <map>

#include "config/reader.h"

namespace sidetone::config {
namespace {

using Texts = std::map<std::string, std::string>;

std::vector<Override> found(const Texts& variables, const Texts& files = {}) {
  const auto in = [](const Texts& texts, const std::string& name) -> std::optional<std::string> {
    const auto at = texts.find(name);
    return at == texts.end() ? std::nullopt : std::optional(at->second);
  };
  return secrets_from([&](const char* name) { return in(variables, name); },
                      [&](const std::string& path) { return in(files, path); });
}

constexpr std::string_view file = R"(<SipEndpoint>
<Container name="Basic"><Connectivity user="7001" server="a:5060" protocol="udp"/>
<Connectivity user="7001" server="b:5060" protocol="udp"/></Container>
<Container name="Genesys"><settings><domain name="proxies">
<section name="proxy0"><setting name="password" value="of the file"/></section>
<section name="proxy1"><setting name="display_name" value="b"/></section>
</domain></settings></Container></SipEndpoint>)";

Configuration configured(const Texts& variables, const Texts& files = {}) {
  auto read = read_configuration(file, "f", found(variables, files));
  EXPECT_TRUE(read.usable());
  EXPECT_TRUE(read.problems.empty()) << describe(read.problems.front());
  return std::move(read.configuration);
}

TEST(Secrets, OfTheEnvironmentWinOverTheFile) {
  const auto c = configured({{"SIDETONE_PROXIES_PROXY0_PASSWORD", "of the environment"}});
  EXPECT_EQ(c.lines[0].password.reveal(), "of the environment");
  EXPECT_EQ(c.origin("proxies.proxy0.password"), "environment variable SIDETONE_PROXIES_PROXY0_PASSWORD");
  EXPECT_TRUE(c.lines[1].password.empty());
}

TEST(Secrets, OfACredentialWinOverAll) {
  const auto c = configured({{"CREDENTIALS_DIRECTORY", "/run/c"}, {"SIDETONE_PROXIES_PROXY0_PASSWORD", "x"}},
                            {{"/run/c/proxies.proxy0.password", "of the credential\n"}});
  EXPECT_EQ(c.lines[0].password.reveal(), "of the credential") << "the line's end is not of it";
}

TEST(Secrets, OfTurnServeAllLines) {
  const auto c = configured({{"GCTI_TURN_USERNAME", "agent"}, {"GCTI_TURN_PASSWORD", "secret"}});
  for (const auto& line : c.lines) {
    EXPECT_EQ(line.nat.turn_user_name, "agent");
    EXPECT_EQ(line.nat.turn_password.reveal(), "secret");
  }
  EXPECT_TRUE(configured({}).lines[1].nat.turn_password.empty());
  // A line's own variable wins over the shared one.
  const auto own =
      configured({{"GCTI_TURN_PASSWORD", "secret"}, {"SIDETONE_PROXIES_PROXY1_NAT_TURN_PASSWORD", "own"}});
  EXPECT_EQ(own.lines[0].nat.turn_password.reveal(), "secret");
  EXPECT_EQ(own.lines[1].nat.turn_password.reveal(), "own");
}

TEST(Secrets, EmptyOnesAreNone) { EXPECT_TRUE(found({{"SIDETONE_PROXIES_PROXY0_PASSWORD", ""}}).empty()); }

}  // namespace
}  // namespace sidetone::config
