#include "config/dump.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/reader.h"

namespace sidetone::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Configuration read(const std::string& basic, const std::string& genesys) {
  return read_configuration(fmt::format(R"(<SipEndpoint><Container name="Basic">{}</Container>
      <Container name="Genesys"><settings version="1.0">{}</settings></Container></SipEndpoint>)",
                                        basic, genesys),
                            "test")
      .configuration;
}

TEST(Dump, tells_every_option_of_the_table) {
  const auto text = dump(Configuration());
  for (const auto& option : option_table()) {
    if (option.path.starts_with("connectivity.") || option.path.find('*') != std::string_view::npos) continue;
    const auto leaf = option.path.substr(option.path.rfind('.') + 1);
    EXPECT_THAT(text, HasSubstr(fmt::format("      {} = \"{}\"  (default)\n", leaf,
                                            Configuration().get(option.path).value_or("?"))))
        << option.path;
  }
}

TEST(Dump, lines_have_the_proxy_that_is_in_force_and_no_secret) {
  const auto text = dump(read(R"(<Connectivity user="7001" server="a:5060" protocol="udp"/>
                                 <Connectivity user="7002" server="b:5061" protocol="tls"/>)",
                              R"(<domain name="proxies"><section name="proxy0">
                                 <setting name="display_name" value="Agent"/><setting name="password" value="5ecret"/>
                                 <setting name="pass_word" value="5ecret"/></section></domain>)"));
  EXPECT_THAT(text, AllOf(HasSubstr(R"(<Connectivity user="7001" server="a:5060" protocol="udp">)"),
                          HasSubstr(R"(<Connectivity user="7002" server="b:5061" protocol="tls">)")));
  const auto second = text.find("<section name=\"proxy1\">");
  ASSERT_NE(second, std::string::npos);
  EXPECT_NE(text.find("display_name = \"Agent\"", second), std::string::npos) << "proxy0's";
  EXPECT_THAT(text, AllOf(HasSubstr("password = \"********\""), Not(HasSubstr("5ecret"))));
}

TEST(Dump, what_the_file_sets_is_no_default_and_has_no_control_characters) {
  const auto text = dump(read("", R"(<domain name="system"><section name="diagnostics">
      <setting name="log_level" value="4"/><setting name="odd" value="a&#10;b&#27;"/></section></domain>
      <domain name="codecs"><section name="opus/48000/2"><setting name="payload_type" value="121"/></section></domain>)"));
  EXPECT_THAT(text, HasSubstr("      log_level = \"4\"\n"));
  EXPECT_THAT(text, HasSubstr("system.diagnostics.odd = \"a"));
  EXPECT_THAT(text, HasSubstr("<section name=\"opus/48000/2\">\n      payload_type = \"121\"\n"));
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

}  // namespace
}  // namespace sidetone::config
