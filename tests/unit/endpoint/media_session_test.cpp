#include <algorithm>

#include "endpoint/media_session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "sdp/session_description.h"

namespace sidetone::endpoint {
namespace {

using codec::AudioCodec;
using codec::AudioFormat;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

MediaSettings settings(std::string_view enabled = "opus,G722,pcmu,pcma") {
  MediaSettings settings;
  settings.enabled = *codec::parse_enabled(enabled);
  settings.session_id = 7;
  return settings;
}

MediaTransport at(std::string_view ip, std::uint16_t port) {
  return {*IpAddress::parse(ip), port, static_cast<std::uint16_t>(port + 1)};
}

// A session whose ports are open and whose user has consented.
struct Side {
  MediaSession session;
  explicit Side(MediaSettings s = settings(), std::uint16_t port = 40000) : session(std::move(s)) {
    session.set_transport(at("198.51.100.1", port));
    session.allow_send(true);
  }
  MediaSession* operator->() { return &session; }
};

std::string peer(std::string_view media, std::string_view connection = "IN IP4 192.0.2.20") {
  return fmt::format("v=0\r\no=bob 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc={}\r\nt=0 0\r\n{}", connection, media);
}
constexpr std::string_view pcmu = "m=audio 5000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

std::string line_of(const std::string& sdp, std::string_view start) {
  const auto begin = sdp.find(start);
  return begin == std::string::npos ? "" : sdp.substr(begin, sdp.find("\r\n", begin) - begin);
}
std::string direction_in(const std::string& sdp) {
  return std::string(sdp::to_string(*sdp::SessionDescription::parse(sdp)->media[0].direction));
}
std::uint64_t version_in(const std::string& sdp) {
  return sdp::SessionDescription::parse(sdp)->origin.version;
}
std::string way(const codec::MediaPlan& plan) {
  return fmt::format("{}{}", plan.send ? "send" : "", plan.receive ? "receive" : "");
}

TEST(MediaSession, OfferInTheVendorsOrderOfThings) {
  auto s = settings(
      "pcmu,pcma,G722,iLBC=(pt=102),iSAC/16000=(pt=103),iSAC/32000=(pt=104),g729=(fmtp=\"annexb=yes\"),"
      "opus/48000/2=(pt=120)");
  s.origin_user = "Agent";
  s.session_name = "Phone";
  Side side(s);
  const auto offer = side->make_offer();
  EXPECT_EQ(line_of(offer, "m="), "m=audio 40000 RTP/AVP 0 8 9 102 103 104 18 120 101 96 97 98");
  EXPECT_THAT(offer,
              HasSubstr("o=Agent 7 1 IN IP4 198.51.100.1\r\ns=Phone\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"));
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:9 G722/8000\r\n"));
  EXPECT_THAT(offer, HasSubstr("a=fmtp:18 annexb=yes\r\n"));
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"));
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:98 telephone-event/48000\r\n"));
  EXPECT_THAT(offer, Not(HasSubstr("ptime")));
  EXPECT_TRUE(side->offer_pending());
  EXPECT_FALSE(side->established());
  EXPECT_FALSE(side->plan());
}

TEST(MediaSession, EventsGiveWayToACodecWithTheirNumber) {
  Side side(settings("opus=(pt=101),pcmu"));
  const auto offer = side->make_offer();
  EXPECT_EQ(line_of(offer, "m="), "m=audio 40000 RTP/AVP 101 0 96 97");
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:96 telephone-event/8000\r\n"));
}

TEST(MediaSession, ThePlanAfterAnswering) {
  Side side;
  const auto answer = side->answer(
      peer("m=audio 5000 RTP/AVP 0 111 13 100 102\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 usedtx=1\r\n"
           "a=rtpmap:100 telephone-event/8000\r\na=rtpmap:102 telephone-event/48000\r\na=fmtp:102 0-11\r\n"
           "a=ptime:40\r\na=rtcp:5005 IN IP4 192.0.2.21\r\n"));
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(line_of(*answer, "m="), "m=audio 40000 RTP/AVP 111 102");
  EXPECT_TRUE(side->established());
  codec::MediaPlan expected;
  expected.send = expected.receive = true;
  expected.remote_rtp = *Address::parse("192.0.2.20:5000", 0);
  expected.remote_rtcp = *Address::parse("192.0.2.21:5005", 0);  // RFC 3605
  expected.send_format = {AudioCodec::opus, 111, "usedtx=1"};
  expected.receive_formats = {{AudioCodec::opus, 111, "useinbandfec=1"},
                              {AudioCodec::comfort_noise, 13, ""}};  // RFC 3389: the peer may send it
  expected.send_events = {AudioCodec::telephone_event, 102, "0-11", 48000};
  expected.receive_events = {AudioCodec::telephone_event, 102, "0-15", 48000};
  expected.ptime = milliseconds{40};
  EXPECT_EQ(side->plan(), expected);
}

TEST(MediaSession, SilenceIsLeftOutAsAgreed) {  // RFC 3389 §4; dtx_mode
  struct Row {
    const char *what, *enabled, *answer;
    bool wish;
    const char* our_line;
    std::optional<AudioFormat> noise;
    const char* fmtp;
  };
  const AudioFormat static_noise{AudioCodec::comfort_noise, 13, ""};
  const AudioFormat noise_16000{AudioCodec::comfort_noise, 98, "", 16000};
  for (const auto& row : {
           Row{"both", "pcmu,opus", "0 13", true, "0 120 13 101 96", static_noise, ""},
           Row{"not the peer", "pcmu,opus", "0", true, "0 120 13 101 96", {}, ""},
           Row{"not we", "pcmu,opus", "0 13", false, "0 120 101 96", {}, ""},
           Row{"13 first is no codec", "pcmu", "13 0", true, "0 13 101", static_noise, ""},
           Row{"G722's clock is 8000", "G722,pcmu", "9 13", true, "9 0 13 101", static_noise, ""},
           Row{"at the codec's clock", "iSAC/16000,pcmu", "103 13 98\r\na=rtpmap:98 CN/16000", true,
               "103 0 105 13 101 96", noise_16000, ""},
           Row{"only at another clock", "iSAC/16000,pcmu", "103 13", true, "103 0 105 13 101 96", {}, ""},
           Row{"G.729 has its own", "g729,pcmu", "18 13", true, "18 0 13 101", {}, ""},
           Row{"Opus has its own", "opus,pcmu", "120 13", true, "120 0 13 101 96", {}, "usedtx=1"},
           Row{"Opus, the peer would not",
               "opus,pcmu",
               "120\r\na=fmtp:120 usedtx=0",
               true,
               "120 0 13 101 96",
               {},
               "usedtx=0"},
           Row{"Opus, only the peer",
               "opus,pcmu",
               "120\r\na=fmtp:120 usedtx=1",
               false,
               "120 0 101 96",
               {},
               "usedtx=1"},
       }) {
    SCOPED_TRACE(row.what);
    auto s = settings(row.enabled);
    s.leave_out_silence = row.wish;
    Side side(s);
    EXPECT_EQ(line_of(side->make_offer(), "m="), fmt::format("m=audio 40000 RTP/AVP {}", row.our_line));
    const auto taken =
        side->take_answer(peer(fmt::format("m=audio 5000 RTP/AVP {}\r\na=rtpmap:120 opus/48000/2\r\n"
                                           "a=rtpmap:103 iSAC/16000\r\n",
                                           row.answer)));
    ASSERT_TRUE(taken) << describe(taken.error());
    EXPECT_EQ(side->plan()->send_noise, row.noise);
    EXPECT_EQ(side->plan()->send_format.fmtp, row.fmtp);
  }
}

TEST(MediaSession, OneAnswerSaysThatSilenceMayComeAndTheOtherUsesIt) {
  auto wish = settings("iSAC/32000,opus,pcmu");
  wish.leave_out_silence = true;
  Side a(wish), b(wish, 41000), c(settings("iSAC/32000"), 42000);
  const auto answer = b->answer(a->make_offer());
  ASSERT_TRUE(answer);
  EXPECT_EQ(line_of(*answer, "m="), "m=audio 41000 RTP/AVP 104 106 96");
  ASSERT_TRUE(a->take_answer(*answer));
  const AudioFormat noise{AudioCodec::comfort_noise, 106, "", 32000};
  EXPECT_EQ(a->plan()->send_noise, noise);
  EXPECT_EQ(b->plan()->send_noise, noise);
  EXPECT_THAT(b->plan()->receive_formats, testing::Contains(noise));
  const auto plain = c->answer(a->make_offer());
  ASSERT_TRUE(plain);
  EXPECT_THAT(line_of(*plain, "m="), Not(HasSubstr(" 106 "))) << "one codec and events, as ever";
  EXPECT_FALSE(c->plan()->send_noise);
}

TEST(MediaSession, ThePlanAfterOffering) {
  Side side;
  static_cast<void>(side->make_offer());
  const auto taken = side->take_answer(
      peer("m=audio 5000 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/8000\r\n"
           "a=maxptime:10\r\n"));
  ASSERT_TRUE(taken) << describe(taken.error());
  const auto plan = side->plan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(way(*plan), "sendreceive");
  EXPECT_EQ(plan->send_format,
            (AudioFormat{AudioCodec::opus, 96, ""}));  // RFC 3264 §5.1: the answer's number
  ASSERT_EQ(plan->receive_formats.size(), 4u);         // all that we announced, ours first
  EXPECT_EQ(plan->receive_formats[0], (AudioFormat{AudioCodec::opus, 120, "useinbandfec=1"}));
  EXPECT_EQ(plan->receive_formats[1].codec, AudioCodec::g722);
  EXPECT_EQ(plan->send_events, (AudioFormat{AudioCodec::telephone_event, 97, ""}));
  EXPECT_EQ(plan->receive_events, (AudioFormat{AudioCodec::telephone_event, 101, "0-15"}));
  EXPECT_EQ(plan->ptime, milliseconds{10});
}

TEST(MediaSession, TwoOfOursUnderstandEachOther) {
  for (const bool by_offer : {false, true}) {
    auto answering = settings("pcma,opus,g729");
    answering.answer_by_offer_order = by_offer;
    Side a(settings("opus,iLBC=(fmtp=\"mode=20\"),pcma")), b(answering, 41000);
    const auto answer = b->answer(a->make_offer());
    ASSERT_TRUE(answer) << describe(answer.error());
    ASSERT_TRUE(a->take_answer(*answer));
    const auto codec = by_offer ? AudioCodec::opus : AudioCodec::pcma;
    EXPECT_EQ(a->plan()->send_format.codec, codec);
    EXPECT_EQ(b->plan()->send_format.codec, codec);
    EXPECT_EQ(a->plan()->send_format.payload_type, b->plan()->receive_formats[0].payload_type);
    EXPECT_EQ(b->plan()->send_events->payload_type, a->plan()->receive_events->payload_type);
    EXPECT_EQ(a->plan()->remote_rtp.port, 41000);
    EXPECT_EQ(b->plan()->remote_rtcp.port, 40001);
  }
}

TEST(MediaSession, BothKeepToTheSlowerMode) {  // RFC 3952 §5
  Side a(settings("iLBC=(fmtp=\"mode=20\")")), b(settings("iLBC"), 41000);
  const auto answer = b->answer(a->make_offer());
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, HasSubstr("a=fmtp:102 mode=30\r\n"));
  ASSERT_TRUE(a->take_answer(*answer));
  EXPECT_EQ(a->plan()->send_format.fmtp, "mode=30");
  EXPECT_EQ(a->plan()->receive_formats[0].fmtp, "mode=30");
  EXPECT_EQ(a->plan()->ptime, milliseconds{30});
  EXPECT_EQ(b->plan()->ptime, milliseconds{30});
}

// Our intent x what the peer offers: what we answer, who is held, what flows.
TEST(MediaSession, HoldMatrixWhenThePeerOffers) {
  struct Row {
    const char* section;
    bool hold;
    const char *peer_direction, *connection;
    const char *answered, *flows;
    bool held_by_peer;
  };
  constexpr auto usual = "IN IP4 192.0.2.20", zero = "IN IP4 0.0.0.0";
  for (const auto& row : {
           Row{"RFC 3264 §6.1", false, "sendrecv", usual, "sendrecv", "sendreceive", false},
           Row{"RFC 3264 §6.1", false, "sendonly", usual, "recvonly", "receive", true},
           Row{"RFC 3264 §6.1", false, "recvonly", usual, "sendonly", "send", false},
           Row{"RFC 3264 §6.1", false, "inactive", usual, "inactive", "", true},
           Row{"RFC 3264 §8.4", false, "sendrecv", zero, "recvonly", "receive", true},
           Row{"RFC 3264 §8.4", false, "sendonly", zero, "recvonly", "receive", true},
           Row{"RFC 3264 §8.4", false, "inactive", zero, "inactive", "", true},
           Row{"RFC 6337 §5.3", true, "sendrecv", usual, "sendonly", "", false},
           Row{"RFC 6337 §5.3", true, "sendonly", usual, "inactive", "", true},
           Row{"RFC 6337 §5.3", true, "recvonly", usual, "sendonly", "", false},
           Row{"RFC 6337 §5.3", true, "inactive", usual, "inactive", "", true},
           Row{"RFC 6337 §5.4", true, "sendrecv", zero, "inactive", "", true},
       }) {
    SCOPED_TRACE(fmt::format("{} hold={} {} {}", row.section, row.hold, row.peer_direction, row.connection));
    Side side;
    ASSERT_TRUE(side->answer(peer(pcmu)));
    side->set_hold(row.hold);
    const auto answer =
        side->answer(peer(fmt::format("{}a={}\r\n", pcmu, row.peer_direction), row.connection));
    ASSERT_TRUE(answer);
    EXPECT_EQ(direction_in(*answer), row.answered);
    EXPECT_EQ(way(*side->plan()), row.flows);
    EXPECT_EQ(side->held_by_us(), row.hold);
    EXPECT_EQ(side->held_by_peer(), row.held_by_peer);
    // The peer resumes; our own hold stays, and so does our own wish to talk.
    const auto resumed = side->answer(peer(std::string(pcmu) + "a=sendrecv\r\n"));
    ASSERT_TRUE(resumed);
    EXPECT_EQ(direction_in(*resumed), row.hold ? "sendonly" : "sendrecv");
    EXPECT_FALSE(side->held_by_peer());
    EXPECT_EQ(way(*side->plan()), row.hold ? "" : "sendreceive");
  }
}

// Our intent x what the peer answers.
TEST(MediaSession, HoldMatrixWhenWeOffer) {
  struct Row {
    const char* section;
    bool hold;
    const char *offered, *answered, *connection, *flows;
    bool held_by_peer;
  };
  constexpr auto usual = "IN IP4 192.0.2.20", zero = "IN IP4 0.0.0.0";
  for (const auto& row : {
           Row{"RFC 3264 §6.1", false, "sendrecv", "sendrecv", usual, "sendreceive", false},
           Row{"RFC 3264 §6.1", false, "sendrecv", "sendonly", usual, "receive", true},
           Row{"RFC 3264 §6.1", false, "sendrecv", "recvonly", usual, "send", false},
           Row{"RFC 3264 §6.1", false, "sendrecv", "inactive", usual, "", true},
           Row{"black hole", false, "sendrecv", "sendrecv", zero, "receive", true},
           Row{"RFC 3264 §8.4", true, "sendonly", "recvonly", usual, "", false},
           Row{"RFC 6337 §5.3", true, "sendonly", "inactive", usual, "", true},
           Row{"a wrong answer", true, "sendonly", "sendrecv", usual, "", false},
           Row{"a wrong answer", true, "sendonly", "sendonly", usual, "", true},
       }) {
    SCOPED_TRACE(fmt::format("{} hold={} {} {}", row.section, row.hold, row.answered, row.connection));
    Side side;
    ASSERT_TRUE(side->answer(peer(pcmu)));
    side->set_hold(row.hold);
    EXPECT_EQ(direction_in(side->make_offer()), row.offered);
    EXPECT_FALSE(side->held_by_us());  // not yet a fact
    ASSERT_TRUE(side->take_answer(peer(fmt::format("{}a={}\r\n", pcmu, row.answered), row.connection)));
    EXPECT_EQ(side->held_by_us(), row.hold);
    EXPECT_EQ(side->held_by_peer(), row.held_by_peer);
    EXPECT_EQ(way(*side->plan()), row.flows);
  }
}

TEST(MediaSession, OffersOurWishAlsoWhileThePeerHolds) {  // RFC 6337 §5.3, "stuck on hold"
  Side side;
  ASSERT_TRUE(side->answer(peer(std::string(pcmu) + "a=inactive\r\n")));
  EXPECT_EQ(direction_in(side->make_offer()), "sendrecv");
  side->rollback();
  side->set_hold(true);
  EXPECT_EQ(direction_in(side->make_offer()), "sendonly");
}

TEST(MediaSession, HoldSilencesTheMicrophoneBeforeThePeerAgrees) {
  Side side;
  ASSERT_TRUE(side->answer(peer(pcmu)));
  side->set_hold(true);
  EXPECT_FALSE(side->plan()->send);
  EXPECT_TRUE(side->plan()->receive);  // a fact until the exchange
  side->set_hold(false);               // the agent changed her mind before anything was sent
  EXPECT_TRUE(side->plan()->send);
  side->set_hold(true);
  static_cast<void>(side->make_offer());
  ASSERT_TRUE(side->take_answer(peer(std::string(pcmu) + "a=recvonly\r\n")));
  side->set_hold(false);
  EXPECT_FALSE(side->plan()->send);  // the retrieve is not agreed yet
  EXPECT_TRUE(side->held_by_us());
}

TEST(MediaSession, NothingIsSentWithoutConsent) {
  Side side;
  side->allow_send(false);
  ASSERT_TRUE(side->answer(peer(pcmu)));
  EXPECT_EQ(way(*side->plan()), "receive");
  side->allow_send(true);
  EXPECT_EQ(way(*side->plan()), "sendreceive");
}

TEST(MediaSession, NothingIsSentWhereThePeerHasNoPlaceForIt) {
  struct Row {
    const char* why;
    std::string offer;
  };
  for (const auto& row : {
           Row{"c=0.0.0.0", peer(pcmu, "IN IP4 0.0.0.0")},
           Row{"a name that only the DNS knows", peer(pcmu, "IN IP4 phone.example.com")},
           Row{"b=AS:0", peer(std::string(pcmu) + "b=AS:0\r\n")},
           Row{"our own address", peer("m=audio 40000 RTP/AVP 0\r\n", "IN IP4 198.51.100.1")},
       }) {
    SCOPED_TRACE(row.why);
    Side side;
    ASSERT_TRUE(side->answer(row.offer));
    EXPECT_FALSE(side->plan()->send);
  }
}

TEST(MediaSession, VersionGrowsExactlyWhenTheDescriptionChanges) {  // RFC 3264 §8
  Side side;
  const auto first = side->answer(peer(pcmu));
  ASSERT_TRUE(first);
  EXPECT_EQ(version_in(*first), 1u);
  EXPECT_EQ(*side->answer(peer(pcmu)), *first);  // a refresh
  const auto full = side->make_offer();          // the delayed offer of third-party call control
  EXPECT_EQ(line_of(full, "m="), "m=audio 40000 RTP/AVP 120 9 0 8 101 96");
  EXPECT_EQ(version_in(full), 2u);
  side->rollback();
  EXPECT_EQ(side->make_offer(), full);
  ASSERT_TRUE(side->take_answer(peer(pcmu)));
  side->set_hold(true);
  EXPECT_EQ(version_in(side->make_offer()), 3u);
  side->rollback();  // refused: 3 has been seen, and must never mean anything else
  side->set_hold(false);
  const auto again = side->make_offer();
  EXPECT_EQ(version_in(again), 4u);
  EXPECT_THAT(again, HasSubstr("o=Sidetone 7 4 IN IP4 198.51.100.1\r\n"));  // id and user stay
}

TEST(MediaSession, NumbersKeepTheirMeaningForTheCall) {  // RFC 3264 §8.3.2
  Side side;
  ASSERT_TRUE(side->answer(peer(
      "m=audio 5000 RTP/AVP 96 120\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:120 telephone-event/48000\r\n")));
  const auto offer = side->make_offer();
  EXPECT_EQ(line_of(offer, "m="), "m=audio 40000 RTP/AVP 96 9 0 8 101 120");
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:96 opus/48000/2\r\n"));
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:120 telephone-event/48000\r\n"));
}

TEST(MediaSession, OfTwoNumbersForOneCodecTheAnsweredOneStays) {
  Side side;
  const auto answer = side->answer(
      peer("m=audio 5000 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:97 opus/48000/2\r\n"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(line_of(*answer, "m="), "m=audio 40000 RTP/AVP 96");
  EXPECT_THAT(line_of(side->make_offer(), "m="), HasSubstr("RTP/AVP 96 9 0 8"));
}

TEST(MediaSession, ANewPeerMayChangeTheMeaningOfNumbers) {
  Side side(settings("opus,ilbc"));
  ASSERT_TRUE(side->answer(peer("m=audio 5000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n")));
  EXPECT_EQ(side->plan()->send_format.codec, AudioCodec::opus);
  const auto answer = side->answer(peer("m=audio 6000 RTP/AVP 96\r\na=rtpmap:96 iLBC/8000\r\n"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(side->plan()->send_format, (AudioFormat{AudioCodec::ilbc, 96, ""}));
  EXPECT_EQ(side->plan()->remote_rtp.port, 6000);
  const auto offer = side->make_offer();
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:96 iLBC/8000\r\n"));
  EXPECT_THAT(offer, HasSubstr("a=rtpmap:120 opus/48000/2\r\n"));
}

TEST(MediaSession, LinesAreNeverForgotten) {  // RFC 3264 §8
  Side side;
  ASSERT_TRUE(
      side->answer(peer("m=video 6000 RTP/AVP 31\r\n" + std::string(pcmu) + "m=image 6004 udptl t38\r\n")));
  auto offer = *sdp::SessionDescription::parse(side->make_offer());
  ASSERT_EQ(offer.media.size(), 3u);
  EXPECT_EQ(offer.media[0].port, 0);
  EXPECT_EQ(offer.media[1].port, 40000);
  EXPECT_EQ(offer.media[2].formats, std::vector<std::string>{"t38"});
  side->rollback();
  // A third party brings a peer with fewer lines: the answer follows, our next offer still has all.
  ASSERT_TRUE(side->answer(peer(pcmu)));
  offer = *sdp::SessionDescription::parse(side->make_offer());
  ASSERT_EQ(offer.media.size(), 3u);
  EXPECT_EQ(offer.media[0].port, 40000);
  EXPECT_EQ(offer.media[1].port, 0);
  ASSERT_TRUE(side->take_answer(peer(std::string(pcmu) + "m=audio 0 RTP/AVP 0\r\nm=image 0 udptl t38\r\n")));
}

TEST(MediaSession, AudioMayGoAndComeBack) {  // RFC 3264 §8.1, §8.2
  Side side;
  ASSERT_TRUE(side->answer(peer(pcmu)));
  const auto gone = side->answer(peer("m=audio 0 RTP/AVP 0\r\n"));
  ASSERT_TRUE(gone) << describe(gone.error());
  EXPECT_EQ(line_of(*gone, "m="), "m=audio 0 RTP/AVP 0");
  ASSERT_TRUE(side->plan());  // said, not left to silence: media must stop
  EXPECT_EQ(way(*side->plan()), "");
  const auto offer = side->make_offer();
  EXPECT_EQ(line_of(offer, "m="), "m=audio 40000 RTP/AVP 120 9 0 8 101 96");  // the slot again
  ASSERT_TRUE(side->take_answer(peer(pcmu)));
  EXPECT_EQ(way(*side->plan()), "sendreceive");
  static_cast<void>(side->make_offer());
  ASSERT_TRUE(side->take_answer(peer("m=audio 0 RTP/AVP 0\r\n")));  // refused in a re-offer
  EXPECT_EQ(way(*side->plan()), "");
}

TEST(MediaSession, ACallMayBeginWithoutMedia) {  // RFC 3725 §4.4
  Side side;
  const auto answer = side->answer(peer(""));
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(answer->find("m="), std::string::npos);
  EXPECT_TRUE(side->established());
  EXPECT_FALSE(side->plan());
  ASSERT_TRUE(side->answer(peer(pcmu)));
  EXPECT_EQ(way(*side->plan()), "sendreceive");
}

TEST(MediaSession, OffersThatAreRefusedLeaveTheCallAlone) {
  struct Row {
    const char* section;
    std::string offer;
    Fault fault;
  };
  for (const auto& row : {
           Row{"RFC 3264 §6: 488", peer("m=audio 5000 RTP/AVP 3\r\n"), Fault::unsupported},
           Row{"488", peer("m=audio 5000 RTP/SAVP 0\r\n"), Fault::unsupported},
           Row{"488", peer("m=video 5000 RTP/AVP 31\r\n"), Fault::unsupported},
           Row{"400", "v=0\r\n", Fault::syntax},
           Row{"400", "", Fault::syntax},
           Row{"400", "hello", Fault::syntax},
       }) {
    SCOPED_TRACE(row.section);
    Side side;
    const auto before = *side->answer(peer(pcmu));
    const auto plan = side->plan();
    EXPECT_EQ(side->answer(row.offer).error().fault, row.fault);
    EXPECT_EQ(side->plan(), plan);
    EXPECT_EQ(*side->answer(peer(pcmu)), before);  // the version, too
  }
}

TEST(MediaSession, FirstOffersAreCheckedBeforeThereIsATransport) {
  const auto v4 = at("192.0.2.1", 0).ip, v6 = at("2001:db8::1", 0).ip;
  struct Row {
    const char* section;
    std::string offer;
    IpAddress ip;
    std::optional<Fault> fault;
  };
  for (const auto& row : {
           Row{"IPv4 to IPv4", peer(pcmu), v4, {}},
           Row{"IPv6 to IPv6", peer(pcmu, "IN IP6 2001:db8::9"), v6, {}},
           Row{"RFC 3264 §6: 488", peer("m=audio 5000 RTP/AVP 3\r\n"), v4, Fault::unsupported},
           Row{"488", peer("m=audio 5000 RTP/SAVP 0\r\n"), v4, Fault::unsupported},
           Row{"488", peer("m=video 5000 RTP/AVP 31\r\n"), v4, Fault::unsupported},
           Row{"IPv6 to IPv4", peer(pcmu, "IN IP6 2001:db8::9"), v4, Fault::unsupported},
           Row{"IPv4 to IPv6", peer(pcmu), v6, Fault::unsupported},
           Row{"RFC 3264 §5.1: off", peer("m=audio 0 RTP/AVP 0\r\n"), v4, Fault::unsupported},
           Row{"all of them", peer("m=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\n"), v4,
               Fault::unsupported},
           Row{"one of them", peer("m=video 0 RTP/AVP 31\r\nm=audio 5000 RTP/AVP 0\r\n"), v4, {}},
           Row{"RFC 3725 §4.4: none yet", peer(""), v4, {}},
           Row{"RFC 3264 §8.4: held", peer(pcmu, "IN IP4 0.0.0.0"), v4, {}},
           Row{"400", "hello", v4, Fault::syntax},
       }) {
    SCOPED_TRACE(row.section);
    MediaSession session(settings());
    const auto checked = session.check_first_offer(row.offer, row.ip);
    EXPECT_EQ(checked.has_value(), !row.fault);
    if (row.fault && !checked) EXPECT_EQ(checked.error().fault, *row.fault);
    EXPECT_FALSE(session.established());
    session.set_transport({row.ip, 40000, 40001});  // nothing was changed
    EXPECT_THAT(session.make_offer(), HasSubstr(row.ip.is_v4() ? "IP4 192.0.2.1" : "IP6 2001:db8::1"));
  }
}

TEST(MediaSession, GlareIsSeen) {
  Side side;
  static_cast<void>(side->make_offer());
  EXPECT_EQ(side->answer(peer(pcmu)).error().fault, Fault::state);
  side->rollback();
  EXPECT_TRUE(side->answer(peer(pcmu)));
  EXPECT_EQ(side->take_answer(peer(pcmu)).error().fault, Fault::state);  // none is pending
}

TEST(MediaSession, EarlyBranches) {
  Side side;
  ASSERT_NE(side->make_offer(), "");
  ASSERT_TRUE(side->take_early_answer(1, peer(pcmu)));
  EXPECT_TRUE(side->offer_pending());
  EXPECT_FALSE(side->established());
  EXPECT_EQ(side->plan()->remote_rtp.port, 5000);
  ASSERT_TRUE(side->take_early_answer(2, peer("m=audio 6000 RTP/AVP 8\r\n")));
  EXPECT_EQ(side->plan()->send_format.codec, AudioCodec::pcma);  // the latest
  ASSERT_TRUE(side->take_early_answer(1, peer("m=audio 5002 RTP/AVP 0\r\n")));
  EXPECT_EQ(side->plan()->remote_rtp.port, 5002);
  EXPECT_FALSE(
      side->take_early_answer(3, peer("m=audio 5002 RTP/AVP 3\r\n")));  // unusable: as if it never came
  EXPECT_EQ(side->plan()->remote_rtp.port, 5002);
  ASSERT_TRUE(side->commit_branch(2));
  EXPECT_TRUE(side->established());
  EXPECT_FALSE(side->offer_pending());
  EXPECT_EQ(side->plan()->remote_rtp.port, 6000);
}

TEST(MediaSession, A2xxWithoutAnyDescriptionIsAFault) {
  Side side;
  static_cast<void>(side->make_offer());
  ASSERT_TRUE(side->take_early_answer(1, peer(pcmu)));
  EXPECT_EQ(side->commit_branch(9).error().fault, Fault::state);
  EXPECT_FALSE(side->established());
  EXPECT_FALSE(side->offer_pending());
  EXPECT_FALSE(side->plan());
}

TEST(MediaSession, TheNumberOfBranchesIsBounded) {
  Side side;
  static_cast<void>(side->make_offer());
  for (std::uint64_t branch = 0; branch < 16; ++branch)
    ASSERT_TRUE(side->take_early_answer(branch, peer(pcmu)));
  EXPECT_EQ(side->take_early_answer(16, peer(pcmu)).error().fault, Fault::limit);
  EXPECT_TRUE(side->take_early_answer(3, peer(pcmu)));
}

TEST(MediaSession, ARolledBackOfferLeavesWhatWasInForce) {  // 491, 488 (RFC 6337 §3.4)
  Side side;
  ASSERT_TRUE(side->answer(peer(pcmu)));
  const auto plan = side->plan();
  static_cast<void>(side->make_offer());
  ASSERT_TRUE(side->take_early_answer(1, peer("m=audio 7000 RTP/AVP 8\r\n")));
  EXPECT_EQ(side->plan(), plan);  // a provisional answer to a re-offer is not in force
  side->rollback();
  EXPECT_FALSE(side->offer_pending());
  EXPECT_EQ(side->plan(), plan);
}

TEST(MediaSession, AnswersOfThirdPartyCallControl) {
  {  // the other leg failed: our own offer comes back
    Side side;
    const auto offer = side->make_offer();
    ASSERT_TRUE(side->take_answer(offer));
    EXPECT_FALSE(side->plan()->send);
  }
  {  // the other leg was silent: a black hole
    Side side;
    static_cast<void>(side->make_offer());
    ASSERT_TRUE(side->take_answer(
        peer("m=audio 9 RTP/AVP 101 8 0 4 18 3\r\na=rtpmap:101 telephone-event/8000\r\n", "IN IP4 0.0.0.0")));
    EXPECT_FALSE(side->plan()->send);
    EXPECT_EQ(side->plan()->send_format.codec, AudioCodec::pcma);
    EXPECT_TRUE(side->held_by_peer());
  }
  for (const auto* bad : {"m=audio 9 RTP/AVP 3\r\n", "m=audio 0 RTP/AVP 0\r\n", ""}) {
    Side side;
    static_cast<void>(side->make_offer());
    EXPECT_FALSE(side->take_answer(peer(bad)));
    EXPECT_FALSE(side->established());
    EXPECT_FALSE(side->offer_pending());
  }
}

TEST(MediaSession, SharedPortsStaySharedInOurOffers) {  // RFC 5761 §5.1.1
  Side side;
  EXPECT_THAT(side->make_offer(), Not(HasSubstr("rtcp-mux")));
  side->rollback();
  ASSERT_TRUE(side->answer(peer(std::string(pcmu) + "a=rtcp-mux\r\n")));
  EXPECT_TRUE(side->plan()->rtcp_mux);
  EXPECT_EQ(side->plan()->remote_rtcp, side->plan()->remote_rtp);
  EXPECT_THAT(side->make_offer(), HasSubstr("a=rtcp-mux\r\n"));
  ASSERT_TRUE(side->take_answer(peer(pcmu)));
  EXPECT_FALSE(side->plan()->rtcp_mux);
  EXPECT_EQ(side->plan()->remote_rtcp.port, 5001);
}

// Any order of events, any bytes: facts stay consistent and the microphone obeys.
TEST(MediaSessionRobust, RandomLives) {
  SeededRandom random(11);
  const std::vector<std::string> descriptions{
      peer(pcmu),
      peer(std::string(pcmu) + "a=sendonly\r\n"),
      peer(pcmu, "IN IP4 0.0.0.0"),
      peer("m=video 6000 RTP/AVP 31\r\n" + std::string(pcmu)),
      peer("m=audio 0 RTP/AVP 0\r\n"),
      peer("m=audio 5000 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\n"),
      peer("m=audio 5000 RTP/AVP 120\r\na=rtpmap:120 iLBC/8000\r\na=rtcp-mux\r\n"),
      peer("")};
  for (int life = 0; life < 300; ++life) {
    Side side;
    bool hold = false, allowed = true;
    std::uint64_t version = 0;
    std::size_t lines = 0;
    for (int step = 0; step < 40; ++step) {
      auto text = descriptions[random.below(descriptions.size())];
      if (random.chance(0.2)) text[random.below(text.size())] = static_cast<char>(random.below(256));
      std::optional<std::string> ours;
      switch (random.below(8)) {
        case 0: side->set_hold(hold = !hold); break;
        case 1: side->allow_send(allowed = !allowed); break;
        case 2: side->rollback(); break;
        case 3: {
          ours = side->make_offer();
          const auto count = sdp::SessionDescription::parse(*ours)->media.size();
          EXPECT_GE(count, lines);
          break;
        }
        case 4: static_cast<void>(side->take_early_answer(random.below(3), text)); break;
        case 5: static_cast<void>(side->take_answer(text)); break;
        case 6: static_cast<void>(side->commit_branch(random.below(3))); break;
        default:
          if (auto answer = side->answer(text)) {
            ours = *answer;
            lines = std::max(lines, sdp::SessionDescription::parse(*ours)->media.size());
          }
      }
      if (ours) {
        const auto now = version_in(*ours);
        EXPECT_TRUE(now == version || now == version + 1);
        version = now;
      }
      const auto plan = side->plan();
      if (plan && (hold || !allowed || side->held_by_us() || side->held_by_peer())) EXPECT_FALSE(plan->send);
      if (plan && plan->send) EXPECT_FALSE(plan->remote_rtp.ip.is_unspecified());
    }
  }
}

}  // namespace
}  // namespace sidetone::endpoint
