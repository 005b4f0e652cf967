#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "sdp/session_description.h"

namespace sidetone::sdp {
namespace {

using testing::HasSubstr;

constexpr std::string_view plain =
    "v=0\r\n"
    "o=alice 2890844526 2890844527 IN IP4 192.0.2.10\r\n"
    "s=-\r\n"
    "c=IN IP4 192.0.2.10\r\n"
    "t=0 0\r\n"
    "m=audio 49170 RTP/AVP 0 8 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=sendrecv\r\n";

// Everything that the grammar has, in its order.
constexpr std::string_view full =
    "v=0\r\n"
    "o=bob 18446744073709551615 0 IN IP6 2001:db8::2\r\n"
    "s=A talk\r\n"
    "i=about nothing\r\n"
    "u=http://example.com/talk\r\n"
    "e=bob@example.com\r\n"
    "p=+1 555 0100\r\n"
    "c=IN IP6 2001:db8::2\r\n"
    "b=AS:64\r\n"
    "t=2873397496 2873404696\r\n"
    "r=7d 1h 0 25h\r\n"
    "z=2882844526 -1h\r\n"
    "k=prompt\r\n"
    "a=group:BUNDLE 1 2\r\n"
    "a=ice-lite\r\n"
    "a=recvonly\r\n"
    "m=audio 49170/2 RTP/SAVP 96\r\n"
    "i=voice\r\n"
    "c=IN IP4 224.2.1.1/127/3\r\n"
    "c=IN IP4 224.2.1.5/127\r\n"
    "b=TIAS:40000\r\n"
    "k=clear:secret\r\n"
    "a=rtpmap:96 opus/48000/2\r\n"
    "a=mid:1\r\n"
    "a=inactive\r\n"
    "m=message 2855 TCP/MSRP *\r\n"
    "a=path:msrp://192.0.2.10:2855/x;tcp\r\n";

TEST(SdpParse, TheUsualOffer) {
  const auto sdp = SessionDescription::parse(plain);
  ASSERT_TRUE(sdp) << describe(sdp.error());
  EXPECT_EQ(sdp->origin, (Origin{"alice", 2890844526, 2890844527, false, "192.0.2.10"}));
  EXPECT_EQ(sdp->name, "-");
  ASSERT_EQ(sdp->media.size(), 1u);
  const auto& audio = sdp->media[0];
  EXPECT_EQ(audio.kind, "audio");
  EXPECT_EQ(audio.port, 49170);
  EXPECT_EQ(audio.protocol, "RTP/AVP");
  EXPECT_EQ(audio.formats, (std::vector<std::string>{"0", "8", "101"}));
  EXPECT_EQ(audio.attributes.size(), 4u);
  EXPECT_EQ(audio.direction, Direction::sendrecv);
  EXPECT_EQ(*audio.attribute("fmtp"), "101 0-15");
  EXPECT_EQ(audio.attribute("ptime"), nullptr);
  EXPECT_EQ(sdp->connection_of(audio)->address, "192.0.2.10");
}

TEST(SdpParse, EveryLineOfTheGrammar) {
  const auto sdp = SessionDescription::parse(full);
  ASSERT_TRUE(sdp) << describe(sdp.error());
  EXPECT_EQ(sdp->origin.session_id, 18446744073709551615u);
  EXPECT_TRUE(sdp->origin.ipv6);
  EXPECT_EQ(sdp->other_lines.size(), 8u);
  EXPECT_EQ(sdp->bandwidths, (std::vector<Bandwidth>{{"AS", 64}}));
  ASSERT_EQ(sdp->media.size(), 2u);
  EXPECT_EQ(sdp->media[0].port_count, 2);
  EXPECT_EQ(sdp->media[0].connection->address, "224.2.1.1/127/3");
  EXPECT_EQ(sdp->media[0].other_lines.size(), 3u);
  EXPECT_EQ(sdp->direction_of(sdp->media[0]), Direction::inactive);
  EXPECT_EQ(sdp->direction_of(sdp->media[1]), Direction::recvonly);  // the session's
  EXPECT_EQ(sdp->connection_of(sdp->media[1])->address, "2001:db8::2");
}

TEST(SdpParse, WritingGivesTheSameText) {
  for (const auto text : {plain, full}) {
    const auto sdp = SessionDescription::parse(text);
    ASSERT_TRUE(sdp);
    EXPECT_EQ(sdp->write(), text);
    EXPECT_EQ(*SessionDescription::parse(sdp->write()), *sdp);
  }
}

std::string with(std::string_view from, std::string_view to, std::string_view text = plain) {
  std::string out(text);
  for (auto at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
    out.replace(at, from.size(), to);
  return out;
}

TEST(SdpParse, LiberalIn) {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto expected = *SessionDescription::parse(plain);
  for (const auto& row : {
           Row{"LF only", with("\r\n", "\n")},
           Row{"no line end at the end", std::string(plain.substr(0, plain.size() - 2))},
           Row{"blank lines at the end", std::string(plain) + "\r\n\r\n"},
           Row{"no s=", with("s=-\r\n", "")},
           Row{"empty s=", with("s=-\r\n", "s=\r\n")},
           Row{"no t=", with("t=0 0\r\n", "")},
           Row{"t= before c=", with("c=IN IP4 192.0.2.10\r\nt=0 0\r\n", "t=0 0\r\nc=IN IP4 192.0.2.10\r\n")},
           Row{"spaces", with("m=audio 49170 RTP/AVP 0 8 101", "m=audio  49170 RTP/AVP 0 8  101 ")},
           Row{"unknown type letter (RFC 8866 §5)", with("t=0 0\r\n", "t=0 0\r\ny=0100\r\n")},
           Row{"case of a direction", with("a=sendrecv", "a=SendRecv")},
           Row{"case of IN IP4", with("IN IP4", "in ip4")},
       }) {
    SCOPED_TRACE(row.why);
    const auto sdp = SessionDescription::parse(row.text);
    ASSERT_TRUE(sdp) << describe(sdp.error());
    EXPECT_EQ(*sdp, expected);
  }
}

TEST(SdpParse, ContradictingDirectionsAreReadNarrowly) {
  const auto sdp = SessionDescription::parse(with("a=sendrecv", "a=sendonly\r\na=recvonly"));
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].direction, Direction::inactive);
}

std::string many(std::string_view one, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += one;
  return out;
}

TEST(SdpParse, MalformedNamesTheLine) {
  struct Row {
    const char* section;
    std::string text;
    Fault fault;
    const char* says;
  };
  const std::string big(1025, 'x');
  for (const auto& row : {
           Row{"RFC 8866 §5", "", Fault::syntax, "empty"},
           Row{"§5.1", with("v=0", "v=1"), Fault::syntax, "SDP line 1 "},
           Row{"§5.1", with("v=0\r\n", ""), Fault::syntax, "does not begin with v="},
           Row{"RFC 3264 §5", std::string(plain) + std::string(plain), Fault::syntax, "second description"},
           Row{"§5.2", with("o=alice 2890844526 2890844527 IN IP4 192.0.2.10\r\n", ""), Fault::syntax,
               "no o= line"},
           Row{"§5.2", with("2890844526", "18446744073709551616"), Fault::syntax, "SDP line 2 "},
           Row{"§5.2", with("2890844527", "x"), Fault::syntax, "session version"},
           Row{"§5.2", with("2890844527", "-1"), Fault::syntax, "session version"},
           Row{"§5.2", with(" IN IP4 192.0.2.10\r\ns", "\r\ns"), Fault::syntax, "SDP line 2 "},
           Row{"§5.2", with("o=alice", "o=" + big), Fault::limit, "SDP line 2 "},
           Row{"§5.7", with("c=IN IP4 192.0.2.10", "c=IN IP4"), Fault::syntax, "SDP line 4 "},
           Row{"§5.7", with("c=IN IP4", "c=ATM NSAP"), Fault::unsupported, "SDP line 4 "},
           Row{"§5.7", with("c=IN IP4", "c=IN IP5"), Fault::syntax, "SDP line 4 "},
           Row{"§5.7", with("t=0 0", "c=IN IP4 192.0.2.10"), Fault::syntax, "second c="},
           Row{"§5.8", with("t=0 0", "b=AS"), Fault::syntax, "SDP line 5 "},
           Row{"§5.8", with("t=0 0", "b=AS:4294967296"), Fault::syntax, "32 bits"},
           Row{"§5.8", with("t=0 0", "b=:1"), Fault::syntax, "SDP line 5 "},
           Row{"§5.13", with("a=sendrecv", "a="), Fault::syntax, "SDP line 11 "},
           Row{"§5.13", with("a=sendrecv", "a=:x"), Fault::syntax, "SDP line 11 "},
           Row{"§5.13", with("a=sendrecv", "a=" + big), Fault::limit, "SDP line 11 "},
           Row{"§5.14", with("49170", "65536"), Fault::syntax, "SDP line 6 "},
           Row{"§5.14", with("49170", "-1"), Fault::syntax, "port"},
           Row{"§5.14", with("49170", "99999999999999999999"), Fault::syntax, "port"},
           Row{"§5.14", with("49170", "49170/0"), Fault::syntax, "number of ports"},
           Row{"§5.14", with("49170", "49170/"), Fault::syntax, "number of ports"},
           Row{"§5.14", with(" RTP/AVP 0 8 101", ""), Fault::syntax, "protocol"},
           Row{"§5.14", with(" 0 8 101", ""), Fault::syntax, "no format"},
           Row{"§5.14", with(" 0 8 101", many(" 0", 65)), Fault::limit, "too many formats"},
           Row{"§5.14", std::string(plain) + many("m=audio 0 RTP/AVP 0\r\n", 64), Fault::limit,
               "too many m="},
           Row{"§5.13", std::string(plain) + many("a=x\r\n", 253), Fault::limit, "too many attributes"},
           Row{"§5.8", std::string(plain) + many("b=AS:1\r\n", 17), Fault::limit, "too many b="},
           Row{"§5.4", std::string(plain) + many("i=x\r\n", 65), Fault::limit, "too many lines"},
           Row{"§9", with("a=sendrecv", "a=send\rrecv"), Fault::syntax, "SDP line 11 "},
           Row{"§9", with("a=sendrecv", "sendrecv"), Fault::syntax, "SDP line 11 "},
           Row{"§9", with("a=sendrecv", "a"), Fault::syntax, "SDP line 11 "},
           Row{"§9", with("a=sendrecv", std::string_view("a=x\0y", 5)), Fault::syntax, "NUL"},
           Row{"bound", std::string(plain) + "a=x:" + std::string(65536, 'y'), Fault::limit, "bytes"},
       }) {
    SCOPED_TRACE(fmt::format("{} {}", row.section, row.says));
    const auto sdp = SessionDescription::parse(row.text);
    ASSERT_FALSE(sdp);
    EXPECT_EQ(sdp.error().layer, Layer::sdp);
    EXPECT_EQ(sdp.error().fault, row.fault) << sdp.error().text;
    EXPECT_THAT(sdp.error().text, HasSubstr(row.says));
    EXPECT_LT(sdp.error().text.size(), 200u);  // a hostile line is not repeated at length
  }
}

TEST(SdpWrite, NoFieldCanSmuggleALine) {
  SessionDescription sdp;
  sdp.origin.user = "a b\r\nm=audio";
  sdp.origin.address = "192.0.2.1";
  sdp.name = "x\r\na=inactive";
  sdp.media.push_back({});
  sdp.media[0].kind = "audio";
  sdp.media[0].protocol = "RTP/AVP";
  sdp.media[0].attributes.push_back({"x", "y\nz"});
  const auto text = sdp.write();
  EXPECT_THAT(text, HasSubstr("o=a_b__m=audio 0 0 IN IP4 192.0.2.1\r\n"));
  EXPECT_THAT(text, HasSubstr("s=x  a=inactive\r\n"));
  EXPECT_THAT(text, HasSubstr("m=audio 0 RTP/AVP 0\r\n"));  // the grammar wants a format
  EXPECT_THAT(text, HasSubstr("a=x:y z\r\n"));
  EXPECT_TRUE(SessionDescription::parse(text));
}

TEST(SdpDirection, ReversedAndIntersect) {
  using D = Direction;
  EXPECT_EQ(reversed(D::sendonly), D::recvonly);
  EXPECT_EQ(reversed(D::recvonly), D::sendonly);
  EXPECT_EQ(reversed(D::sendrecv), D::sendrecv);
  EXPECT_EQ(reversed(D::inactive), D::inactive);
  EXPECT_EQ(intersect(D::sendonly, D::recvonly), D::inactive);
  EXPECT_EQ(intersect(D::sendrecv, D::recvonly), D::recvonly);
  EXPECT_EQ(intersect(D::sendonly, D::sendrecv), D::sendonly);
}

TEST(SdpRobust, MutationsGiveAValueThatSurvivesWritingOrAFault) {
  SeededRandom random(20);
  constexpr std::string_view letters = "=:/ \r\n0179aomcvtb\t*;-";
  int parsed = 0;
  for (int round = 0; round < 40000; ++round) {
    std::string text(round % 2 ? plain : full);
    for (auto changes = random.below(5) + 1; changes > 0; --changes) {
      const auto at = random.below(text.size());
      switch (random.below(4)) {
        case 0: text[at] = letters[random.below(letters.size())]; break;
        case 1: text.erase(at, random.below(20)); break;
        case 2: text.insert(at, text.substr(random.below(text.size()), random.below(30))); break;
        default: text[at] = static_cast<char>(random.below(256)); break;
      }
      if (text.empty()) text = "v";
    }
    const auto sdp = SessionDescription::parse(text);
    if (!sdp) continue;
    ++parsed;
    const auto written = sdp->write();
    const auto again = SessionDescription::parse(written);
    ASSERT_TRUE(again) << describe(again.error()) << "\n" << written;
    ASSERT_EQ(again->write(), written);
  }
  EXPECT_GT(parsed, 5000);
}

}  // namespace
}  // namespace sidetone::sdp
