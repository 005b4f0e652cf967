// INVITE and other server transactions: absorbing, matching, ACK, CANCEL, overload (RFC 3261 §9.2, §17.2).
#include <gmock/gmock.h>
#include <malloc.h>
#include <algorithm>

#include "transaction_desk.h"

namespace sidetone::sip::test {
namespace {

using ::testing::ElementsAre;

ServerTransactionId newest(const Desk& desk) {
  const auto* request = desk.last<RequestReceived>();
  return request == nullptr ? ServerTransactionId{} : request->id;
}

TEST(InviteServer, RetransmissionGetsTheLastProvisional) {  // §17.2.1
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  desk.respond(newest(desk), 180);
  desk.respond(newest(desk), 183);
  desk.from_wire(Desk::incoming("INVITE"));
  EXPECT_THAT(desk.what(), ElementsAre("180", "183", "183"));
  EXPECT_EQ(desk.all<RequestReceived>().size(), 1u);
}

TEST(InviteServer, RefusalIsRepeatedUntilTheAck) {
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  desk.respond(newest(desk), 486);
  desk.from_wire(Desk::incoming("INVITE"));  // answered at once, beside timer G
  desk.pass(milliseconds(600));
  EXPECT_THAT(desk.times_ms("486"), ElementsAre(0, 0, 500));
  desk.from_wire(Desk::incoming("ACK", "z9hG4bKpeer1", "here"));
  desk.from_wire(Desk::incoming("ACK", "z9hG4bKpeer1", "here"));
  desk.from_wire(Desk::incoming("INVITE"));
  desk.pass(seconds(4));
  EXPECT_EQ(desk.times_ms("486").size(), 3u);
  EXPECT_EQ(desk.all<RequestReceived>().size(), 1u);  // its ACKs never come up
  desk.pass(seconds(1));
  EXPECT_EQ(desk.alive(), 0u);
}

TEST(InviteServer, AcceptedAbsorbsInvitesAndLeavesTheSuccessToTheUser) {  // RFC 6026 §7.1
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  const auto id = newest(desk);
  const Message request = *desk.layer.request_of(id);
  desk.respond(id, 200);
  EXPECT_EQ(desk.layer.request_of(id), nullptr);
  desk.from_wire(Desk::incoming("INVITE"));
  desk.pass(seconds(5));
  EXPECT_THAT(desk.what(), ElementsAre("200"));
  EXPECT_TRUE(desk.layer.resend_2xx(id, desk.now));
  desk.drain();
  ASSERT_THAT(desk.what(), ElementsAre("200", "200"));
  EXPECT_EQ(desk.wire[0].bytes, desk.wire[1].bytes);
  EXPECT_TRUE(desk.layer.respond(id, Message::response(request, 200, {}, "here"), desk.now));
  EXPECT_FALSE(desk.layer.respond(id, Message::response(request, 486, {}, "here"), desk.now));
  desk.drain();
  EXPECT_EQ(desk.wire.size(), 3u);

  // ACK on its own branch or, as old user agents do, on the INVITE's: both are the user's.
  desk.from_wire(Desk::incoming("ACK", "z9hG4bKack", "here"));
  desk.from_wire(Desk::incoming("ACK", "z9hG4bKpeer1", "here"));
  ASSERT_EQ(desk.all<RequestReceived>().size(), 3u);
  EXPECT_FALSE(newest(desk));
  desk.layer.settle(id);
  EXPECT_FALSE(desk.layer.resend_2xx(id, desk.now));
  desk.pass(seconds(27));
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.last<ServerFailed>(), nullptr);
}

TEST(InviteServer, CancelIsAnsweredAndComesUpOnce) {  // §9.2
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  const auto id = newest(desk);
  desk.respond(id, 180);
  desk.from_wire(Desk::incoming("CANCEL"));
  desk.from_wire(Desk::incoming("CANCEL"));
  ASSERT_THAT(desk.what(), ElementsAre("180", "200", "200"));
  EXPECT_EQ(desk.wire[1].bytes, desk.wire[2].bytes);
  // SHOULD: the To tag of the INVITE's responses.
  EXPECT_EQ(desk.wire[1].message().value(HeaderId::to), "<sip:alice@example.com>;tag=here");
  EXPECT_EQ(desk.wire[1].message().value(HeaderId::cseq), "3 CANCEL");
  ASSERT_EQ(desk.all<CancelReceived>().size(), 1u);
  EXPECT_EQ(desk.last<CancelReceived>()->invite, id);
  EXPECT_TRUE(desk.respond(id, 487));
}

TEST(InviteServer, CancelBeforeAnyResponseHasATag) {
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  desk.from_wire(Desk::incoming("CANCEL"));
  ASSERT_THAT(desk.what(), ElementsAre("200"));
  EXPECT_FALSE(NameAddr::parse(desk.wire[0].message().value(HeaderId::to))->tag().empty());
}

TEST(InviteServer, CancelTooLateIsAnsweredWithoutEffect) {
  for (const int status : {200, 486}) {
    Desk desk;
    desk.from_wire(Desk::incoming("INVITE"));
    desk.respond(newest(desk), status);
    desk.from_wire(Desk::incoming("CANCEL"));
    EXPECT_EQ(desk.wire.back().what(), "200");
    EXPECT_EQ(desk.wire.back().message().method(), Method::cancel);
    EXPECT_TRUE(desk.all<CancelReceived>().empty());
  }
}

TEST(InviteServer, CancelOfNothingIsRefused) {
  Desk desk;
  desk.from_wire(Desk::incoming("CANCEL"));
  desk.from_wire(Desk::incoming("CANCEL"));
  ASSERT_THAT(desk.what(), ElementsAre("481", "481"));
  EXPECT_EQ(desk.wire[0].bytes, desk.wire[1].bytes);  // §8.2.7: stateless, yet the same tag
  EXPECT_TRUE(desk.events.empty());
  EXPECT_EQ(desk.alive(), 0u);
}

TEST(OtherServer, RepeatsWhatWasAnswered) {  // §17.2.2
  Desk desk;
  desk.from_wire(Desk::incoming("MESSAGE"));
  desk.from_wire(Desk::incoming("MESSAGE"));
  EXPECT_TRUE(desk.wire.empty());  // Trying: nothing to repeat
  const auto id = newest(desk);
  desk.respond(id, 183);
  desk.from_wire(Desk::incoming("MESSAGE"));
  EXPECT_TRUE(desk.respond(id, 202));
  EXPECT_FALSE(desk.respond(id, 500));
  desk.from_wire(Desk::incoming("MESSAGE"));
  EXPECT_THAT(desk.what(), ElementsAre("183", "183", "202", "202"));
  EXPECT_EQ(desk.all<RequestReceived>().size(), 1u);
  EXPECT_EQ(desk.layer.counters().retransmissions_absorbed, 3u);
}

struct MatchRow {
  const char* section;
  std::string first, second;
  std::size_t transactions;
};
class ServerMatching : public ::testing::TestWithParam<MatchRow> {};

std::string with(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_P(ServerMatching, Finds) {
  Desk desk;
  desk.from_wire(GetParam().first);
  desk.from_wire(GetParam().second);
  EXPECT_EQ(desk.all<RequestReceived>().size(), GetParam().transactions) << GetParam().section;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ServerMatching,
    ::testing::Values(
        MatchRow{"§17.2.3 same", Desk::incoming("BYE"), Desk::incoming("BYE"), 1},
        MatchRow{"§17.2.3 branch", Desk::incoming("BYE"), Desk::incoming("BYE", "z9hG4bKother"), 2},
        MatchRow{"§17.2.3 method", Desk::incoming("BYE"), Desk::incoming("INFO"), 2},
        MatchRow{"§17.2.3 sent-by", Desk::incoming("BYE"),
                 with(Desk::incoming("BYE"), "198.51.100.7:5070", "198.51.100.7:5071"), 2},
        MatchRow{"§7.3.1 tokens have no case", Desk::incoming("BYE", "z9hG4bKabc"),
                 Desk::incoming("BYE", "Z9HG4BKABC"), 1},
        MatchRow{"§17.2.3 RFC 2543, same", Desk::incoming("BYE", "1"), Desk::incoming("BYE", "1"), 1},
        MatchRow{"§17.2.3 RFC 2543, no branch", Desk::incoming("BYE", ""), Desk::incoming("BYE", ""), 1},
        MatchRow{"§17.2.3 RFC 2543, CSeq", Desk::incoming("BYE", "1"),
                 with(Desk::incoming("BYE", "1"), "CSeq: 3", "CSeq: 4"), 2},
        MatchRow{"§17.2.3 the cookie alone is no branch", Desk::incoming("BYE", "z9hG4bK"),
                 with(Desk::incoming("BYE", "z9hG4bK"), "Call-ID: in1", "Call-ID: in2"), 2}));

TEST(ServerMatching2543, AckAndCancelFindTheirInvite) {
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE", "1"));
  desk.from_wire(Desk::incoming("CANCEL", "1"));
  EXPECT_EQ(desk.all<CancelReceived>().size(), 1u);
  desk.respond(newest(desk), 487);
  desk.from_wire(Desk::incoming("ACK", "1", "here"));
  desk.pass(seconds(6));
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.all<RequestReceived>().size(), 1u);
}

TEST(Overload, NewRequestsGet503WithoutState) {
  TimerSettings timers;
  timers.transactions_max = 2;
  Desk desk({}, timers);
  desk.from_wire(Desk::incoming("OPTIONS", "z9hG4bK1"));
  desk.from_wire(Desk::incoming("INVITE", "z9hG4bK2"));
  desk.from_wire(Desk::incoming("INVITE", "z9hG4bK3"));
  desk.from_wire(Desk::incoming("ACK", "z9hG4bK3", "here"));  // to our 503: nobody's, harmless
  ASSERT_THAT(desk.what(), ElementsAre("503"));
  EXPECT_TRUE(desk.wire[0].message().has(HeaderId::retry_after));
  EXPECT_EQ(desk.layer.counters().overloaded, 1u);
  EXPECT_EQ(desk.alive(), 2u);
  desk.from_wire(Desk::incoming("CANCEL", "z9hG4bK2"));  // what is there goes on
  EXPECT_EQ(desk.all<CancelReceived>().size(), 1u);
}

struct BrokenRow {
  const char* section;
  std::string bytes;
  std::vector<std::string> answers;
};
class Unreadable : public ::testing::TestWithParam<BrokenRow> {};

TEST_P(Unreadable, IsRefusedWithoutState) {
  Desk desk;
  desk.from_wire(GetParam().bytes);
  EXPECT_EQ(desk.what(), GetParam().answers) << GetParam().section;
  EXPECT_TRUE(desk.events.empty());
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.layer.transport().counters().unparsable, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Unreadable,
    ::testing::Values(
        BrokenRow{"§21.4.1",
                  with(Desk::incoming("INVITE"), "Contact: <sip:bob@198.51.100.7:5070>", "Contact: <"),
                  {"400"}},
        BrokenRow{"§21.5.6", with(Desk::incoming("OPTIONS"), "SIP/2.0\r\n", "SIP/7.0\r\n"), {"505"}},
        BrokenRow{"§8.1.1.5 CSeq method", with(Desk::incoming("OPTIONS"), "3 OPTIONS", "3 INVITE"), {"400"}},
        BrokenRow{"§17 never for ACK", with(Desk::incoming("ACK"), "CSeq: 3 ACK", "CSeq: 3 BYE"), {}},
        BrokenRow{"never for responses",
                  "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
                  "To: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: x\r\n\r\n",
                  {}},
        BrokenRow{"nothing to answer to", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", {}}));

TEST(Growth, TenThousandTransactionsLeaveNothing) {
  Desk desk;
  for (int i = 0; i < 5000; ++i) {
    const auto branch = "z9hG4bKmany" + std::to_string(i);
    desk.from_wire(Desk::incoming("INVITE", branch));
    desk.respond(newest(desk), i % 2 == 0 ? 200 : 486);
    desk.send(Method::options);
    desk.events.clear();
    desk.wire.clear();
  }
  EXPECT_EQ(desk.alive(), 10000u);
  desk.pass(seconds(64));
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.layer.counters().timers, 0u);
  EXPECT_FALSE(desk.layer.deadline());
}

#if !defined(__SANITIZE_ADDRESS__)
// Goal: a finished call leaves at most 2 kB until its timers end.
TEST(Growth, FinishedCallKeepsOnlyWhatItMustSendAgain) {
  constexpr int calls = 1000;
  const std::string sdp(400, 'a');
  Desk desk;
  const auto before = mallinfo2().uordblks;
  for (int i = 0; i < calls; ++i) {
    const auto number = std::to_string(i);
    desk.from_wire(Desk::incoming("INVITE", "z9hG4bKcall" + number));
    const auto id = newest(desk);
    Message ok = Message::response(*desk.layer.request_of(id), 200, {}, "here");
    ok.add(HeaderId::contact, "<sip:alice@192.0.2.1>");
    ok.set_body(sdp, "application/sdp");
    desk.layer.respond(id, std::move(ok), desk.now);
    desk.from_wire(Desk::incoming("ACK", "z9hG4bKack" + number, "here"));
    desk.layer.settle(id);
    desk.from_wire(Desk::incoming("BYE", "z9hG4bKbye" + number, "here"));
    desk.respond(newest(desk), 200);
    std::vector<TransactionEvent>().swap(desk.events);
    std::vector<OnWire>().swap(desk.wire);
  }
  EXPECT_EQ(desk.alive(), 2u * calls);
  const auto per_call = (mallinfo2().uordblks - before) / calls;
  RecordProperty("bytes_per_finished_call", static_cast<int>(per_call));
  EXPECT_LE(per_call, 2048u);
}
#endif

TEST(Determinism, SameInputsSameOutputs) {
  const auto run = [](std::uint64_t seed) {
    Desk desk({}, {}, seed);
    desk.send(Method::invite);
    desk.from_wire(Desk::incoming("INVITE"));
    desk.from_wire(Desk::incoming("CANCEL"));
    desk.send(Method::options);
    desk.pass(seconds(40));
    std::string all;
    for (const auto& sent : desk.wire) all += std::to_string(sent.at.count()) + sent.bytes;
    return all;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(Transitions, OnlyKnownNamesAreReported) {
  Desk desk;
  desk.send(Method::invite);
  desk.pass(seconds(33));
  const auto known = TransactionLayer::known_transitions();
  ASSERT_FALSE(desk.layer.transitions().empty());
  for (const auto& [name, count] : desk.layer.transitions())
    EXPECT_NE(std::find(known.begin(), known.end(), name), known.end()) << name << count;
  EXPECT_TRUE(desk.took("ict:calling>abandoned:timer_b"));
}

}  // namespace
}  // namespace sidetone::sip::test
