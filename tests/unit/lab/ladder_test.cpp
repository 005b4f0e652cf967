#include "ladder/ladder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "ladder/glance.h"
#include "ladder/ladder_sink.h"

namespace sidetone::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const Address phone = *Address::parse("192.0.2.1:5060", 0);
const Address server = *Address::parse("192.0.2.2:5060", 0);
const Address agent = *Address::parse("192.0.2.3:5062", 0);
const ParticipantNames names = {{phone, "phone"}, {server, "server"}, {agent, "agent"}};

std::string request(std::string_view method, int cseq, std::string_view call, std::string_view more = "",
                    std::string_view body = "") {
  return fmt::format(
      "{0} sip:7002@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{1}\r\nCall-ID: {2}\r\n"
      "CSeq: {1} {0}\r\n{3}\r\n{4}",
      method, cseq, call, more, body);
}

std::string response(std::string_view status, int cseq, std::string_view method, std::string_view call,
                     std::string_view more = "", std::string_view body = "") {
  return fmt::format("SIP/2.0 {}\r\nCall-ID: {}\r\nCSeq: {} {}\r\n{}\r\n{}", status, call, cseq, method, more,
                     body);
}

SipRecord sent(std::chrono::milliseconds at, Address from, Address to, std::string bytes) {
  return {
      Time(at), SipDirection::out, from, to, "UDP", std::make_shared<const std::string>(std::move(bytes))};
}
SipRecord received(std::chrono::milliseconds at, Address by, Address from, std::string bytes) {
  return {Time(at), SipDirection::in, by, from, "UDP", std::make_shared<const std::string>(std::move(bytes))};
}

constexpr std::string_view sdp_type = "Content-Type: application/sdp\r\n";

TEST(Ladder, DrawsACallBetweenTwo) {
  const std::vector<SipRecord> records = {
      sent(5000ms, phone, server, request("INVITE", 1, "x", sdp_type, "v=0\r\n")),
      received(5001ms, phone, server, response("100 Trying", 1, "INVITE", "x")),
      received(5480ms, phone, server, response("200 OK", 1, "INVITE", "x", sdp_type, "v=0\r\n")),
      sent(5481ms, phone, server, request("ACK", 1, "x")),
      received(65'000ms, phone, server, request("BYE", 2, "x")),
  };
  EXPECT_EQ(draw_ladder(records, names, {.width_max = 70}),
            "          phone                                      server\n"
            "    0.000   |--- INVITE 1 sdp ------------------------->|\n"
            "    0.001   |<-- 100 Trying (1 INVITE) -----------------|\n"
            "    0.480   |<-- 200 OK (1 INVITE) sdp -----------------|\n"
            "    0.481   |--- ACK 1 -------------------------------->|\n"
            "   60.000   |<-- BYE 2 ---------------------------------|\n");
}

TEST(Ladder, DrawsAMessageOnceThatBothSidesRecorded) {
  const auto invite = request("INVITE", 1, "x");
  for (const bool sender_first : {true, false}) {
    std::vector<SipRecord> records = {sent(0ms, phone, server, invite), received(0ms, server, phone, invite)};
    if (!sender_first) std::swap(records[0], records[1]);
    const auto ladder = draw_ladder(records, names);
    EXPECT_EQ(std::count(ladder.begin(), ladder.end(), '>'), 1) << ladder;
    EXPECT_THAT(ladder, Not(HasSubstr("again")));
  }
}

TEST(Ladder, MarksRetransmissions) {
  const auto invite = request("INVITE", 1, "x");
  const auto ladder =
      draw_ladder(std::vector<SipRecord>{sent(0ms, phone, server, invite), sent(500ms, phone, server, invite),
                                         received(501ms, server, phone, invite)},
                  names);
  EXPECT_THAT(ladder, HasSubstr("0.000   |--- INVITE 1 ---"));
  EXPECT_THAT(ladder, HasSubstr("0.500   |--- INVITE 1 again ---"));
  EXPECT_THAT(ladder, Not(HasSubstr("0.501")))
      << "the first of the two arrived; it was drawn when it was sent";
}

TEST(Ladder, TellsCallsApartAndCrossesLanes) {
  const auto ladder =
      draw_ladder(std::vector<SipRecord>{sent(0ms, phone, server, request("INVITE", 1, "one")),
                                         sent(1ms, server, agent, request("INVITE", 1, "two")),
                                         sent(2ms, phone, agent, request("BYE", 9, "one"))},
                  names, {.width_max = 90});
  std::istringstream lines(ladder);
  std::string head, first, second, third;
  std::getline(lines, head);
  std::getline(lines, first);
  std::getline(lines, second);
  std::getline(lines, third);
  EXPECT_THAT(head, testing::ContainsRegex("phone +server +agent"));
  EXPECT_THAT(first, testing::ContainsRegex("0\\.000 a .-+ INVITE 1 -+>. +."));
  EXPECT_THAT(second, testing::ContainsRegex("0\\.001 b . +.-+ INVITE 1 -+>."));
  EXPECT_THAT(third, testing::ContainsRegex("0\\.002 a .-+ BYE 9 -+>.$"));
}

TEST(Ladder, SortsByTime) {
  const auto ladder = draw_ladder(std::vector<SipRecord>{sent(9ms, phone, server, request("ACK", 1, "x")),
                                                         sent(3ms, phone, server, request("INVITE", 1, "x"))},
                                  names);
  EXPECT_LT(ladder.find("INVITE"), ladder.find("ACK"));
  EXPECT_THAT(ladder, HasSubstr("0.006"));
}

TEST(Ladder, StaysWithinItsWidth) {
  std::vector<SipRecord> records;
  for (std::uint16_t i = 0; i < 12; ++i) {
    Address peer = server;
    peer.port = static_cast<std::uint16_t>(6000 + i);
    records.push_back(sent(std::chrono::milliseconds(i), phone, peer,
                           request(std::string(200, 'M'), 1, std::to_string(i))));
  }
  for (const std::size_t count : {1, 2, 3, 12})
    for (const std::size_t width : {0, 10, 40, 80, 100, 200}) {
      const auto ladder = draw_ladder(std::span(records).first(count), {}, {.width_max = width});
      std::istringstream lines(ladder);
      for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << ladder;
    }
  EXPECT_THAT(draw_ladder(records), HasSubstr("192.0.2.1:5060 -> 192.0.2.2:6011")) << "a list, not lanes";
}

TEST(Ladder, HoldsNoCredential) {
  const auto ladder = draw_ladder(
      std::vector<SipRecord>{sent(
          0ms, phone, server, request("REGISTER", 2, "x", "Authorization: Digest response=\"c0ffee\"\r\n"))},
      names);
  EXPECT_THAT(ladder, HasSubstr("REGISTER 2"));
  EXPECT_THAT(ladder, Not(HasSubstr("c0ffee")));
}

TEST(Ladder, NothingGivesASentence) { EXPECT_EQ(draw_ladder({}), "(no SIP message)\n"); }

TEST(LadderGlance, ReadsWhatItCan) {
  const struct {
    std::string_view bytes, title, cseq;
    bool sdp;
  } rows[] = {
      {"INVITE sip:a@b SIP/2.0\r\nCSeq: 7 INVITE\r\nc: application/sdp\r\n\r\nv=0", "INVITE", "7", true},
      {"INVITE sip:a@b SIP/2.0\r\nCSeq: 7 INVITE\r\nc: application/sdp\r\n\r\n", "INVITE", "7", false},
      {"SIP/2.0 486 Busy Here\r\nCSeq: 7 INVITE\r\n\r\n", "486 Busy Here", "7 INVITE", false},
      {"NOTIFY sip:a@b SIP/2.0\r\nEvent: talk\r\nCSeq: 3 NOTIFY\r\n\r\n", "NOTIFY talk", "3", false},
      {"NOTIFY sip:a@b SIP/2.0\no: message-summary;id=1\nCSeq: 3 NOTIFY\n\n", "NOTIFY message-summary", "3",
       false},
      {"BYE sip:a@b SIP/2.0\r\n", "BYE", "", false},
      {"\r\n\r\n", "keep-alive", "", false},
      {"", "keep-alive", "", false},
      {"GET / HTTP/1.1\r\n\r\n", "not SIP", "", false},
      {"SIP/2.0 200 \x1b[31mOK\r\n", "200 ?[31mOK", "", false},
  };
  for (const auto& row : rows) {
    const auto seen = glance(row.bytes);
    EXPECT_EQ(seen.title, row.title);
    EXPECT_EQ(seen.cseq, row.cseq) << row.title;
    EXPECT_EQ(seen.sdp, row.sdp) << row.title;
  }
}

TEST(LadderSink, KeepsTheNewestAndTellsOfTheRest) {
  LadderSink sink(3);
  EXPECT_TRUE(sink.wants_sip());
  for (int i = 1; i <= 5; ++i)
    sink.trace(sent(std::chrono::milliseconds(i), phone, server, request("OPTIONS", i, "x")));
  EXPECT_EQ(sink.records().size(), 3U);
  EXPECT_EQ(sink.forgotten(), 2U);
  const auto ladder = sink.draw(names);
  EXPECT_THAT(ladder, testing::StartsWith("(2 older messages are not shown)\n"));
  EXPECT_THAT(ladder, Not(HasSubstr("OPTIONS 2")));
  EXPECT_THAT(ladder, HasSubstr("OPTIONS 3"));
  sink.clear();
  EXPECT_EQ(sink.draw(names), "(no SIP message)\n");
}

// What a T-Library client asked and was told, as the SDK document draws it: in a column of its own, in order.
TEST(Ladder, NotesStandBesideTheMessages) {
  LadderSink sink;
  sink.note(Time(1s), "MakeCall 7001 7002");
  sink.trace(sent(1000ms, server, phone, request("INVITE", 1, "x")));
  sink.note(Time(1s), "EventDialing (7001,7002)");
  sink.trace(received(1010ms, server, phone, response("180 Ringing", 1, "INVITE", "x")));
  EXPECT_EQ(sink.draw(names, {.width_max = 98, .lanes = {"phone", "server"}}),
            "                                    phone                                      server\n"
            "    0.000   MakeCall 7001 7002        |                                           |\n"
            "    0.000                             |<-- INVITE 1 ------------------------------|\n"
            "    0.000   EventDialing (7001,7002)  |                                           |\n"
            "    0.010                             |--- 180 Ringing (1 INVITE) --------------->|\n");
  const auto svg = sink.draw_svg(names);
  EXPECT_LT(svg.find("MakeCall 7001 7002"), svg.find("INVITE 1"));
  EXPECT_LT(svg.find("INVITE 1"), svg.find("EventDialing (7001,7002)"));
  sink.clear();
  EXPECT_EQ(sink.draw(), "(no SIP message)\n");
}

TEST(Ladder, AnSvgEscapesWhatTheWireBrings) {
  const auto svg = draw_ladder_svg(std::vector<SipRecord>{sent(0ms, phone, server, "<script>&x</script>")},
                                   {{phone, "<b>&phone"}});
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;&amp;phone"));
}

}  // namespace
}  // namespace sidetone::lab
