#include "sip/message/option_tags.h"

#include <gtest/gtest.h>

#include "sip/message/message.h"

namespace sidetone::sip {
namespace {

// RFC 3261 §8.2.2.3: what Supported promises, Require must find obeyed.
TEST(OptionTags, EachOneThatIsSaidIsObeyed) {
  for (const auto where : {SupportedIn::dialogs, SupportedIn::registrations}) {
    auto message = Message::request(Method::invite, "sip:a@b");
    message.add(HeaderId::supported, supported_value(where));
    for (const auto& tag : option_tags) {
      const bool said = where == SupportedIn::dialogs ? tag.in_dialogs : tag.in_registrations;
      EXPECT_EQ(message.lists(HeaderId::supported, tag.name), said) << tag.name;
      EXPECT_TRUE(is_supported_option(tag.name)) << tag.name;
    }
  }
  EXPECT_FALSE(is_supported_option(""));
  EXPECT_FALSE(is_supported_option("join"));  // RFC 3911 is read, not obeyed
  EXPECT_TRUE(is_supported_option("100REL"));
}

TEST(OptionTags, OneMayBeLeftOut) {
  EXPECT_EQ(supported_value(SupportedIn::dialogs, "100rel").find("100rel"), std::string::npos);
  EXPECT_NE(supported_value(SupportedIn::dialogs).find("100rel"), std::string::npos);
}

}  // namespace
}  // namespace sidetone::sip
