// a=rtcp-xr (RFC 3611 §5) and RED (RFC 2198 §5) in offers and answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdp/negotiate.h"

namespace sidetone::sdp {
namespace {

using testing::HasSubstr;
using testing::Not;

LocalAudio local() {
  LocalAudio local;
  local.ip = *IpAddress::parse("198.51.100.1");
  local.rtp_port = 40000;
  local.rtcp_port = 40001;
  local.codecs = {{120, "opus", 48000, 2, ""}, {0, "PCMU", 8000, 1, ""}};
  local.events = {{101, "telephone-event", 8000, 1, "0-15"}, {96, "telephone-event", 48000, 1, "0-15"}};
  return local;
}

SessionDescription parsed(std::string lines) {
  auto sdp = SessionDescription::parse("v=0\no=bob 1 1 IN IP4 192.0.2.20\ns=-\nc=IN IP4 192.0.2.20\nt=0 0\n" +
                                       lines);
  EXPECT_TRUE(sdp) << (sdp ? "" : describe(sdp.error()));
  return sdp.value_or(SessionDescription{});
}

TEST(ExtendedReports, WhatAnOfferSays) {
  const struct {
    const char* section;
    const char* offer;
    bool known, wanted;
  } rows[] = {
      {"no attribute", "m=audio 5000 RTP/AVP 0\n", false, false},
      {"RFC 3611 §5.1: voip-metrics", "m=audio 5000 RTP/AVP 0\na=rtcp-xr:voip-metrics\n", true, true},
      {"... among others",
       "m=audio 5000 RTP/AVP 0\na=rtcp-xr:pkt-loss-rle=100 voip-metrics rcvr-rtt=all:10\n", true, true},
      {"... that are not it", "m=audio 5000 RTP/AVP 0\na=rtcp-xr:stat-summary=loss voip-metrics2\n", true,
       false},
      {"an empty list: none at all", "m=audio 5000 RTP/AVP 0\na=rtcp-xr:\n", true, false},
      {"the session's counts", "a=rtcp-xr:voip-metrics\nm=audio 5000 RTP/AVP 0\n", true, true},
      {"the media's replaces it", "a=rtcp-xr:voip-metrics\nm=audio 5000 RTP/AVP 0\na=rtcp-xr:\n", true,
       false},
      {"only blanks", "m=audio 5000 RTP/AVP 0\na=rtcp-xr:    \n", true, false},
  };
  for (const auto& row : rows) {
    const auto answer = make_answer(parsed(row.offer), local());
    ASSERT_TRUE(answer && answer->audio) << row.section;
    EXPECT_EQ(answer->audio->remote.knows_extended_reports, row.known) << row.section;
    EXPECT_EQ(answer->audio->remote.wants_voip_metrics, row.wanted) << row.section;
    const auto text = answer->description.write();
    if (row.known)
      EXPECT_THAT(text, HasSubstr("a=rtcp-xr:voip-metrics\r\n"))
          << "§5.2: it can, so it is asked: " << row.section;
    else
      EXPECT_THAT(text, Not(HasSubstr("rtcp-xr"))) << row.section;
  }
}

TEST(ExtendedReports, AnOfferAsksWhenWeWantThem) {
  auto ours = local();
  EXPECT_THAT(make_offer(ours, {}, 0).write(), Not(HasSubstr("rtcp-xr")));
  ours.extended_reports = true;
  const auto offer = make_offer(ours, {}, 0);
  EXPECT_THAT(offer.write(), HasSubstr("a=rtcp-xr:voip-metrics\r\n"));
  const auto match = match_answer(offer, parsed("m=audio 5000 RTP/AVP 0\na=rtcp-xr:voip-metrics\n"), 0);
  ASSERT_TRUE(match && *match);
  EXPECT_TRUE((*match)->remote.wants_voip_metrics) << "§5.2: the offerer SHOULD send them, too";
}

TEST(Redundancy, WhatAnswersTake) {
  const struct {
    const char* why;
    const char* offer;
    const char* answered;  // nullptr: no RED
  } rows[] = {
      {"browsers: opus in RED",
       "m=audio 5000 RTP/AVP 111 63\na=rtpmap:111 opus/48000/2\na=rtpmap:63 red/48000/2\na=fmtp:63 111/111\n",
       "m=audio 40000 RTP/AVP 111 63\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 "
       "111/111\r\n"},
      {"RED first is no codec",
       "m=audio 5000 RTP/AVP 63 111\na=rtpmap:111 opus/48000/2\na=rtpmap:63 red/48000/2\na=fmtp:63 111/111\n",
       "m=audio 40000 RTP/AVP 111 63\r\n"},
      {"RFC 2198 §5: without parameters it is for all",
       "m=audio 5000 RTP/AVP 111 63\na=rtpmap:111 opus/48000/2\na=rtpmap:63 RED/48000/2\n",
       "a=rtpmap:63 RED/48000/2"},
      {"RFC 4733 §2.5.1.4: around events",
       "m=audio 5000 RTP/AVP 0 100 102\na=rtpmap:100 telephone-event/8000\na=rtpmap:102 red/8000\na=fmtp:102 "
       "100/100/100\n",
       "a=fmtp:102 100/100\r\n"},
      {"of a codec that is not used",
       "m=audio 5000 RTP/AVP 111 0 63\na=rtpmap:111 opus/48000/2\na=rtpmap:63 red/48000/2\na=fmtp:63 97/97\n",
       nullptr},
      {"of another clock (§3: the same as the primary's)",
       "m=audio 5000 RTP/AVP 111 63\na=rtpmap:111 opus/48000/2\na=rtpmap:63 red/8000\na=fmtp:63 111/111\n",
       nullptr},
      {"nonsense for parameters",
       "m=audio 5000 RTP/AVP 111 63\na=rtpmap:111 opus/48000/2\na=rtpmap:63 red/48000/2\na=fmtp:63 "
       "//x/999/-1\n",
       nullptr},
  };
  for (const auto& row : rows) {
    const auto answer = make_answer(parsed(row.offer), local());
    ASSERT_TRUE(answer && answer->audio) << row.why;
    EXPECT_EQ(answer->audio->redundancy.has_value(), row.answered != nullptr) << row.why;
    if (row.answered != nullptr)
      EXPECT_THAT(answer->description.write(), HasSubstr(row.answered)) << row.why;
    else
      EXPECT_THAT(answer->description.write(), Not(HasSubstr("red"))) << row.why;
  }
}

TEST(Redundancy, ForbidsToShareThePortWhereItsNumberWould) {  // RFC 5761 §4
  const auto answer = make_answer(
      parsed("m=audio 5000 RTP/AVP 111 73\na=rtpmap:111 opus/48000/2\na=rtpmap:73 red/48000/2\na=rtcp-mux\n"),
      local());
  ASSERT_TRUE(answer && answer->audio);
  EXPECT_FALSE(answer->audio->rtcp_mux);
}

TEST(Redundancy, OfOurOfferInTheAnswer) {
  auto ours = local();
  ours.redundancy = RtpFormat{63, "red", 48000, 2, "120/120"};
  const auto offer = make_offer(ours, {}, 0);
  EXPECT_THAT(offer.write(), HasSubstr("a=fmtp:63 120/120\r\n"));
  const auto match = match_answer(offer,
                                  parsed("m=audio 5000 RTP/AVP 98 111\na=rtpmap:111 "
                                         "opus/48000/2\na=rtpmap:98 red/48000/2\na=fmtp:98 111/111\n"),
                                  0);
  ASSERT_TRUE(match && *match);
  EXPECT_EQ((*match)->codec.theirs.name, "opus") << "not RED, though it is first";
  ASSERT_TRUE((*match)->redundancy);
  EXPECT_EQ((*match)->redundancy->ours.payload_type, 63);
  EXPECT_EQ((*match)->redundancy->theirs.payload_type, 98);
  const auto without = match_answer(offer, parsed("m=audio 5000 RTP/AVP 0\n"), 0);
  ASSERT_TRUE(without && *without);
  EXPECT_FALSE((*without)->redundancy);
}

}  // namespace
}  // namespace sidetone::sdp
