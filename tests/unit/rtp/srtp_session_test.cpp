// RFC 3711: what is protected comes back whole, once, and nothing else does.
#include "rtp/srtp_session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"

namespace sidetone::rtp {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

constexpr Time start{Duration{5s}};

SrtpMasterKey key(SrtpSuite suite, std::uint64_t seed) {
  SeededRandom random(seed);
  SrtpKeyBytes bytes(srtp_key_size(suite));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(random.next());
  return {Secret(bytes)};
}

SrtpPlan plan(SrtpSuite suite, std::uint64_t send, std::uint64_t receive) {
  SrtpPlan plan;
  plan.suite = suite;
  plan.send = key(suite, send);
  plan.receive = {key(suite, receive)};
  return plan;
}

Bytes rtp(std::uint16_t sequence, std::uint32_t ssrc = 0x1111, std::size_t payload = 160) {
  Bytes bytes(header_size + payload);
  EXPECT_TRUE(write_header({false, 0, sequence, std::uint32_t{160} * sequence, ssrc}, bytes));
  for (std::size_t i = 0; i < payload; ++i) bytes[header_size + i] = static_cast<std::uint8_t>(i + sequence);
  return bytes;
}

Bytes rtcp(std::uint32_t ssrc = 0x1111) {
  Bytes bytes(200);
  CompoundWriter writer(bytes);
  writer.sender_report(ssrc, {0x123456789abcdef0, 4000, 50, 8000}, {});
  writer.sdes_cname(ssrc, "agent@host");
  bytes.resize(writer.size());
  return bytes;
}

struct End {
  SrtpSession session;
  explicit End(const std::optional<SrtpPlan>& with) { session.apply(with, start); }

  Bytes protect(Bytes packet, bool is_rtcp = false) {
    auto size = packet.size();
    packet.resize(1500);
    if (!session.protect(packet, size, is_rtcp)) return {};
    packet.resize(size);
    return packet;
  }
  Bytes unprotect(const Bytes& packet, bool is_rtcp = false, Time now = start) {
    const auto clear = session.unprotect(packet, is_rtcp, now);
    return clear ? Bytes(clear->begin(), clear->end()) : Bytes{};
  }
};

class EachSuite : public testing::TestWithParam<SrtpSuite> {};
INSTANTIATE_TEST_SUITE_P(Suites, EachSuite, testing::ValuesIn(srtp_suites),
                         [](const auto& row) { return std::string(to_string(row.param)); });

// RFC 3711 §5.2: 80 bits; RFC 4568 §6.2.2: 32; RFC 7714 §14.2: 128.
std::size_t tag_size(SrtpSuite suite) {
  const auto name = to_string(suite);
  return name.starts_with("AEAD") ? 16 : name.ends_with("32") ? 4 : 10;
}

TEST_P(EachSuite, BothWays) {
  End a(plan(GetParam(), 1, 2)), b(plan(GetParam(), 2, 1));
  for (auto [from, to] : {std::pair{&a, &b}, std::pair{&b, &a}})
    for (std::uint16_t sequence = 10; sequence < 20; ++sequence) {
      const auto clear = rtp(sequence);
      const auto sent = from->protect(clear);
      ASSERT_EQ(sent.size(), clear.size() + tag_size(GetParam()));
      EXPECT_TRUE(
          std::equal(clear.begin(), clear.begin() + header_size, sent.begin()));  // §3.1: the header stays
      EXPECT_FALSE(std::equal(clear.begin() + header_size, clear.end(), sent.begin() + header_size));
      EXPECT_EQ(to->unprotect(sent), clear);
    }
  EXPECT_EQ(b.session.counts().authentic, 10u);
  EXPECT_EQ(b.session.counts().forged, 0u);
}

TEST_P(EachSuite, RtcpIsAuthenticatedAlwaysAndEncryptedUnlessAgreedOtherwise) {  // RFC 4568 §6.3.2
  for (const bool encrypt : {true, false}) {
    auto ours = plan(GetParam(), 1, 2), theirs = plan(GetParam(), 2, 1);
    ours.encrypt_rtcp = theirs.encrypt_rtcp = encrypt;
    End a(ours), b(theirs);
    const auto clear = rtcp();
    const auto sent = a.protect(clear, true);
    const bool gcm = tag_size(GetParam()) == 16;
    // RFC 3711 §3.4: index and, also in the suites with the short tag, 80 bits.
    ASSERT_EQ(sent.size(), clear.size() + 4 + (gcm ? 16 : 10));
    const auto index_at = gcm ? sent.size() - 4 : sent.size() - 14;
    EXPECT_EQ((sent[index_at] & 0x80) != 0, encrypt);  // the E bit
    EXPECT_EQ(std::equal(clear.begin(), clear.end(), sent.begin()), !encrypt);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      auto damaged = sent;
      damaged[i] ^= 0x10;
      EXPECT_TRUE(b.unprotect(damaged, true).empty()) << i;
    }
    EXPECT_EQ(b.unprotect(sent, true), clear);
    EXPECT_TRUE(b.unprotect(sent, true).empty());
    EXPECT_EQ(b.session.counts().replayed, 1u);
  }
}

TEST_P(EachSuite, WhatOneSideEncryptsTheOtherDoesNotTakePlain) {  // RFC 4568 §6: the E bit overrides nothing
  auto open = plan(GetParam(), 1, 2);
  open.encrypt_rtcp = false;
  End a(open), b(plan(GetParam(), 2, 1));
  EXPECT_TRUE(b.unprotect(a.protect(rtcp(), true), true).empty());
}

TEST_P(EachSuite, AnyDamageIsSeen) {
  End a(plan(GetParam(), 1, 2)), b(plan(GetParam(), 2, 1));
  const auto sent = a.protect(rtp(1));
  for (std::size_t bit = 0; bit < sent.size() * 8; ++bit) {
    auto damaged = sent;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_TRUE(b.unprotect(damaged).empty()) << bit;
  }
  for (std::size_t size = 0; size < sent.size(); ++size)
    EXPECT_TRUE(b.unprotect(Bytes(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(size))).empty());
  EXPECT_EQ(b.session.counts().authentic, 0u);
  EXPECT_EQ(b.session.counts().forged, sent.size() * 9);
  EXPECT_EQ(b.unprotect(sent), rtp(1));
}

TEST_P(EachSuite, AnotherKeyIsNone) {
  End a(plan(GetParam(), 3, 2)), b(plan(GetParam(), 2, 1));
  EXPECT_TRUE(b.unprotect(a.protect(rtp(1))).empty());
  EXPECT_TRUE(b.unprotect(rtp(2)).empty());             // not protected at all
  EXPECT_TRUE(b.unprotect(b.protect(rtp(3))).empty());  // our own, mirrored
  EXPECT_EQ(b.session.counts().forged, 3u);
}

TEST(SrtpReplay, EachPacketOnceInAnyOrderWithinTheWindow) {  // RFC 3711 §3.3.2
  const auto suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  End a(plan(suite, 1, 2)), b(plan(suite, 2, 1));
  std::vector<Bytes> sent;
  for (std::uint16_t i = 0; i < 400; ++i)
    sent.push_back(a.protect(rtp(static_cast<std::uint16_t>(65300 + i))));
  for (const std::size_t at : {0, 2, 1, 100, 99, 40}) EXPECT_FALSE(b.unprotect(sent[at]).empty()) << at;
  for (const std::size_t at : {0, 2, 1, 100, 99, 40}) EXPECT_TRUE(b.unprotect(sent[at]).empty()) << at;
  EXPECT_FALSE(b.unprotect(sent[399]).empty());  // behind the wrap at 236
  EXPECT_FALSE(b.unprotect(sent[300]).empty());
  EXPECT_TRUE(b.unprotect(sent[200]).empty());  // 199 packets late: too old to say
  EXPECT_EQ(b.session.counts().replayed, 7u);
  EXPECT_EQ(b.session.counts().forged, 0u);
}

TEST(SrtpReplay, TheWindowFollowsTheHintWithinReason) {  // RFC 4568 §6.3.6
  struct Row {
    std::uint32_t hint;
    std::size_t late;
    bool taken;
  };
  for (const auto& row : {Row{0, 120, true},
                          {0, 140, false},
                          {64, 120, true},
                          {512, 500, true},
                          {512, 520, false},
                          {0xffffffff, 1000, true},
                          {0xffffffff, 1040, false}}) {
    const auto suite = SrtpSuite::aead_aes_128_gcm;
    auto theirs = plan(suite, 2, 1);
    theirs.window_hint = row.hint;
    End a(plan(suite, 1, 2)), b(theirs);
    const auto late = a.protect(rtp(1));
    for (std::size_t i = 0; i < row.late; ++i)
      EXPECT_FALSE(b.unprotect(a.protect(rtp(static_cast<std::uint16_t>(i + 2)))).empty());
    EXPECT_EQ(!b.unprotect(late).empty(), row.taken) << row.hint << ' ' << row.late;
  }
}

// RFC 3711 §3.3.1: 30 hours at 50 packets a second are 82 rollovers of the sequence number.
TEST(SrtpRollover, ThirtyHoursKeepDecoding) {
  const auto suite = SrtpSuite::aead_aes_128_gcm;
  const auto ours = plan(suite, 1, 2), theirs = plan(suite, 2, 1);
  End a(ours), b(theirs);
  constexpr std::uint32_t packets = 30 * 3600 * 50;
  SeededRandom random(7);
  const auto sample = rtp(0, 0x1111, 20);
  std::uint64_t heard = 0, expected = 0;
  for (std::uint32_t i = 0; i < packets; ++i) {
    const auto now = start + i * 20ms;
    std::array<std::uint8_t, 100> room;
    std::copy(sample.begin(), sample.end(), room.begin());
    ASSERT_TRUE(write_header({false, 0, static_cast<std::uint16_t>(i + 100), i * 160, 0x1111}, room));
    auto size = sample.size();
    ASSERT_TRUE(a.session.protect(room, size, false));
    if (i % 90000 == 0) {  // each half hour hold or session timer: the same keys once more
      a.session.apply(ours, now);
      b.session.apply(theirs, now);
    }
    if (random.chance(0.01)) continue;
    ++expected;
    if (b.session.unprotect(std::span(room).first(size), false, now)) ++heard;
  }
  EXPECT_EQ(heard, expected);
  EXPECT_EQ(b.session.counts().forged, 0u);
}

TEST(SrtpRekey, BothKeysAreUnderstoodForAWhile) {  // RFC 4568 §7.1.4
  const auto suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  End a(plan(suite, 1, 2)), b(plan(suite, 2, 1));
  for (std::uint16_t i = 65500; i != 20; ++i) EXPECT_FALSE(b.unprotect(a.protect(rtp(i))).empty());
  const auto late = a.protect(rtp(20)), too_late = a.protect(rtp(21));
  const auto other = SrtpSuite::aead_aes_256_gcm;
  b.session.apply(plan(other, 5, 4), start + 1s);
  EXPECT_EQ(b.unprotect(a.protect(rtp(22)), false, start + 1s), rtp(22));
  a.session.apply(plan(other, 4, 5), start + 2s);
  const auto first = a.protect(rtp(23));
  EXPECT_EQ(b.unprotect(first, false, start + 2s), rtp(23));
  EXPECT_EQ(b.unprotect(late, false, start + 2s), rtp(20));
  EXPECT_TRUE(b.unprotect(late, false, start + 2s).empty());
  EXPECT_TRUE(b.unprotect(first, false, start + 2s).empty());
  EXPECT_TRUE(b.unprotect(too_late, false, start + 10s).empty());
  EXPECT_EQ(b.unprotect(a.protect(rtp(24)), false, start + 10s), rtp(24));
  EXPECT_EQ(b.session.counts().replayed, 2u);
  EXPECT_EQ(b.session.counts().forged, 1u);
}

TEST(SrtpRekey, BetweenSecuredAndPlain) {
  const auto suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  End a(plan(suite, 1, 2)), b(plan(suite, 2, 1));
  const auto before = a.protect(rtp(1)), late = a.protect(rtp(2));
  EXPECT_EQ(b.unprotect(before), rtp(1));
  b.session.apply(std::nullopt, start);
  EXPECT_EQ(b.unprotect(rtp(3)), rtp(3));
  EXPECT_EQ(b.unprotect(late), rtp(2));  // not as noise
  b.session.apply(plan(suite, 3, 4), start + 20s);
  EXPECT_TRUE(b.unprotect(rtp(4), false, start + 20s).empty());
  EXPECT_TRUE(b.unprotect(late, false, start + 20s).empty());
}

TEST(SrtpSources, ANewSsrcIsHeardAndCannotFillMemory) {
  const auto suite = SrtpSuite::aead_aes_128_gcm;
  const std::array keys{key(suite, 1)};
  const auto receiver = SrtpReceiver::create(suite, keys, true, 0);
  const auto sender = SrtpSender::create(suite, keys[0], true);
  ASSERT_TRUE(receiver && sender);
  for (std::uint32_t ssrc = 0; ssrc < 1000; ++ssrc) {
    auto packet = rtp(5, ssrc);
    packet.resize(1500);
    const auto size = sender->protect(packet, 172, false);
    ASSERT_TRUE(size);
    auto copy = packet;
    ASSERT_EQ(receiver->unprotect(std::span(packet).first(*size), false).verdict,
              SrtpReceiver::Verdict::authentic);
    EXPECT_EQ(receiver->unprotect(std::span(copy).first(*size), false).verdict,
              SrtpReceiver::Verdict::replayed);
    EXPECT_LE(receiver->sources(), 8u);
  }
  EXPECT_EQ(receiver->sources(), 8u);
}

// A forgotten source is really gone in the library: its packet is taken anew.
TEST(SrtpSources, TheOldestIsForgotten) {
  const auto suite = SrtpSuite::aead_aes_128_gcm;
  End a(plan(suite, 1, 2)), b(plan(suite, 2, 1));
  const auto first = a.protect(rtp(5, 1));
  EXPECT_FALSE(b.unprotect(first).empty());
  for (std::uint32_t ssrc = 2; ssrc <= 8; ++ssrc) EXPECT_FALSE(b.unprotect(a.protect(rtp(5, ssrc))).empty());
  EXPECT_TRUE(b.unprotect(first).empty());
  EXPECT_FALSE(b.unprotect(a.protect(rtp(5, 9))).empty());
  EXPECT_FALSE(b.unprotect(first).empty());
}

TEST_P(EachSuite, MasterKeyIdentifiers) {  // RFC 4568 §6.1
  auto ours = plan(GetParam(), 1, 2), theirs = plan(GetParam(), 2, 1);
  theirs.receive = {key(GetParam(), 7), key(GetParam(), 1)};
  theirs.receive[0].mki = 7;
  theirs.receive[1].mki = 0x010203;
  theirs.receive[0].mki_length = theirs.receive[1].mki_length = 4;
  ours.send.mki = 0x010203;
  ours.send.mki_length = 4;
  End a(ours), b(theirs);
  const auto sent = a.protect(rtp(1));
  ASSERT_EQ(sent.size(), 172 + 4 + tag_size(GetParam()));
  EXPECT_EQ(b.unprotect(sent), rtp(1));
  EXPECT_EQ(b.unprotect(a.protect(rtcp(), true), true), rtcp());
  ours.send.mki = 8;  // one that was not announced
  End c(ours);
  EXPECT_TRUE(b.unprotect(c.protect(rtp(2))).empty());
  EXPECT_EQ(b.session.counts().forged, 1u);
}

TEST(SrtpLifetime, AKeyThatIsUsedUpIsNoMore) {  // RFC 4568 §6.1
  const auto suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  auto theirs = plan(suite, 2, 1);
  theirs.receive[0].lifetime_packets = 4;
  End a(plan(suite, 1, 2)), b(theirs);
  for (std::uint16_t i = 0; i < 6; ++i) EXPECT_EQ(b.unprotect(a.protect(rtp(i))).empty(), i >= 4) << i;
  EXPECT_FALSE(b.unprotect(a.protect(rtcp(), true), true).empty());  // counted for itself
  EXPECT_EQ(b.session.counts().expired, 2u);
}

TEST(SrtpLifetime, AnAgeingKeyIsToldTwiceAndThenThatItIsUsedUp) {  // RFC 4568 §6.1
  using News = SrtpReceiver::KeyNews;
  const auto suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  for (const bool by_rtcp : {false, true}) {  // each counted for itself
    auto theirs = plan(suite, 2, 1);
    theirs.receive[0].lifetime_packets = 64;
    End a(plan(suite, 1, 2)), b(theirs);
    for (std::uint16_t i = 1; i <= 70; ++i) {
      b.unprotect(a.protect(by_rtcp ? rtcp() : rtp(i), by_rtcp), by_rtcp);
      const auto expected = i == 48 || i == 60 ? News::ages : i == 64 ? News::used_up : News::none;
      EXPECT_EQ(b.session.take_key_news(), expected) << i;
    }
  }
  End a(plan(suite, 1, 2)), b(plan(suite, 2, 1));  // RFC 3711 §9.2: 2^48 otherwise
  for (std::uint16_t i = 1; i <= 100; ++i) b.unprotect(a.protect(rtp(i)));
  EXPECT_EQ(b.session.take_key_news(), News::none);
}

TEST(SrtpSession, NothingLeavesWithoutProtection) {
  auto wrong = plan(SrtpSuite::aead_aes_128_gcm, 1, 2);
  wrong.suite = SrtpSuite::aes_cm_128_hmac_sha1_80;  // a key of 28 bytes where 30 are needed
  End a(wrong);
  EXPECT_TRUE(a.protect(rtp(1)).empty());
  EXPECT_TRUE(a.unprotect(rtp(1)).empty());
  End b(plan(SrtpSuite::aead_aes_128_gcm, 1, 2));
  auto full = rtp(1, 1, 1480);
  auto size = full.size();
  EXPECT_FALSE(b.session.protect(full, size, false));  // no room for the tag
  EXPECT_TRUE(b.protect(Bytes(7), true).empty());
  EXPECT_EQ(b.session.counts().unsent, 2u);
  End plain(std::nullopt);
  EXPECT_EQ(plain.protect(rtp(1)), rtp(1));
  EXPECT_EQ(plain.unprotect(rtp(1)), rtp(1));
}

}  // namespace
}  // namespace sidetone::rtp
