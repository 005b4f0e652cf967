// What MediaSession offers and answers by use_srtp, and when keys stay or change (RFC 4568 §7.1.4).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "endpoint/media_session.h"
#include "endpoint/offered_lines.h"
#include "sdp/crypto_attribute.h"
#include "sdp/session_description.h"

namespace sidetone::endpoint {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view key_1 = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
constexpr std::string_view key_2 = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

MediaTransport at(std::uint16_t port) {
  return {*IpAddress::parse("198.51.100.1"), port, std::uint16_t(port + 1)};
}

struct Side {
  SeededRandom random;
  MediaSession session;
  explicit Side(SrtpPolicy policy, std::uint64_t seed = 1, std::uint16_t port = 40000,
                bool unencrypted_srtcp = false, std::vector<SrtpSuite> suites = {})
      : random(seed), session(settings(policy, unencrypted_srtcp, std::move(suites))) {
    session.set_transport(at(port));
    session.allow_send(true);
  }
  MediaSession* operator->() { return &session; }

 private:
  MediaSettings settings(SrtpPolicy policy, bool unencrypted_srtcp, std::vector<SrtpSuite> suites) {
    MediaSettings settings;
    settings.enabled = *codec::parse_enabled("pcmu,pcma");
    settings.srtp.policy = policy;
    settings.srtp.unencrypted_srtcp = unencrypted_srtcp;
    if (!suites.empty()) settings.srtp.suites = std::move(suites);
    settings.random = &random;
    return settings;
  }
};

std::string peer(std::string_view media, std::string_view connection = "IN IP4 192.0.2.20") {
  return fmt::format("v=0\r\no=bob 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc={}\r\nt=0 0\r\n{}", connection, media);
}
std::string secured(std::string_view key, std::uint16_t port = 5000,
                    std::string_view direction = "sendrecv") {
  return fmt::format("m=audio {} RTP/SAVP 0\r\na=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{}\r\na={}\r\n",
                     port, key, direction);
}
const std::string plain = "m=audio 5000 RTP/AVP 0\r\n";

std::vector<sdp::MediaDescription> lines_of(const std::string& text) {
  return sdp::SessionDescription::parse(text)->media;
}
// Each m-line as "profile[*keys]", "-" when refused.
std::string shape(const std::string& text) {
  std::string out;
  for (const auto& media : lines_of(text)) {
    out += media.port == 0 ? "-" : media.protocol;
    if (const auto keys = sdp::crypto_attributes(media).size()) out += fmt::format("*{}", keys);
    out += ' ';
  }
  return out;
}
std::string key_in(const std::string& text) {
  for (const auto& media : lines_of(text))
    if (const auto* crypto = media.attribute("crypto")) return crypto->substr(crypto->find("inline:"));
  return "none";
}
std::string sent_key(const MediaSession& session) {
  const auto plan = session.plan();
  if (!plan || !plan->srtp) return "none";
  sdp::CryptoAttribute crypto;
  crypto.keys = {plan->srtp->send};
  const auto text = sdp::write_crypto(crypto);
  return text.substr(text.find("inline:"));
}

TEST(SecuredOffers, EachPolicyOffersItsKinds) {
  for (const auto& [policy, offer] : {std::pair{SrtpPolicy::disabled, "RTP/AVP "},
                                      {SrtpPolicy::optional, "RTP/AVP "},
                                      {SrtpPolicy::elective, "RTP/SAVP*6 RTP/AVP "},
                                      {SrtpPolicy::enabled, "RTP/SAVP*6 "},
                                      {SrtpPolicy::force, "RTP/SAVP*6 "}}) {
    Side us(policy);
    const auto text = us->make_offer();
    EXPECT_EQ(shape(text), offer);
    EXPECT_THAT(text, Not(HasSubstr("UNENCRYPTED_SRTCP")));
  }
}

TEST(SecuredOffers, TheSuffixGoesIntoEachOffer) {
  Side us(SrtpPolicy::elective, 1, 40000, true);
  const auto media = lines_of(us->make_offer())[0];
  const auto offered = sdp::crypto_attributes(media);
  ASSERT_EQ(offered.size(), srtp_suites.size());
  std::set<std::string> keys;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    EXPECT_EQ(offered[i].suite, srtp_suites[i]);
    EXPECT_EQ(offered[i].tag, i + 1);
    EXPECT_TRUE(offered[i].unencrypted_srtcp);
    keys.insert(sdp::write_crypto(offered[i]).substr(30));
  }
  EXPECT_EQ(keys.size(), srtp_suites.size());  // RFC 4568 §6.1: each key only once
}

TEST(SecuredCalls, TwoOfOursUnderstandEachOtherByEveryPairOfPolicies) {
  // Rows offer, columns answer: s secured, p plain, - refused.
  const std::array<const char*, 5> table{"pppp-", "pppp-", "pssss", "-ssss", "-ssss"};
  for (std::uint8_t row = 0; row < 5; ++row)
    for (std::uint8_t column = 0; column < 5; ++column) {
      SCOPED_TRACE(fmt::format("{} offers, {} answers", row, column));
      Side a(static_cast<SrtpPolicy>(row), 1), b(static_cast<SrtpPolicy>(column), 2, 50000);
      const auto offer = a->make_offer();
      const auto answer = b->answer(offer);
      if (table[row][column] == '-') {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().fault, Fault::unsupported);  // 488
        EXPECT_FALSE(b->check_first_offer(offer, at(1).ip));
        continue;
      }
      ASSERT_TRUE(answer) << describe(answer.error());
      EXPECT_TRUE(b->check_first_offer(offer, at(1).ip));
      ASSERT_TRUE(a->take_answer(*answer));
      const auto ours = a->plan()->srtp, theirs = b->plan()->srtp;
      ASSERT_EQ(ours.has_value(), table[row][column] == 's');
      EXPECT_FALSE(a->has_spare_line());
      if (!ours) continue;
      EXPECT_EQ(ours->suite, SrtpSuite::aead_aes_256_gcm);
      EXPECT_EQ(ours->suite, theirs->suite);
      EXPECT_EQ(ours->send, theirs->receive[0]);
      EXPECT_EQ(ours->receive[0], theirs->send);
      EXPECT_NE(ours->send.key, ours->receive[0].key);  // RFC 4568 §7.1.2
    }
}

TEST(SecuredCalls, EachSuiteAlone) {
  for (const auto suite : srtp_suites)
    for (const bool unencrypted_srtcp : {false, true}) {
      Side a(SrtpPolicy::enabled, 1, 40000, unencrypted_srtcp, {suite}), b(SrtpPolicy::force, 2, 50000);
      const auto answer = b->answer(a->make_offer());
      ASSERT_TRUE(answer) << describe(answer.error());
      ASSERT_TRUE(a->take_answer(*answer));
      EXPECT_EQ(a->plan()->srtp->suite, suite);
      EXPECT_EQ(a->plan()->srtp->send, b->plan()->srtp->receive[0]);
      EXPECT_EQ(a->plan()->srtp->encrypt_rtcp, !unencrypted_srtcp);
      EXPECT_EQ(b->plan()->srtp->encrypt_rtcp, !unencrypted_srtcp);
      Side other(SrtpPolicy::optional, 3, 50000, false,
                 {suite == srtp_suites[0] ? srtp_suites[1] : srtp_suites[0]});
      EXPECT_EQ(other->answer(a->make_offer()).error().fault, Fault::unsupported);  // RFC 4568 §5.1.2
    }
}

TEST(SecuredCalls, UnencryptedRtcpIsOfBothOrOfNone) {
  Side a(SrtpPolicy::enabled, 1, 40000, true), b(SrtpPolicy::optional, 2, 50000);
  const auto answer = b->answer(a->make_offer());
  ASSERT_TRUE(answer);
  ASSERT_TRUE(a->take_answer(*answer));
  EXPECT_FALSE(a->plan()->srtp->encrypt_rtcp);
  EXPECT_FALSE(b->plan()->srtp->encrypt_rtcp);
}

TEST(SecuredKeys, StayWhileThePeerAndBothPlacesDo) {
  struct Row {
    const char* section;
    std::string offer;
    bool same_key;
  };
  for (const auto& row : {
           Row{"RFC 4568 §7.1.4: nothing new", secured(key_1), true},
           Row{"hold", secured(key_1, 5000, "sendonly"), true},
           Row{"hold by RFC 2543", "0.0.0.0", true},
           Row{"§7.1.4: another place", secured(key_1, 5002), false},
           Row{"§7.1.4: another key", secured(key_2), false},
       }) {
    SCOPED_TRACE(row.section);
    Side us(SrtpPolicy::optional);
    const auto first = us->answer(peer(secured(key_1)));
    ASSERT_TRUE(first);
    const auto key = sent_key(us.session);
    EXPECT_EQ(key_in(*first), key);
    const auto second =
        us->answer(row.offer == "0.0.0.0" ? peer(secured(key_1), "IN IP4 0.0.0.0") : peer(row.offer));
    ASSERT_TRUE(second);
    EXPECT_EQ(key_in(*second) == key, row.same_key);
    EXPECT_EQ(sent_key(us.session), key_in(*second));
  }
}

TEST(SecuredKeys, StayInOurReOffersUntilWeMove) {
  Side us(SrtpPolicy::optional);
  ASSERT_TRUE(us->answer(peer(secured(key_1))));
  const auto key = sent_key(us.session);
  const auto again = us->make_offer();
  EXPECT_EQ(shape(again), "RTP/SAVP*1 ");
  EXPECT_EQ(key_in(again), key);
  EXPECT_THAT(again, HasSubstr("a=crypto:4 AES_CM_128_HMAC_SHA1_80"));
  us->rollback();
  EXPECT_EQ(us->make_offer(), again);  // RFC 3264 §8: the same description has the same version
  ASSERT_TRUE(us->take_answer(peer(secured(key_1))));
  EXPECT_EQ(sent_key(us.session), key);

  us->set_transport(at(41000));
  const auto moved = us->make_offer();
  EXPECT_NE(key_in(moved), key);
  EXPECT_EQ(sent_key(us.session), key);  // until the answer is there
  ASSERT_TRUE(us->take_answer(peer(secured(key_1))));
  EXPECT_EQ(sent_key(us.session), key_in(moved));
}

TEST(SecuredKeys, AnAnswerFromAnotherPlaceHasANewOne) {
  Side us(SrtpPolicy::optional);
  ASSERT_TRUE(us->answer(peer(secured(key_1))));
  const auto key = sent_key(us.session);
  us->set_transport(at(41000));
  const auto answer = us->answer(peer(secured(key_1)));
  ASSERT_TRUE(answer);
  EXPECT_NE(key_in(*answer), key);
}

TEST(SecuredKeys, AnOfferThatWasAskedForIsForAnybody) {  // RFC 3261 §14.2, RFC 3725
  Side us(SrtpPolicy::elective);
  ASSERT_TRUE(us->answer(peer(secured(key_1))));
  const auto key = sent_key(us.session);
  const auto offer = us->make_offer(true);
  EXPECT_EQ(shape(offer), "RTP/SAVP*6 RTP/AVP ");
  EXPECT_THAT(offer, Not(HasSubstr(key)));
  ASSERT_TRUE(us->take_answer(peer("m=audio 0 RTP/SAVP 0\r\n" + plain)));
  EXPECT_FALSE(us->plan()->srtp);
  EXPECT_EQ(shape(us->make_offer()), "- RTP/AVP ");  // what is in force stays in force
}

TEST(SecuredKeys, OurOwnKeyComesBackFromNoPeer) {  // RFC 4568 §7.1.2
  Side us(SrtpPolicy::enabled);
  const auto offer = us->make_offer();
  const auto media = lines_of(offer)[0];
  const auto mirrored = fmt::format("m=audio 5000 RTP/SAVP 0\r\na=crypto:{}\r\n", *media.attribute("crypto"));
  EXPECT_FALSE(us->take_answer(peer(mirrored)));
  // Third-party call control echoes the whole description: nothing is sent then.
  Side held(SrtpPolicy::enabled);
  const auto echoed = held->make_offer();
  ASSERT_TRUE(held->take_answer(echoed));
  EXPECT_FALSE(held->plan()->send);
}

TEST(SecuredCalls, APeerThatTakesBothLinesIsOfferedOneNext) {
  Side us(SrtpPolicy::elective);
  static_cast<void>(us->make_offer());
  ASSERT_TRUE(us->take_answer(peer("m=audio 5000 RTP/SAVP 0\r\na=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:" +
                                   std::string(key_1) + "\r\n" + plain)));
  EXPECT_TRUE(us->has_spare_line());
  EXPECT_TRUE(us->plan()->srtp);
  EXPECT_EQ(shape(us->make_offer()), "RTP/SAVP*1 - ");
  ASSERT_TRUE(us->take_answer(peer(secured(key_1) + "m=audio 0 RTP/AVP 0\r\n")));
  EXPECT_FALSE(us->has_spare_line());
}

TEST(SecuredCalls, ForceDoesNotLetARunningCallBecomePlain) {
  for (const auto policy : {SrtpPolicy::optional, SrtpPolicy::force}) {
    Side us(policy);
    ASSERT_TRUE(us->answer(peer(secured(key_1))));
    const auto answer = us->answer(peer(plain));
    EXPECT_EQ(answer.has_value(), policy == SrtpPolicy::optional);
    EXPECT_EQ(us->plan()->srtp.has_value(), policy == SrtpPolicy::force);
  }
}

TEST(SecuredCalls, AForkIsHeardWithItsOwnKeys) {  // RFC 4568 §7.3
  Side us(SrtpPolicy::enabled);
  static_cast<void>(us->make_offer());
  ASSERT_TRUE(us->take_early_answer(1, peer(secured(key_1))));
  const auto first = us->plan()->srtp->receive;
  ASSERT_TRUE(us->take_early_answer(2, peer(secured(key_2))));
  EXPECT_NE(us->plan()->srtp->receive, first);
  ASSERT_TRUE(us->commit_branch(1));
  EXPECT_EQ(us->plan()->srtp->receive, first);
}

TEST(OfferedLines, SlotsAreUsedAgainWhereTheProfileFits) {  // RFC 3264 §8.1
  const auto slots = [](std::string_view text) { return sdp::SessionDescription::parse(peer(text))->media; };
  struct Row {
    const char* slots;
    std::optional<sdp::OfferedLine> in_use;
    std::string lines;
  };
  for (const auto& row : {
           Row{"", {}, "0s 1p "},
           Row{"m=audio 0 RTP/AVP 0\r\n", {}, "0s 1p "},
           Row{"m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/SAVP 0\r\n", {}, "1s 0p "},
           Row{"m=video 0 RTP/AVP 31\r\nm=audio 0 RTP/AVP 0\r\n", {}, "1s 2p "},
           Row{"m=audio 0 RTP/AVP 0\r\n", sdp::OfferedLine{0, false}, "1s 0p "},
           Row{"m=video 0 RTP/AVP 31\r\nm=audio 0 RTP/SAVP 0\r\n", sdp::OfferedLine{1, true}, "1s 2p "},
       }) {
    std::string lines;
    for (const auto& line : offered_lines(SrtpPolicy::elective, slots(row.slots), row.in_use, true))
      lines += fmt::format("{}{} ", line.index, line.secured ? 's' : 'p');
    EXPECT_EQ(lines, row.lines) << row.slots;
  }
}

}  // namespace
}  // namespace sidetone::endpoint
