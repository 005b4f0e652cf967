// Offers and answers with RTP/SAVP and a=crypto: who takes what, and what comes of it (RFC 4568 §5.1, §7.1).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdp/negotiate.h"

namespace sidetone::sdp {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view our_key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
constexpr std::string_view their_key = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";
constexpr std::string_view gcm_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";

LocalAudio local(SrtpPolicy policy) {
  LocalAudio local;
  local.ip = *IpAddress::parse("198.51.100.1");
  local.rtp_port = 40000;
  local.rtcp_port = 40001;
  local.codecs = {{0, "PCMU", 8000, 1, ""}, {8, "PCMA", 8000, 1, ""}};
  local.takes_plain = takes_plain(policy);
  if (takes_secured(policy)) local.suites = {srtp_suites.begin(), srtp_suites.end()};
  local.crypto = {*parse_crypto(fmt::format("1 AEAD_AES_128_GCM inline:{}", gcm_key)),
                  *parse_crypto(fmt::format("2 AES_CM_128_HMAC_SHA1_80 inline:{}", our_key))};
  local.answer_keys = [](const CryptoAttribute& theirs, const RemoteAudio&) {
    return std::vector{SrtpMasterKey{Secret(SrtpKeyBytes(srtp_key_size(theirs.suite)))}};
  };
  return local;
}

SessionDescription parsed(std::string_view lines) {
  const auto text =
      fmt::format("v=0\no=bob 1 1 IN IP4 192.0.2.20\ns=-\nc=IN IP4 192.0.2.20\nt=0 0\n{}", lines);
  auto sdp = SessionDescription::parse(text);
  EXPECT_TRUE(sdp) << (sdp ? "" : describe(sdp.error()));
  return sdp.value_or(SessionDescription{});
}
// Each m-line as "port protocol [suite of its a=crypto]".
std::string shape(const SessionDescription& description) {
  std::string out;
  for (const auto& media : description.media) {
    out += fmt::format("{} {}", media.port, media.protocol);
    for (const auto& crypto : crypto_attributes(media))
      out += fmt::format(" {}:{}", crypto.tag, to_string(crypto.suite));
    out += '|';
  }
  return out;
}

constexpr auto secured = "m=audio 5000 RTP/SAVP 0\na=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{}{}\n";
std::string secured_line(std::string_view parameters = "") {
  return fmt::format(secured, their_key, parameters);
}
const std::string plain = "m=audio 5000 RTP/AVP 0\n";

TEST(SecuredAnswer, EachPolicyTakesItsKindsOfOffers) {
  struct Row {
    const char* section;
    std::string offer;
    const char* disabled;  // "": refused as a whole
    const char* takes_both;
    const char* force;
  };
  const std::string opportunistic =
      fmt::format("m=audio 5000 RTP/AVP 0\na=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{}\n", their_key);
  const char* yes = "40000 RTP/SAVP 3:AES_CM_128_HMAC_SHA1_80|";
  for (const auto& row : {
           Row{"plain", plain, "40000 RTP/AVP|", "40000 RTP/AVP|", ""},
           Row{"RFC 4568 §5.1.2", secured_line(), "", yes, yes},
           Row{"RFC 5124 §3.3",
               fmt::format("m=audio 5000 RTP/SAVPF 0\na=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{}\n",
                           their_key),
               "", "40000 RTP/SAVPF 3:AES_CM_128_HMAC_SHA1_80|",
               "40000 RTP/SAVPF 3:AES_CM_128_HMAC_SHA1_80|"},
           Row{"both, secured first", secured_line() + plain, "0 RTP/SAVP|40000 RTP/AVP|",
               "40000 RTP/SAVP 3:AES_CM_128_HMAC_SHA1_80|0 RTP/AVP|",
               "40000 RTP/SAVP 3:AES_CM_128_HMAC_SHA1_80|0 RTP/AVP|"},
           Row{"both, plain first", plain + secured_line(), "40000 RTP/AVP|0 RTP/SAVP|",
               "0 RTP/AVP|40000 RTP/SAVP 3:AES_CM_128_HMAC_SHA1_80|",
               "0 RTP/AVP|40000 RTP/SAVP 3:AES_CM_128_HMAC_SHA1_80|"},
           Row{"RFC 8643 §3", opportunistic, "40000 RTP/AVP|", "40000 RTP/AVP 3:AES_CM_128_HMAC_SHA1_80|",
               "40000 RTP/AVP 3:AES_CM_128_HMAC_SHA1_80|"},
           Row{"RFC 8643 §3: no key that is possible", "m=audio 5000 RTP/AVP 0\na=crypto:3 NEW inline:AAAA\n",
               "40000 RTP/AVP|", "40000 RTP/AVP|", ""},
           Row{"RFC 4568 §5.1.2: no valid one", "m=audio 5000 RTP/SAVP 0\na=crypto:3 NEW inline:AAAA\n", "",
               "", ""},
           Row{"SAVP without keys (DTLS-SRTP, MIKEY)", "m=audio 5000 RTP/SAVP 0\n", "", "", ""},
           Row{"RFC 4568 §6.3.7", secured_line(" MAGIC"), "", "", ""},
           Row{"RFC 4568 §7.1.2: against our policy", secured_line(" UNENCRYPTED_SRTP"), "", "", ""},
           Row{"RFC 4568 §7.1.2: against our policy", secured_line(" UNAUTHENTICATED_SRTP"), "", "", ""},
           Row{"RFC 4568 §7.1.2: not possible", secured_line(" KDR=3"), "", "", ""},
           Row{"the second is the first valid one",
               fmt::format("m=audio 5000 RTP/SAVP 0\na=crypto:1 F8_128_HMAC_SHA1_80 inline:{0}\na=crypto:2 "
                           "AEAD_AES_128_GCM inline:{1}\na=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{0}\n",
                           their_key, gcm_key),
               "", "40000 RTP/SAVP 2:AEAD_AES_128_GCM|", "40000 RTP/SAVP 2:AEAD_AES_128_GCM|"},
       })
    for (const auto policy : {SrtpPolicy::disabled, SrtpPolicy::optional, SrtpPolicy::elective,
                              SrtpPolicy::enabled, SrtpPolicy::force}) {
      SCOPED_TRACE(fmt::format("{}, policy {}", row.section, static_cast<int>(policy)));
      const auto answer = make_answer(parsed(row.offer), local(policy));
      const std::string_view expected = policy == SrtpPolicy::disabled ? row.disabled
                                        : policy == SrtpPolicy::force  ? row.force
                                                                       : row.takes_both;
      if (expected.empty()) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().fault, Fault::unsupported);  // 488
        continue;
      }
      ASSERT_TRUE(answer) << describe(answer.error());
      EXPECT_EQ(shape(answer->description), expected);
      EXPECT_EQ(answer->audio->crypto.has_value(), expected.find("SHA1") + 1 || expected.find("GCM") + 1);
    }
}

TEST(SecuredAnswer, SaysWhatWasNegotiatedAndNotWhatWasDeclared) {  // RFC 4568 §5.1.2
  const auto answer =
      make_answer(parsed(secured_line("|2^20|1:4 UNENCRYPTED_SRTCP FEC_ORDER=SRTP_FEC WSH=99")),
                  local(SrtpPolicy::optional));
  ASSERT_TRUE(answer);
  const auto& crypto = *answer->audio->crypto;
  EXPECT_EQ(*answer->description.media[0].attribute("crypto"),
            "3 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA UNENCRYPTED_SRTCP");
  EXPECT_EQ(crypto.theirs.window_hint, 99u);
  EXPECT_EQ(crypto.theirs.keys[0].mki, 1u);
}

TEST(SecuredAnswer, RefusalsSayWhichOptionMatters) {
  EXPECT_THAT(describe(make_answer(parsed(secured_line()), local(SrtpPolicy::disabled)).error()),
              HasSubstr("use_srtp"));
  EXPECT_THAT(describe(make_answer(parsed(plain), local(SrtpPolicy::force)).error()), HasSubstr("use_srtp"));
}

TEST(SecuredOffer, BothKindsAreTwoLinesWithOnePort) {
  const std::array lines{OfferedLine{0, true}, OfferedLine{1, false}};
  const auto offer = make_offer(local(SrtpPolicy::elective), {}, lines);
  EXPECT_EQ(shape(offer), "40000 RTP/SAVP 1:AEAD_AES_128_GCM 2:AES_CM_128_HMAC_SHA1_80|40000 RTP/AVP|");
  EXPECT_EQ(offer.media[1].attribute("crypto"), nullptr);
}

TEST(SecuredOffer, ASlotKeepsOrChangesItsProfile) {  // RFC 3264 §8.3
  const auto slots = parsed("m=audio 0 RTP/SAVPF 0\nm=audio 0 RTP/AVPF 0\n");
  const std::array same{OfferedLine{0, true}, OfferedLine{1, false}};
  EXPECT_EQ(shape(make_offer(local(SrtpPolicy::elective), slots.media, same)),
            "40000 RTP/SAVPF 1:AEAD_AES_128_GCM 2:AES_CM_128_HMAC_SHA1_80|40000 RTP/AVPF|");
  EXPECT_EQ(shape(make_offer(local(SrtpPolicy::elective), slots.media, 0)), "40000 RTP/AVP|0 RTP/AVPF|");
}

TEST(SecuredMatch, WhatAnAnswerMakesOfAnOffer) {
  auto audio = local(SrtpPolicy::elective);
  audio.crypto[1].unencrypted_srtcp = true;
  const std::array lines{OfferedLine{0, true}, OfferedLine{1, false}};
  const auto offer = make_offer(audio, {}, lines);
  const auto crypto = [](std::string_view tag_and_suite, std::string_view key, std::string_view parameters) {
    return fmt::format("m=audio 5000 RTP/SAVP 0\na=crypto:{} inline:{} {}\n", tag_and_suite, key, parameters);
  };
  const std::string gcm = crypto("1 AEAD_AES_128_GCM", gcm_key, "");
  const std::string no_plain = "m=audio 0 RTP/AVP 0\n";
  struct Row {
    const char* section;
    std::string answer;
    const char* result;  // "refused", "fault" or what was agreed
  };
  for (const auto& row : {
           Row{"RFC 4568 §5.1.3", gcm + no_plain, "AEAD_AES_128_GCM"},
           Row{"§6.3.2: negotiated",
               crypto("2 AES_CM_128_HMAC_SHA1_80", their_key, "UNENCRYPTED_SRTCP") + no_plain,
               "AES_CM_128_HMAC_SHA1_80"},
           Row{"§5.1.3: what was offered must come back",
               crypto("2 AES_CM_128_HMAC_SHA1_80", their_key, "") + no_plain, "fault"},
           Row{"§6.3.2: what was not offered may not come",
               crypto("1 AEAD_AES_128_GCM", gcm_key, "UNENCRYPTED_SRTCP") + no_plain, "fault"},
           Row{"§5.1.3: the tag", crypto("7 AEAD_AES_128_GCM", gcm_key, "") + no_plain, "fault"},
           Row{"§5.1.3: the suite", crypto("1 AES_CM_128_HMAC_SHA1_80", their_key, "") + no_plain, "fault"},
           Row{"§5.1.2: exactly one",
               fmt::format("m=audio 5000 RTP/SAVP 0\na=crypto:1 AEAD_AES_128_GCM inline:{0}\na=crypto:2 "
                           "AES_CM_128_HMAC_SHA1_80 inline:{1} UNENCRYPTED_SRTCP\n",
                           gcm_key, their_key) +
                   no_plain,
               "fault"},
           Row{"§5.1.3: no key", "m=audio 5000 RTP/SAVP 0\n" + no_plain, "fault"},
           Row{"§7.1.3: KDR is not possible", crypto("1 AEAD_AES_128_GCM", gcm_key, "KDR=1") + no_plain,
               "fault"},
           Row{"another profile", "m=audio 5000 RTP/AVP 0\n" + no_plain, "fault"},
           Row{"the plain one", "m=audio 0 RTP/SAVP 0\n" + plain, "plain"},
           Row{"none of them", "m=audio 0 RTP/SAVP 0\n" + no_plain, "refused"},
           Row{"both", gcm + plain, "AEAD_AES_128_GCM and others"},
           Row{"both, one not usable", crypto("7 AEAD_AES_128_GCM", gcm_key, "") + plain, "plain"},
       }) {
    SCOPED_TRACE(row.section);
    const auto match = match_answer(offer, parsed(row.answer), lines);
    std::string result = "fault";
    if (match && !*match) result = "refused";
    if (match && *match) {
      const auto& taken = **match;
      result = taken.crypto ? to_string(taken.crypto->ours.suite) : "plain";
      if (taken.others_accepted) result += " and others";
      EXPECT_EQ(taken.line, taken.crypto ? 0u : 1u);
    }
    EXPECT_EQ(result, row.result);
    if (!match) {
      EXPECT_EQ(match.error().fault, Fault::unsupported);
      EXPECT_THAT(describe(match.error()), Not(HasSubstr(gcm_key.substr(0, 4))));
    }
  }
}

TEST(SecuredMatch, TheKeysAreThoseOfEachSide) {
  const std::array lines{OfferedLine{0, true}};
  const auto offer = make_offer(local(SrtpPolicy::enabled), {}, lines);
  const auto match =
      match_answer(offer,
                   parsed(fmt::format(
                       "m=audio 5000 RTP/SAVP 0\na=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{}\n", their_key)),
                   lines);
  ASSERT_TRUE(match && *match);
  EXPECT_THAT(write_crypto((*match)->crypto->ours), HasSubstr(our_key));
  EXPECT_THAT(write_crypto((*match)->crypto->theirs), HasSubstr(their_key));
}

TEST(SecuredParse, AFaultyLineShowsNothingOfItsKey) {
  const auto key = fmt::format("a=crypto:1 X inline:{}\rX\n", their_key);
  for (const auto& line : {key, fmt::format("k=clear:{}\rX\n", their_key)}) {
    const auto sdp = SessionDescription::parse("v=0\no=- 1 1 IN IP4 192.0.2.1\n" + line);
    ASSERT_FALSE(sdp);
    EXPECT_THAT(describe(sdp.error()), Not(HasSubstr(their_key.substr(0, 4))));
  }
}

}  // namespace
}  // namespace sidetone::sdp
