// The headers that tell about a call: each family's rows name the RFC section that they come from.
#include <gtest/gtest.h>

#include "message_samples.h"
#include "sip/message/alerting.h"
#include "sip/message/diversion.h"
#include "sip/message/history_info.h"
#include "sip/message/info_package.h"
#include "sip/message/parser.h"
#include "sip/message/reason.h"
#include "sip/message/redirect_targets.h"
#include "sip/message/referred_by.h"
#include "sip/message/replaces.h"

namespace sidetone::sip {
namespace {

using std::chrono::seconds;

Message with(const std::string& headers) {
  auto parsed = parse_message(
      "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
      "To: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n" +
      headers + "\r\n");
  EXPECT_TRUE(parsed) << headers;
  return parsed ? std::move(*parsed) : Message();
}

// --- RFC 3891 §6.1, RFC 3911 §7.1

TEST(ReplacesHeader, RowsOfRfc3891Section6_1) {
  struct Row {
    const char *value, *call_id, *to_tag, *from_tag;
    bool early_only;
  };
  for (const Row& row :
       {Row{"98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only", "98732@sip.example.com",
            "ff87ff", "r33th4x0r", true},
        Row{"12adf2f34456gs5 ; to-tag = 12345 ; from-tag=54321", "12adf2f34456gs5", "12345", "54321", false},
        Row{"87134@171.161.34.23;to-tag=24796;from-tag=0", "87134@171.161.34.23", "24796", "0", false},
        Row{"a;TO-TAG=1;From-Tag=2;x=y", "a", "1", "2", false}}) {
    const auto value = Replaces::parse(row.value);
    ASSERT_TRUE(value) << row.value;
    EXPECT_EQ(value->call_id, row.call_id);
    EXPECT_EQ(value->to_tag, row.to_tag);
    EXPECT_EQ(value->from_tag, row.from_tag);
    EXPECT_EQ(value->early_only, row.early_only);
    const auto text = value->write();
    const auto again = Replaces::parse(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->early_only, row.early_only);
    EXPECT_EQ(again->to_tag, row.to_tag);
  }
  for (const char* bad :
       {"", "a", "a;to-tag=1", "a;from-tag=1", ";to-tag=1;from-tag=2", "a;to-tag=;from-tag=1",
        "a;to-tag=1;to-tag=2;from-tag=3", "a;to-tag=1;from-tag=3;from-tag=3", "a b;to-tag=1;from-tag=2",
        "a;to-tag=1;from-tag=2;"})
    EXPECT_FALSE(Replaces::parse(bad)) << bad;
}

TEST(JoinHeader, RowsOfRfc3911Section7_1) {
  const auto join = Join::parse("12adf2f34456gs5;to-tag=12345;from-tag=54321");
  ASSERT_TRUE(join);
  EXPECT_EQ(join->call_id, "12adf2f34456gs5");
  EXPECT_EQ(join->to_tag, "12345");
  EXPECT_EQ(join->from_tag, "54321");
  for (const char* bad : {"", "a", "a;to-tag=1", "a;to-tag=1;from-tag=2;from-tag=2"})
    EXPECT_FALSE(Join::parse(bad)) << bad;
}

// --- RFC 3326 §2

TEST(ReasonHeaders, SeveralProtocols) {
  const auto message = with(
      "Reason: Q.850 ;cause=16 ;text=\"Terminated\", SIP;cause=600;text=\"Busy \\\"x\\\"\"\r\n"
      "Reason: preemption;cause=1\r\n");
  const auto reasons = reasons_of(message);
  ASSERT_EQ(reasons.size(), 3U);
  EXPECT_EQ(reasons[0].protocol, "Q.850");
  EXPECT_EQ(reason_of(message, "sip")->cause, 600);
  EXPECT_EQ(unescape_quoted(reason_of(message, "SIP")->text), "Busy \"x\"");
  EXPECT_FALSE(reason_of(message, "ISUP"));
  EXPECT_TRUE(reasons_of(with("")).empty());
  EXPECT_EQ(reasons_of(with("Reason: " + test::repeat("SIP;cause=1,", 20) + "SIP\r\n")).size(), reasons_max);
}

TEST(ReasonHeaders, WriteWhatCanBeReadAgain) {
  EXPECT_EQ(write_reason("SIP", 503, ""), "SIP;cause=503");
  EXPECT_EQ(write_reason("Q.850", 16, "a \"b\" \\\r\nVia: x"),
            "Q.850;cause=16;text=\"a \\\"b\\\" \\\\  Via: x\"");
  const auto text = write_reason("SIP", 408, "no \"refresh\"");
  EXPECT_EQ(unescape_quoted(Reason::parse(text)->text), "no \"refresh\"");
}

// --- RFC 5806 §4

TEST(DiversionHeader, RowsOfRfc5806) {
  const auto message = with(
      "Diversion: \"Bob, B\" <sip:UserB@there.com>;reason=user-busy;counter=2;privacy=off, "
      "<tel:+15551234>;reason=no-answer, *, <sip:c@h>;counter=0\r\n");
  const auto diversions = diversions_of(message);
  ASSERT_EQ(diversions.size(), 3U);
  EXPECT_EQ(diversions[0].diverted_from.uri.user, "UserB");
  EXPECT_EQ(diversions[0].diverted_from.display, "Bob, B");
  EXPECT_EQ(diversions[0].reason, "user-busy");
  EXPECT_EQ(diversions[0].counter, 2U);
  EXPECT_EQ(diversions[0].privacy, "off");
  EXPECT_EQ(diversions[1].diverted_from.uri.user, "+15551234");
  EXPECT_EQ(diversions[1].counter, 1U);
  EXPECT_EQ(diversions[2].counter, 1U);  // an entry stands for one at least
  EXPECT_EQ(diversions_of(with("Diversion: " + test::repeat("<sip:a@h>,", 40) + "<sip:a@h>\r\n")).size(),
            diversions_max);
}

// --- RFC 7044 §5

TEST(HistoryInfoHeader, RowsOfRfc7044) {
  const auto message = with(
      "History-Info: <sip:bob@example.com>;index=1\r\n"
      "History-Info: <sip:office@192.0.2.5?Reason=SIP%3Bcause%3D480>;index=1.2;mp=1, "
      "<sip:bob@192.0.2.4?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1\r\n"
      "History-Info: <sip:a@h?Privacy=history>;index=1.10;np=1.2\r\n"
      "History-Info: <sip:x@h>, <sip:x@h>;index=, <sip:x@h>;index=1., <sip:x@h>;index=1..2, "
      "<sip:x@h>;index=a\r\n");
  const auto history = history_of(message);
  ASSERT_EQ(history.size(), 4U);
  EXPECT_EQ(history[0].target.uri.text, "sip:bob@example.com");
  EXPECT_EQ(history[0].changed_by, "");
  EXPECT_EQ(history[1].index, (std::vector<std::uint32_t>{1, 1}));
  EXPECT_EQ(history[1].changed_by, "rc");
  EXPECT_EQ(history[1].changed_from, "1");
  EXPECT_EQ(history[1].reason, "SIP;cause=302");
  EXPECT_EQ(history[2].reason, "SIP;cause=480");
  EXPECT_EQ(history[3].index, (std::vector<std::uint32_t>{1, 10}));  // numbers, not text
  EXPECT_TRUE(history[3].anonymous);
  EXPECT_FALSE(history[2].anonymous);
  EXPECT_FALSE(HistoryEntry::parse("<sip:a@h>;index=" + test::repeat("1.", 80) + "1"));
}

// --- RFC 3261 §20.4, §20.9; RFC 7462

TEST(AlertingHeaders, SilenceForTheFirstLegOfAThirdPartyCall) {
  struct Row {
    const char* headers;
    bool silent;
  };
  for (const Row& row :
       {Row{"", false}, Row{"Alert-Info: <http://www.example.com/sounds/moo.wav>\r\n", false},
        Row{"Alert-Info: <urn:alert:source:internal>\r\n", false},
        Row{"Alert-Info: <file://null>;service=3pcc\r\n", true},
        Row{"Alert-Info: <http://x/a.wav>, <file://null>\r\n", true},
        Row{"Alert-Info: <sip:x@genesys>\r\n", true}, Row{"Alert-Info: <x@Genesys>\r\n", true},
        Row{"Alert-Info: <file://nullx>\r\n", false}, Row{"Alert-Info: file://null\r\n", false},
        Row{"Alert-Info: <file://null\r\n", false}})
    EXPECT_EQ(asks_for_silence(with(row.headers)), row.silent) << row.headers;
}

TEST(AlertingHeaders, AnswerAfter) {
  struct Row {
    const char* headers;
    int seconds;  // -1: none
  };
  for (const Row& row : {Row{"Call-Info: <sip:host>;answer-after=0\r\n", 0},
                         Row{"Call-Info: <http://h/i.png>;purpose=icon, <sip:h>; Answer-After = 5\r\n", 5},
                         Row{"Alert-Info: <http://h>;info=alert-autoanswer;answer-after=2\r\n", 2},
                         Row{"Call-Info: <sip:h>;answer-after=99999\r\n", -1},
                         Row{"Call-Info: <sip:h>;answer-after=-1\r\n", -1},
                         Row{"Call-Info: <sip:h>;answer-after\r\n", -1}, Row{"", -1}}) {
    const auto after = answer_after(with(row.headers));
    EXPECT_EQ(after ? static_cast<int>(after->count()) : -1, row.seconds) << row.headers;
  }
  const auto message = with("Call-Info: <http://h/i.png> ;purpose=icon\r\n");
  ASSERT_EQ(call_infos_of(message).size(), 1U);
  EXPECT_EQ(call_infos_of(message)[0].uri, "http://h/i.png");
  EXPECT_EQ(call_infos_of(message)[0].purpose, "icon");
  EXPECT_EQ(alert_infos_of(with("Alert-Info: " + test::repeat("<a>,", 40) + "<a>\r\n")).size(),
            info_headers_max);
}

// --- RFC 3892 §3

TEST(ReferredByHeader, RowsOfRfc3892Section3) {
  const auto message = with("b: \"R\" <sip:r@ref.example>;cid=\"2UWQFN309shb3@ref.example\"\r\n");
  const auto read = referred_by(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->referrer.uri.text, "sip:r@ref.example");
  EXPECT_EQ(read->cid, "2UWQFN309shb3@ref.example");
  EXPECT_FALSE(referred_by(with("")));
  EXPECT_FALSE(ReferredBy::parse("*"));
}

// --- RFC 3261 §8.1.3.4, §19.1.5, §20.10

TEST(RedirectTargets, BestFirstAndOnlyWhatCanBeCalled) {
  const auto response = with(
      "Contact: <sip:low@h>;q=0.1, <sip:first@h>, <sips:half@h>;q=0.5, <tel:+1>, <mailto:a@h>, "
      "<sip:second@h>;q=1.0, <sip:m@h;method=MESSAGE>, <sip:i@h;method=INVITE;transport=tcp>;q=0.7\r\n"
      "Contact: <sip:odd@h>;q=2, *\r\n");
  std::vector<std::string> uris;
  for (const auto& target : redirect_targets(response)) uris.push_back(target.uri);
  EXPECT_EQ(uris, (std::vector<std::string>{"sip:first@h", "sip:second@h", "sip:odd@h",
                                            "sip:i@h;transport=tcp", "sips:half@h", "sip:low@h"}));
  EXPECT_EQ(redirect_targets(with("Contact: " + test::repeat("<sip:a@h>,", 40) + "<sip:a@h>\r\n")).size(),
            redirect_targets_max);
  // §25.1 user-unreserved: found by header_fuzz.
  const auto question = redirect_targets(with("Contact: <sip:what?@h;lr?Subject=x>\r\n"));
  ASSERT_EQ(question.size(), 1U);
  EXPECT_EQ(question[0].uri, "sip:what?@h;lr");
}

TEST(RedirectTargets, HeadersOfAStrangerAreFiltered) {  // §19.1.5
  const auto targets = redirect_targets(with(
      "Contact: <sip:a@h?Subject=a%20b&From=%3Csip:x%40y%3E&Route=%3Csip:evil%3E&body=v%3D0&Priority=urgent"
      "&Subject=x%0D%0AVia:%20y>\r\n"));
  ASSERT_EQ(targets.size(), 1U);
  EXPECT_EQ(targets[0].uri, "sip:a@h");
  EXPECT_EQ(targets[0].headers,
            (std::vector<std::pair<std::string, std::string>>{{"Subject", "a b"}, {"Priority", "urgent"}}));
}

// --- RFC 6086 §3, §5

TEST(InfoPackage, RowsOfRfc6086) {
  EXPECT_EQ(info_package_of(with("Info-Package: foo;bar=1\r\n")), "foo");
  EXPECT_EQ(info_package_of(with("")), "");
  const auto message = with("Recv-Info: P, R;x=y\r\n");
  EXPECT_TRUE(receives_info(message, "r"));
  EXPECT_FALSE(receives_info(message, "T"));
}

}  // namespace
}  // namespace sidetone::sip
