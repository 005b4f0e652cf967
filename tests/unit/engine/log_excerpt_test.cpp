#include "engine/log/log_excerpt.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sidetone::engine {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string digits_message =
    "14:03:36.001|14|-i- sip    line=0 call=3 UDP 192.0.2.9:5060 <<<<< 192.0.2.7:5060 90 bytes\n"
    "INFO sip:7001@192.0.2.9 SIP/2.0\r\nContent-Type: "
    "application/dtmf-relay\r\n\r\nSignal=7\r\nDuration=160\r\n";
const std::string other_message =
    "2001-07-24T04:58:10.123|14|-i- sip    UDP 192.0.2.9:5060 >>>>> 192.0.2.7:5060 90 bytes\n"
    "REGISTER sip:192.0.2.7 SIP/2.0\r\nAuthorization: Digest username=\"7001\", response=\"5ecret\"\r\n\r\n";

TEST(LogExcerpt, what_an_older_log_showed_is_hidden) {
  const auto shown =
      redacted_log("*** Application: Sidetone\n" + digits_message + other_message +
                       "14:03:36.002|14|-i- call   line=0 call=3 digits sent by Rfc2833: 4711#\n"
                       "14:03:36.003|14|-i- call   line=0 call=3 digit received by Info: 9, 160 ms\n"
                       "14:03:36.004|14|-i- reg    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ecret token=x "
                       "password=5ecret\n",
                   false);
  EXPECT_THAT(shown, AllOf(HasSubstr("Signal=x\r\nDuration=160"), Not(HasSubstr("Signal=7"))));
  EXPECT_THAT(shown, HasSubstr("digits sent by Rfc2833: xxxxx\n"));
  EXPECT_THAT(shown, HasSubstr("digit received by Info: x, 160 ms"));
  EXPECT_THAT(shown, AllOf(HasSubstr("username=\"7001\""), Not(HasSubstr("response=\"5ecret\""))));
  EXPECT_THAT(shown, Not(HasSubstr("password=5ecret")));
  EXPECT_THAT(shown, HasSubstr("*** Application: Sidetone\n"));
  EXPECT_EQ(redacted_log(shown, false), shown) << "once is enough";
}

TEST(LogExcerpt, numbers_are_hidden_when_asked_for) {
  const auto shown = redacted_log(digits_message, true);
  EXPECT_THAT(shown, AllOf(HasSubstr("sip:****@192.0.2.9"), Not(HasSubstr("7001@"))));
}

TEST(LogExcerpt, a_message_cannot_forge_the_record_that_follows) {
  const auto shown = redacted_log(
      "14:03:36.001|14|-i- sip    UDP a >>>>> b 1 bytes\nMESSAGE sip:a SIP/2.0\r\nContent-Type: "
      "application/dtmf\r\n\r\n"
      "1|2|-i- x\r\nSignal=7\r\n",
      false);
  EXPECT_THAT(shown, Not(HasSubstr("password")));
  for (const auto* odd : {"", "\n", "|", "||", "||-i- ", "a|1|-i- ", "a|1|-i-", "\r\n\r\n|1|ERR \n"})
    EXPECT_LE(redacted_log(odd, true).size(), 40U);
}

TEST(LogExcerpt, ends_of_calls) {
  const auto end = [](int call) {
    return fmt::format(
        "14:03:36.001|14|-i- report line=0 call={0} call ended: incoming from sip:a@b, hung up here, status "
        "0\n"
        "14:03:36.001|14|-i- report line=0 call={0}   durations: ring 1.000 s\n"
        "14:03:36.001|14|-i- report line=0 call={0}   SIP: >BYE\n",
        call);
  };
  const std::string other =
      "14:03:36.001|14|-i- report sound devices: 1 in, 1 out\n14:03:36.001|14|-i- report   1001 in x\n";
  EXPECT_THAT(
      call_ends_in(other + end(1) + other + end(2) + "14:03:36.001|14|-i- call   call ended: no\n", 10),
      ElementsAre(end(1), end(2)));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += end(i);
  const auto last = call_ends_in(many, 3);
  EXPECT_THAT(last, SizeIs(3));
  EXPECT_EQ(last.back(), end(999));
}

}  // namespace
}  // namespace sidetone::engine
