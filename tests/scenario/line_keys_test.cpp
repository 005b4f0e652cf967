// A peer that limits its SRTP key by a lifetime (RFC 4568 §6.1) is asked for another one in time, and heard
// for as long as the call lasts. Both ends are ours: a phone, and a session with its keys at the server's
// place.
#include <gmock/gmock.h>

#include "endpoint/media_session.h"
#include "phone_node.h"
#include "rtp/packet.h"
#include "rtp/srtp_session.h"

namespace sidetone::test {
namespace {

using namespace sip;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::uint64_t lifetime = 1 << 18;

class LineKeys : public ::testing::Test {
 protected:
  LineKeys() {
    far.set_transport({*IpAddress::parse("10.0.0.9"), 6000, 6001});
    far.allow_send(true);
    server.on_event = [this](const sip::Event& event) {
      if (const auto* offer = std::get_if<OfferReceived>(&event)) {
        const auto before = std::exchange(offered_key, key_in(offer->sdp));
        if (offered_key != before) ++renewals;  // others are session timers
        if (refuse != 0)
          EXPECT_TRUE(server.stack.refuse_offer(offer->session, {.status = refuse}, wire.now()));
        else
          EXPECT_TRUE(server.stack.answer_offer(offer->session, answer(offer->sdp), wire.now()));
      }
      if (const auto* invite = std::get_if<IncomingInvite>(&event)) {
        offered_key = key_in(invite->sdp);
        EXPECT_TRUE(server.stack.accept(invite->session, answer(invite->sdp), {}, wire.now()));
      }
    };
    phone.command(Dial{.target = "7002"});
    wire.run_for(200ms);
    EXPECT_EQ(phone.call().state, CallState::connected);
    follow();
  }

  static std::string key_in(const std::string& sdp) {
    const auto at = sdp.find("inline:");
    return sdp.substr(at, sdp.find("\r\n", at) - at);
  }

  // With a lifetime behind each key.
  std::string answer(const std::string& offer) {
    if (keeps_its_key && last_answer) return *last_answer;
    auto text = far.answer(offer);
    EXPECT_TRUE(text);
    const auto key = text->find("inline:");
    EXPECT_NE(key, std::string::npos);
    text->insert(text->find("\r\n", key), "|2^18");
    return *(last_answer = *text);
  }

  void follow() {
    ours.apply(phone.plan(phone.call().call).srtp, wire.now());
    theirs.apply(far.plan()->srtp, wire.now());
  }

  // One packet from `from` to `to`; false: it was not taken.
  bool say(rtp::SrtpSession& from, rtp::SrtpSession& to, std::uint32_t ssrc) {
    std::array<std::uint8_t, 100> room{};
    std::size_t size = rtp::header_size + 20;
    EXPECT_TRUE(rtp::write_header({false, 0, sequence, sequence * 480U, ssrc}, room));
    return from.protect(room, size, false) && to.unprotect(std::span(room).first(size), false, wire.now());
  }

  // What the phone's media says of the key, as the engine tells it.
  void tell_news() {
    using News = rtp::SrtpReceiver::KeyNews;
    const auto news = ours.take_key_news();
    if (news == News::none) return;
    if (news == News::ages)
      phone.core->media_key_ages(phone.call().call, wire.now());
    else
      phone.core->media_key_used_up(phone.call().call);
    phone.settle();
    wire.run_for(500ms);
    follow();
  }

  // Packets of 60 ms for so long.
  std::uint64_t talk(Duration length) {
    std::uint64_t lost = 0;
    for (const auto end = wire.now() + length; wire.now() < end; ++sequence) {
      wire.run_for(60ms);
      if (!say(theirs, ours, 0x9999) || !say(ours, theirs, 0x3333)) ++lost;
      tell_news();
    }
    return lost;
  }

  static endpoint::CoreSettings secured_line() {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.srtp.policy = SrtpPolicy::force;
    return settings;
  }
  endpoint::MediaSettings far_settings() {
    endpoint::MediaSettings settings;
    settings.enabled = *codec::parse_enabled("pcmu,pcma");
    settings.srtp.policy = SrtpPolicy::force;
    settings.random = &random;
    return settings;
  }

  Wire wire;
  SeededRandom random{23};
  endpoint::MediaSession far{far_settings()};
  Node& server = wire.add("server", "10.0.0.9:5060");
  int renewals = 0, refuse = 0;
  std::string offered_key;
  bool keeps_its_key = false;
  std::optional<std::string> last_answer;
  PhoneNode phone{wire, "phone", "10.0.0.3:5060", secured_line()};
  rtp::SrtpSession ours, theirs;
  std::uint16_t sequence = 65500;
};

TEST_F(LineKeys, ThirtyHoursWithLimitedKeysKeepDecoding) {
  EXPECT_EQ(phone.plan(phone.call().call).srtp->receive[0].lifetime_packets, lifetime);
  EXPECT_EQ(talk(30h), 0U);
  EXPECT_EQ(ours.counts().expired, 0U);
  EXPECT_EQ(ours.counts().forged + theirs.counts().forged, 0U);
  // 1.8 million packets, a new key each time that three quarters of 2^18 are used up.
  EXPECT_EQ(renewals, 9);
  EXPECT_TRUE(phone.all<Warning>().empty());
  EXPECT_EQ(phone.call().state, CallState::connected);
}

TEST_F(LineKeys, APeerThatKeepsItsKeyIsNotHeardBeyondItAndTheUserIsTold) {
  keeps_its_key = true;
  theirs.apply(far.plan()->srtp, wire.now());
  const auto near_the_end = 60ms * (lifetime - lifetime / 4 - 10);
  EXPECT_EQ(talk(near_the_end), 0U);
  EXPECT_EQ(renewals, 0);
  // The peer does not follow our new key either: only what it says is looked at.
  std::uint64_t lost = 0;
  for (std::uint64_t i = lifetime - lifetime / 4 - 10; i < lifetime + 20; ++i, ++sequence) {
    wire.run_for(60ms);
    if (!say(theirs, ours, 0x9999)) ++lost;
    tell_news();
  }
  EXPECT_EQ(renewals, 2) << "asked once, and once more when it gets late";
  const auto warnings = phone.all<Warning>();
  ASSERT_EQ(warnings.size(), 3U);
  EXPECT_THAT(warnings[0]->problem.text, HasSubstr("limits its SRTP key and keeps it"));
  EXPECT_THAT(warnings[2]->problem.text, HasSubstr("used up"));
  EXPECT_NEAR(static_cast<double>(lost), 20, 1);
  EXPECT_EQ(ours.counts().expired, lost);
}

TEST_F(LineKeys, ARefusedRenewalIsTriedAgainAndEndsNoCall) {
  for (const int status : {503, 488}) {
    SCOPED_TRACE(status);
    const auto before = renewals;
    refuse = status;
    phone.core->media_key_ages(phone.call().call, wire.now());
    phone.settle();
    wire.run_for(60s);
    EXPECT_EQ(renewals - before, status == 503 ? 5 : 1);
    EXPECT_EQ(phone.call().state, CallState::connected);
    const auto key = phone.plan(phone.call().call).srtp->send;
    refuse = 0;
    phone.core->media_key_ages(phone.call().call, wire.now());
    phone.settle();
    wire.run_for(1s);
    EXPECT_FALSE(phone.plan(phone.call().call).srtp->send == key);
  }
}

}  // namespace
}  // namespace sidetone::test
