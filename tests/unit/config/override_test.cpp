// Options that are set by hand win over the file, each by itself.
#include "config/override.h"

#include <gtest/gtest.h>

#include "config/reader.h"

namespace sidetone::config {
namespace {

constexpr std::string_view file = R"(<SipEndpoint>
<Container name="Basic"><Connectivity user="7001" server="a:5060" protocol="udp"/>
<Connectivity user="7001" server="b:5060" protocol="udp"/></Container>
<Container name="Genesys"><settings>
<domain name="policy"><section name="session"><setting name="auto_answer" value="0"/>
<setting name="vad_level" value="2"/></section></domain>
<domain name="proxies"><section name="proxy0"><setting name="password" value="first"/>
<setting name="reg_timeout" value="60"/></section></domain>
</settings></Container></SipEndpoint>)";

struct Row {
  std::string_view path, text;  // what is set
  std::string_view asked;       // where it is seen
  std::string_view expected;
};

class Overridden : public testing::TestWithParam<Row> {};

TEST_P(Overridden, IsInForce) {
  const auto& row = GetParam();
  const auto read = read_configuration(file, "f", {{std::string(row.path), std::string(row.text)}});
  ASSERT_TRUE(read.usable());
  EXPECT_EQ(read.configuration.get(row.asked), row.expected);
  EXPECT_EQ(read.configuration.session.vad_level, row.path.ends_with("vad_level") ? 3 : 2);
}

constexpr Row rows[] = {
    {"policy.session.auto_answer", "1", "policy.session.auto_answer", "1"},
    {"policy:session:Auto_Answer", "1", "policy.session.auto_answer", "1"},
    {"policy.session.vad_level", "3", "policy.session.vad_level", "3"},
    {"policy.endpoint.sip_port_min", "6000", "policy.endpoint.sip_port_max", "6006"},
    {"user:1", "7009", "user:1", "7009"},
    {"server:0", "c:5070", "server.0", "c:5070"},
    {"protocol:1", "tcp", "protocol:1", "tcp"},
    {"proxies.proxy0.reg_timeout", "90", "proxies.proxy1.reg_timeout", "90"},
    // A section that comes into being by one setting keeps the others of proxy0.
    {"proxies.proxy1.reg_timeout", "90", "proxies.proxy1.password", "********"},
    {"proxies.proxy1.reg_timeout", "90", "proxies.proxy0.reg_timeout", "60"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Overridden, testing::ValuesIn(rows));

TEST(Override, FaultsAreErrorsAndNameTheOption) {
  struct Fault {
    std::string_view path, text, says;
  };
  for (const auto& fault :
       {Fault{"policy.session.auto_anwser", "1", "did you mean policy.session.auto_answer?"},
        Fault{"policy.session.auto_answer", "yes", "'yes' is neither 0 nor 1"},
        Fault{"user:7", "7001", "there is no line 7"},
        Fault{"connectivity.sip-proxy-address", "x", "part of the server value"}}) {
    const auto read = read_configuration(file, "f", {{std::string(fault.path), std::string(fault.text)}});
    EXPECT_FALSE(read.usable()) << fault.path;
    ASSERT_FALSE(read.problems.empty());
    EXPECT_NE(describe(read.problems.front()).find(fault.says), std::string::npos)
        << describe(read.problems.front());
  }
}

TEST(Override, MakesLinesWithoutAFile) {
  const auto read =
      configuration_of({{"user:0", "7001"}, {"server:0", "sip.example.com"}, {"protocol:0", "tls"}});
  ASSERT_TRUE(read.usable());
  ASSERT_EQ(read.configuration.lines.size(), 1U);
  EXPECT_EQ(read.configuration.lines[0].transport, LineTransport::tls);
}

TEST(Differences, AreWhatIsWrittenDifferently) {
  const auto one = read_configuration(file, "f").configuration;
  EXPECT_TRUE(one.differences(one).empty());
  const auto other = read_configuration(file, "f",
                                        {{"policy.session.auto_answer", "1"},
                                         {"proxies.proxy0.password", "second"},
                                         {"policy.session.dtx_mode", "1"},
                                         {"server:1", "z:5060"}})
                         .configuration;
  const std::vector<std::string> expected{"connectivity.server.1", "policy.session.auto_answer",
                                          "policy.session.dtx_mode", "proxies.proxy0.password"};
  EXPECT_EQ(one.differences(other), expected);
  EXPECT_EQ(other.differences(one), expected);
}

}  // namespace
}  // namespace sidetone::config
