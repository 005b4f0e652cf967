#include "sdp/negotiate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "sdp/payload_numbers.h"

namespace sidetone::sdp {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

LocalAudio local() {
  LocalAudio local;
  local.ip = *IpAddress::parse("198.51.100.1");
  local.rtp_port = 40000;
  local.rtcp_port = 40001;
  local.codecs = {{120, "opus", 48000, 2, "useinbandfec=1"},
                  {9, "G722", 8000, 1, ""},
                  {0, "PCMU", 8000, 1, ""},
                  {8, "PCMA", 8000, 1, ""}};
  local.events = {{101, "telephone-event", 8000, 1, "0-15"}, {96, "telephone-event", 48000, 1, "0-15"}};
  return local;
}

std::string text(std::string_view lines) {
  std::string out = "v=0\no=bob 1 1 IN IP4 192.0.2.20\ns=-\nc=IN IP4 192.0.2.20\nt=0 0\n";
  out += lines;
  return out;
}
SessionDescription parsed(std::string_view lines) {
  auto sdp = SessionDescription::parse(text(lines));
  EXPECT_TRUE(sdp) << (sdp ? "" : describe(sdp.error()));
  return sdp.value_or(SessionDescription{});
}
// What an answer or offer says from its first m-line on.
std::string media_text(const SessionDescription& sdp) {
  const auto all = sdp.write();
  const auto at = all.find("m=");
  return at == std::string::npos ? "" : all.substr(at);
}

TEST(Answer, ChoosesOneCodecAndItsEvents) {
  struct Row {
    const char* section;
    const char* offer;
    bool by_offer_order;
    const char* answer;
  };
  for (const auto& row : {
           Row{"RFC 4317 §2.1: the common codec, static numbers without rtpmap",
               "m=audio 5000 RTP/AVP 18 8 0\n", false,
               "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"},
           Row{"answer_sdp_priority=offer", "m=audio 5000 RTP/AVP 18 8 0\n", true,
               "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"},
           Row{"RFC 3264 §6.1: the offer's number, our own parameters",
               "m=audio 5000 RTP/AVP 0 111\na=rtpmap:111 OPUS/48000/2\na=fmtp:111 stereo=1\n", false,
               "m=audio 40000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"
               "a=sendrecv\r\n"},
           Row{"RFC 4733 §2.4: events with the codec's clock",
               "m=audio 5000 RTP/AVP 0 111 100 102\na=rtpmap:111 opus/48000/2\n"
               "a=rtpmap:100 telephone-event/8000\na=rtpmap:102 telephone-event/48000\n",
               false,
               "m=audio 40000 RTP/AVP 111 102\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"
               "a=rtpmap:102 telephone-event/48000\r\na=fmtp:102 0-15\r\na=sendrecv\r\n"},
           Row{"events at 8000 where there are no others",
               "m=audio 5000 RTP/AVP 111 100\na=rtpmap:111 opus/48000/2\n"
               "a=rtpmap:100 telephone-event/8000\n",
               false,
               "m=audio 40000 RTP/AVP 111 100\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"
               "a=rtpmap:100 telephone-event/8000\r\na=fmtp:100 0-15\r\na=sendrecv\r\n"},
           Row{"no events at a clock that is neither the codec's nor 8000",
               "m=audio 5000 RTP/AVP 0 102\na=rtpmap:102 telephone-event/48000\n", false,
               "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"},
           Row{"comfort noise is taken silently", "m=audio 5000 RTP/AVP 0 13\n", false,
               "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"},
           Row{"RFC 3551 §4.5.2: G722's clock, also written wrong",
               "m=audio 5000 RTP/AVP 9 0\na=rtpmap:9 G722/16000\n", false,
               "m=audio 40000 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\na=sendrecv\r\n"},
           Row{"opus without its channels", "m=audio 5000 RTP/AVP 96\na=rtpmap:96 opus/48000\n", false,
               "m=audio 40000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
               "a=sendrecv\r\n"},
           Row{"stereo PCMU is another encoding", "m=audio 5000 RTP/AVP 97 8\na=rtpmap:97 PCMU/8000/2\n",
               false, "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"},
           Row{"a number that the offer gives another meaning",
               "m=audio 5000 RTP/AVP 120 8\na=rtpmap:120 speex/8000\n", false,
               "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"},
           Row{"a dynamic number without rtpmap means nothing", "m=audio 5000 RTP/AVP 120 0\n", false,
               "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"},
           Row{"RTP/AVPF is answered in kind", "m=audio 5000 RTP/AVPF 0\n", false,
               "m=audio 40000 RTP/AVPF 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"},
           Row{"RFC 5761 §5.1.1", "m=audio 5000 RTP/AVP 0\na=rtcp-mux\n", false,
               "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=rtcp-mux\r\na=sendrecv\r\n"},
           Row{"RFC 5761 §4: 64 to 95 do not share a port",
               "m=audio 5000 RTP/AVP 72\na=rtpmap:72 PCMU/8000\na=rtcp-mux\n", false,
               "m=audio 40000 RTP/AVP 72\r\na=rtpmap:72 PCMU/8000\r\na=sendrecv\r\n"},
       }) {
    SCOPED_TRACE(row.section);
    auto audio = local();
    audio.by_offer_order = row.by_offer_order;
    const auto answer = make_answer(parsed(row.offer), audio);
    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_EQ(media_text(answer->description), row.answer);
  }
}

TEST(Answer, KeepsOrderAndCountOfLines) {
  struct Row {
    const char* section;
    const char* offer;
    const char* answer;  // the m-lines only
  };
  for (const auto& row : {
           Row{"RFC 3264 §6: video refused with its formats",
               "m=video 51372 RTP/AVP 31 34\nm=audio 5000 RTP/AVP 0\n",
               "m=video 0 RTP/AVP 31 34|m=audio 40000 RTP/AVP 0|"},
           Row{"RFC 3264 §10.1: the second audio line is refused",
               "m=audio 5000 RTP/AVP 0\nm=audio 5002 RTP/AVP 8\n",
               "m=audio 40000 RTP/AVP 0|m=audio 0 RTP/AVP 8|"},
           Row{"RFC 3264 §8.2: port 0 is answered with port 0",
               "m=audio 0 RTP/AVP 0\nm=audio 5002 RTP/AVP 8\n",
               "m=audio 0 RTP/AVP 0|m=audio 40000 RTP/AVP 8|"},
           Row{"nothing left", "m=audio 0 RTP/AVP 0\n", "m=audio 0 RTP/AVP 0|"},
           Row{"RFC 3264 §6: no lines, none", "", ""},
           Row{"SAVP is refused beside AVP", "m=audio 5000 RTP/SAVP 0\nm=audio 5002 RTP/AVP 0\n",
               "m=audio 0 RTP/SAVP 0|m=audio 40000 RTP/AVP 0|"},
           Row{"what nobody knows",
               "m=x-smell 9 a/b/c 1 two *\nm=application 9 UDP/BFCP *\nm=message 7 TCP/MSRP *\n"
               "m=audio 5000 RTP/AVP 0\n",
               "m=x-smell 0 a/b/c 1 two *|m=application 0 UDP/BFCP *|m=message 0 TCP/MSRP *|"
               "m=audio 40000 RTP/AVP 0|"},
           Row{"multicast is not for us (RFC 3264 §6.2)",
               "m=audio 5000 RTP/AVP 0\nc=IN IP4 224.2.1.1/127\nm=audio 5002 RTP/AVP 0\n",
               "m=audio 0 RTP/AVP 0|m=audio 40000 RTP/AVP 0|"},
           Row{"nor is another family",
               "m=audio 5000 RTP/AVP 0\nc=IN IP6 2001:db8::1\nm=audio 5002 RTP/AVP 0\n",
               "m=audio 0 RTP/AVP 0|m=audio 40000 RTP/AVP 0|"},
       }) {
    SCOPED_TRACE(row.section);
    const auto answer = make_answer(parsed(row.offer), local());
    ASSERT_TRUE(answer) << describe(answer.error());
    std::string lines;
    for (const auto& media : answer->description.media) {
      lines += fmt::format("m={} {} {}", media.kind, media.port, media.protocol);
      for (const auto& format : media.formats) lines += " " + format;
      lines += "|";
      if (media.port == 0) EXPECT_TRUE(media.attributes.empty());
    }
    EXPECT_EQ(lines, row.answer);
  }
}

TEST(Answer, PrefersTheLineInUse) {
  const auto offer = parsed("m=audio 5000 RTP/AVP 0\nm=audio 5002 RTP/AVP 8\n");
  EXPECT_EQ(make_answer(offer, local(), 1)->audio->line, 1u);
  EXPECT_EQ(make_answer(offer, local(), 7)->audio->line, 0u);
  const auto moved = parsed("m=audio 5000 RTP/AVP 0\nm=audio 0 RTP/AVP 8\n");
  EXPECT_EQ(make_answer(moved, local(), 1)->audio->line, 0u);
}

TEST(Answer, RefusesWhatHasNothingInCommon) {
  struct Row {
    const char* section;
    const char* offer;
    Fault fault;
  };
  for (const auto& row : {
           Row{"RFC 3264 §6.1", "m=audio 5000 RTP/AVP 18 3\n", Fault::unsupported},
           Row{"RFC 3264 §6.1", "m=video 5000 RTP/AVP 31\n", Fault::unsupported},
           Row{"only SAVP", "m=audio 5000 RTP/SAVP 0\n", Fault::unsupported},
           Row{"only WebRTC", "m=audio 5000 UDP/TLS/RTP/SAVPF 0\n", Fault::unsupported},
           Row{"only events", "m=audio 5000 RTP/AVP 101\na=rtpmap:101 telephone-event/8000\n",
               Fault::unsupported},
       }) {
    SCOPED_TRACE(row.offer);
    const auto answer = make_answer(parsed(row.offer), local());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, row.fault);
  }
  auto nowhere = parsed("m=audio 5000 RTP/AVP 0\n");
  nowhere.connection.reset();
  EXPECT_EQ(make_answer(nowhere, local()).error().fault, Fault::syntax);  // RFC 8866 §5.7
}

TEST(Answer, TimeIsThatOfTheOffer) {  // RFC 3264 §6
  auto offer = parsed("m=audio 5000 RTP/AVP 0\n");
  offer.other_lines = {{'i', "x"}, {'t', "2873397496 2873404696"}};
  const auto answer = make_answer(offer, local());
  EXPECT_THAT(answer->description.write(), HasSubstr("t=2873397496 2873404696\r\n"));
  EXPECT_THAT(answer->description.write(), Not(HasSubstr("i=x")));
}

TEST(Answer, DirectionRules) {
  struct Row {
    const char* section;
    const char* offered;
    Direction wanted;
    Direction answered;
  };
  using D = Direction;
  for (const auto& row : {
           Row{"RFC 3264 §6.1", "", D::sendrecv, D::sendrecv},
           Row{"RFC 3264 §6.1", "a=sendonly\n", D::sendrecv, D::recvonly},
           Row{"RFC 3264 §6.1", "a=recvonly\n", D::sendrecv, D::sendonly},
           Row{"RFC 3264 §6.1", "a=inactive\n", D::sendrecv, D::inactive},
           Row{"RFC 6337 §5.3", "a=sendrecv\n", D::sendonly, D::sendonly},
           Row{"RFC 6337 §5.3", "a=sendonly\n", D::sendonly, D::inactive},
           Row{"RFC 6337 §5.3", "a=recvonly\n", D::sendonly, D::sendonly},
           Row{"RFC 6337 §5.3", "a=inactive\n", D::sendonly, D::inactive},
           Row{"RFC 3264 §8.4: the hold of RFC 2543", "c=IN IP4 0.0.0.0\n", D::sendrecv, D::recvonly},
           Row{"RFC 3264 §8.4", "c=IN IP4 0.0.0.0\na=recvonly\n", D::sendrecv, D::inactive},
           Row{"RFC 3264 §8.4", "c=IN IP6 ::\n", D::sendrecv, D::recvonly},
           Row{"RFC 3264 §8.4", "c=IN IP4 0.0.0.0\n", D::sendonly, D::inactive},
       }) {
    SCOPED_TRACE(fmt::format("{} {}", row.section, row.offered));
    auto audio = local();
    audio.direction = row.wanted;
    const auto answer = make_answer(parsed(std::string("m=audio 5000 RTP/AVP 0\n") + row.offered), audio);
    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_EQ(answer->description.media[0].direction, row.answered);
    EXPECT_EQ(answer->audio->local, row.answered);
  }
  auto session_level = parsed("m=audio 5000 RTP/AVP 0\n");
  session_level.direction = D::sendonly;
  EXPECT_EQ(make_answer(session_level, local())->audio->local, D::recvonly);
}

TEST(RemoteAudio, AddressesAndTimes) {
  struct Row {
    const char* section;
    const char* media;
    const char *rtp, *rtcp;
    int ptime, maxptime;
    bool no_bandwidth;
  };
  for (const auto& row : {
           Row{"RFC 3550 §11", "", "192.0.2.20:5000", "192.0.2.20:5001", 0, 0, false},
           Row{"media's own c=", "c=IN IP4 192.0.2.9\n", "192.0.2.9:5000", "192.0.2.9:5001", 0, 0, false},
           Row{"RFC 3605 §2.1", "a=rtcp:53020\n", "192.0.2.20:5000", "192.0.2.20:53020", 0, 0, false},
           Row{"RFC 3605 §2.1", "a=rtcp:53020 IN IP4 192.0.2.7\n", "192.0.2.20:5000", "192.0.2.7:53020", 0, 0,
               false},
           Row{"RFC 3605 unreadable", "a=rtcp:x\n", "192.0.2.20:5000", "192.0.2.20:5001", 0, 0, false},
           Row{"RFC 8866 §6.4", "a=ptime:30\na=maxptime:40\n", "192.0.2.20:5000", "192.0.2.20:5001", 30, 40,
               false},
           Row{"ptime with a fraction", "a=ptime:20.0\n", "192.0.2.20:5000", "192.0.2.20:5001", 20, 0, false},
           Row{"RFC 3264 §5.1: not zero", "a=ptime:0\na=maxptime:x\n", "192.0.2.20:5000", "192.0.2.20:5001",
               0, 0, false},
           Row{"RFC 3264 §5.1: b=0", "b=AS:0\n", "192.0.2.20:5000", "192.0.2.20:5001", 0, 0, true},
           Row{"a name", "c=IN IP4 phone.example.com\n", "0.0.0.0:0", "0.0.0.0:1", 0, 0, false},
       }) {
    SCOPED_TRACE(row.section);
    const auto sdp = parsed(std::string("m=audio 5000 RTP/AVP 0\n") + row.media);
    const auto remote = remote_audio(sdp, sdp.media[0]);
    ASSERT_TRUE(remote);
    EXPECT_EQ(remote->rtp.to_string(), row.rtp);
    EXPECT_EQ(remote->rtcp.to_string(), row.rtcp);
    EXPECT_EQ(remote->ptime, row.ptime ? std::optional(milliseconds{row.ptime}) : std::nullopt);
    EXPECT_EQ(remote->maxptime, row.maxptime ? std::optional(milliseconds{row.maxptime}) : std::nullopt);
    EXPECT_EQ(remote->no_bandwidth, row.no_bandwidth);
    EXPECT_FALSE(remote->nowhere);
  }
}

TEST(Offer, HoldsAllCodecsAndEvents) {
  auto audio = local();
  audio.rtcp_port = 40003;
  audio.ptime = milliseconds{40};
  EXPECT_EQ(media_text(make_offer(audio, {}, 0)),
            "m=audio 40000 RTP/AVP 120 9 0 8 101 96\r\n"
            "a=rtpmap:120 opus/48000/2\r\na=fmtp:120 useinbandfec=1\r\n"
            "a=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
            "a=rtpmap:96 telephone-event/48000\r\na=fmtp:96 0-15\r\n"
            "a=rtcp:40003\r\na=ptime:40\r\na=sendrecv\r\n");
}

TEST(Offer, KeepsTheSlots) {  // RFC 3264 §8
  const auto before = parsed("m=video 0 RTP/AVP 31\nm=audio 5000 RTP/AVPF 0\nm=image 0 udptl t38\n");
  const auto offer = make_offer(local(), before.media, 1);
  ASSERT_EQ(offer.media.size(), 3u);
  EXPECT_EQ(offer.media[0].kind, "video");
  EXPECT_EQ(offer.media[0].port, 0);
  EXPECT_EQ(offer.media[1].protocol, "RTP/AVPF");
  EXPECT_EQ(offer.media[1].port, 40000);
  EXPECT_EQ(offer.media[2].formats, std::vector<std::string>{"t38"});
  EXPECT_EQ(make_offer(local(), before.media, 3).media.size(), 4u);
  EXPECT_EQ(make_offer(local(), before.media, 0).media[0].kind, "audio");  // §8.1: reuse
}

TEST(MatchAnswer, TakesTheFirstThatTheAnswerLists) {
  const auto offer = make_offer(local(), {}, 0);
  struct Row {
    const char* section;
    const char* answer;
    int ours, theirs, events;  // events: their number, -1: none
  };
  for (const auto& row : {
           Row{"RFC 3264 §7", "m=audio 5000 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\n", 8, 8, 101},
           Row{"RFC 3264 §5.1: other numbers for the same codecs",
               "m=audio 5000 RTP/AVP 96 97\na=rtpmap:96 opus/48000/2\na=rtpmap:97 telephone-event/48000\n",
               120, 96, 97},
           Row{"our number without rtpmap", "m=audio 5000 RTP/AVP 120\n", 120, 120, -1},
           Row{"our events without rtpmap", "m=audio 5000 RTP/AVP 0 101\n", 0, 0, 101},
           Row{"an additional format first (RFC 3264 §6.1)",
               "m=audio 5000 RTP/AVP 18 0\na=rtpmap:18 G729/8000\n", 0, 0, -1},
           Row{"a static codec under a dynamic number", "m=audio 5000 RTP/AVP 99\na=rtpmap:99 PCMA/8000\n", 8,
               99, -1},
           Row{"our number with another meaning", "m=audio 5000 RTP/AVP 120 9\na=rtpmap:120 iLBC/8000\n", 9,
               9, -1},
       }) {
    SCOPED_TRACE(row.section);
    const auto match = match_answer(offer, parsed(row.answer), 0);
    ASSERT_TRUE(match) << describe(match.error());
    ASSERT_TRUE(*match);
    EXPECT_EQ((*match)->codec.ours.payload_type, row.ours);
    EXPECT_EQ((*match)->codec.theirs.payload_type, row.theirs);
    EXPECT_EQ((*match)->events ? (*match)->events->theirs.payload_type : -1, row.events);
    EXPECT_FALSE((*match)->rtcp_mux);
  }
}

TEST(MatchAnswer, RefusesWhatIsNoAnswerToTheOffer) {
  const auto slots = parsed("m=audio 0 RTP/AVP 0\nm=video 0 RTP/AVP 31\n");
  const auto offer = make_offer(local(), slots.media, 0);
  struct Row {
    const char* section;
    const char* answer;
    Fault fault;
  };
  for (const auto& row : {
           Row{"RFC 3264 §6: count", "m=audio 5000 RTP/AVP 0\n", Fault::syntax},
           Row{"RFC 3264 §6: count", "m=audio 5000 RTP/AVP 0\nm=video 0 RTP/AVP 31\nm=video 0 RTP/AVP 31\n",
               Fault::syntax},
           Row{"RFC 3264 §6.1: kind", "m=video 5000 RTP/AVP 0\nm=audio 0 RTP/AVP 31\n", Fault::syntax},
           Row{"RFC 3264 §8.2: port 0", "m=audio 5000 RTP/AVP 0\nm=video 5002 RTP/AVP 31\n", Fault::syntax},
           Row{"RFC 3264 §7: formats", "m=audio 5000 RTP/AVP 18\nm=video 0 RTP/AVP 31\n", Fault::unsupported},
           Row{"only events", "m=audio 5000 RTP/AVP 101\nm=video 0 RTP/AVP 31\n", Fault::unsupported},
           Row{"protocol", "m=audio 5000 RTP/SAVP 0\nm=video 0 RTP/AVP 31\n", Fault::unsupported},
       }) {
    SCOPED_TRACE(row.section);
    const auto match = match_answer(offer, parsed(row.answer), 0);
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().fault, row.fault);
  }
  const auto gone = match_answer(offer, parsed("m=audio 0 RTP/AVP 0\nm=video 0 RTP/AVP 31\n"), 0);
  ASSERT_TRUE(gone);
  EXPECT_FALSE(*gone);
}

TEST(MatchAnswer, SharesThePortOnlyWhenOffered) {  // RFC 5761 §5.1.1
  auto audio = local();
  const auto answer = parsed("m=audio 5000 RTP/AVP 0\na=rtcp-mux\n");
  EXPECT_FALSE((*match_answer(make_offer(audio, {}, 0), answer, 0))->rtcp_mux);
  audio.rtcp_mux = true;
  EXPECT_TRUE((*match_answer(make_offer(audio, {}, 0), answer, 0))->rtcp_mux);
}

TEST(PayloadNumbers, KeepTheirMeaning) {  // RFC 3264 §8.3.2
  PayloadNumbers numbers;
  const RtpFormat opus{120, "opus", 48000, 2, ""}, events{101, "telephone-event", 8000, 1, ""};
  EXPECT_EQ(numbers.number_for(opus), 120);
  numbers.learn({96, "OPUS", 48000, 2, "x=1"});
  EXPECT_EQ(numbers.number_for(opus), 96);  // as last used
  numbers.learn({101, "iLBC", 8000, 1, ""});
  EXPECT_EQ(numbers.number_for(events), 97);  // 101 is taken, 96 too
  EXPECT_EQ(numbers.number_for(events), 97);
  numbers.learn({96, "speex", 8000, 1, ""});  // a new peer gives 96 another meaning
  EXPECT_EQ(numbers.number_for(opus), 120);
}

TEST(PayloadNumbers, SpillOverWhenTheDynamicOnesAreGone) {  // RFC 3551 §3, RFC 5761 §4
  PayloadNumbers numbers;
  for (int n = 96; n < 128; ++n)
    numbers.learn({static_cast<std::uint8_t>(n), fmt::format("x{}", n), 8000, 1, ""});
  EXPECT_EQ(numbers.number_for({120, "opus", 48000, 2, ""}), 35);
}

// Whatever is offered: an answer is one, and our own offer matches it.
TEST(NegotiateRobust, AnyOfferGivesAValidAnswerOrAFault) {
  SeededRandom random(5);
  const std::string seed = text(
      "m=video 51372 RTP/AVP 31\na=rtpmap:31 H261/90000\nm=audio 5000 RTP/AVP 111 9 0 101 13\n"
      "a=rtpmap:111 opus/48000/2\na=fmtp:111 stereo=1\na=rtpmap:101 telephone-event/8000\na=ptime:20\n"
      "a=rtcp:5001\na=rtcp-mux\na=sendonly\n");
  int answered = 0;
  for (int round = 0; round < 20000; ++round) {
    auto offer_text = seed;
    for (auto changes = random.below(4) + 1; changes > 0; --changes) {
      const auto at = random.below(offer_text.size());
      if (random.chance(0.3))
        offer_text.insert(at, offer_text.substr(random.below(offer_text.size()), random.below(40)));
      else
        offer_text[at] = "0129:/ am=cv\n"[random.below(13)];
    }
    const auto offer = SessionDescription::parse(offer_text);
    if (!offer) continue;
    auto audio = local();
    audio.by_offer_order = random.chance(0.5);
    audio.direction = random.chance(0.5) ? Direction::sendonly : Direction::sendrecv;
    const auto answer = make_answer(*offer, audio, random.below(3));
    if (!answer) continue;
    ++answered;
    const auto again = SessionDescription::parse(answer->description.write());
    ASSERT_TRUE(again) << describe(again.error());
    ASSERT_EQ(again->media.size(), offer->media.size());
    int used = 0;
    for (std::size_t i = 0; i < again->media.size(); ++i) {
      EXPECT_EQ(again->media[i].kind, offer->media[i].kind);
      if (again->media[i].port == 0) continue;
      ++used;
      EXPECT_NE(offer->media[i].port, 0);
      const auto direction = offer->direction_of(offer->media[i]);
      EXPECT_LE(sends(*again->media[i].direction), receives(direction));
      EXPECT_LE(receives(*again->media[i].direction), sends(direction));
      std::vector<std::optional<unsigned>> offered;  // "000" is 0, too
      for (const auto& format : offer->media[i].formats) offered.push_back(parse_number<unsigned>(format));
      for (const auto& format : again->media[i].formats)
        EXPECT_THAT(offered, testing::Contains(parse_number<unsigned>(format)));
    }
    EXPECT_LE(used, 1);
  }
  EXPECT_GT(answered, 2000);
}

}  // namespace
}  // namespace sidetone::sdp
