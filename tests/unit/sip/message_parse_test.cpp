#include <gtest/gtest.h>

#include "message_samples.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"

namespace sidetone::sip {
namespace {

using test::crlf;
using test::options;
using test::repeat;
using test::request;

TEST(ParseMessage, ReadsAnInviteFieldByField) {
  const auto message = parse_message(test::invite_with_sdp());
  ASSERT_TRUE(message) << message.error().text;
  EXPECT_TRUE(message->is_request());
  EXPECT_EQ(message->method(), Method::invite);
  EXPECT_EQ(message->method_name(), "INVITE");
  EXPECT_EQ(message->request_uri(), "sip:7001@pbx.example.com;transport=udp");
  EXPECT_EQ(message->values(HeaderId::via).size(), 2U);
  EXPECT_EQ(message->values(HeaderId::via)[1], "SIP/2.0/TCP [2001:db8::7]:5061;branch=z9hG4bKbb2");
  EXPECT_EQ(message->values(HeaderId::record_route)[1], "<sip:p2.example.com;lr>");
  EXPECT_EQ(message->values(HeaderId::allow).size(), 5U);
  EXPECT_TRUE(message->lists(HeaderId::supported, "TIMER"));
  EXPECT_FALSE(message->lists(HeaderId::supported, "100rel"));
  EXPECT_EQ(message->value(HeaderId::x_genesys_calluuid), "01HMJ8");
  EXPECT_EQ(message->body().substr(0, 5), "v=0\r\n");
  EXPECT_EQ(message->value(HeaderId::content_length), std::to_string(message->body().size()));
}

struct Accepted {
  const char* what;
  std::string bytes;
  HeaderId id;
  std::vector<std::string> values;
};

class AcceptedMessages : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedMessages, KeepTheirValuesAndSurviveTheWriter) {
  const auto first = parse_message(GetParam().bytes);
  ASSERT_TRUE(first) << GetParam().what << ": " << first.error().text;
  const auto values = first->values(GetParam().id);
  EXPECT_EQ(std::vector<std::string>(values.begin(), values.end()), GetParam().values) << GetParam().what;

  const std::string bytes = first->to_bytes();
  const auto second = parse_message(bytes);
  ASSERT_TRUE(second) << GetParam().what << ": " << second.error().text;
  EXPECT_EQ(second->request_uri(), first->request_uri());
  EXPECT_EQ(second->status(), first->status());
  EXPECT_EQ(second->reason(), first->reason());
  EXPECT_EQ(second->method_name(), first->method_name());
  EXPECT_EQ(second->body(), first->body());
  const auto without_length = [](const Message& message) {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const HeaderField& field : message.fields())
      if (field.id != HeaderId::content_length) fields.emplace_back(field.name, field.value);
    return fields;
  };
  EXPECT_EQ(without_length(*second), without_length(*first)) << GetParam().what;
  EXPECT_EQ(second->value(HeaderId::content_length), std::to_string(first->body().size()));
  EXPECT_EQ(second->to_bytes(), bytes) << "what we wrote, we write again";
}

const std::string long_name = repeat("Long-", 20) + "Name";

INSTANTIATE_TEST_SUITE_P(
    Rows, AcceptedMessages,
    ::testing::Values(
        Accepted{"whole INVITE", test::invite_with_sdp(), HeaderId::cseq, {"314159 INVITE"}},
        // RFC 3261 §7.3.1, RFC 4475 §3.1.1.1: folding, white space, compact names, case
        Accepted{"folds become one space",
                 options("S: one\n two\n\t  three  \n"),
                 HeaderId::subject,
                 {"one two three"}},
        Accepted{"value on the next line", options("Subject:\n  late\n"), HeaderId::subject, {"late"}},
        Accepted{"empty subject", options("s :\n"), HeaderId::subject, {""}},
        Accepted{"white space before the colon", options("Subject \t : x\n"), HeaderId::subject, {"x"}},
        Accepted{"leading zeros", options("MaX-fOrWaRdS: 0068\n"), HeaderId::max_forwards, {"0068"}},
        Accepted{
            "quotes and escapes in Contact",
            options("m:\"Quoted, string \\\"\\\"\" <sip:j@example.com> ; np =\n    nv ;\n  sp ; q = 0.33\n"),
            HeaderId::contact,
            {"\"Quoted, string \\\"\\\"\" <sip:j@example.com> ; np = nv ; sp ; q = 0.33"}},
        Accepted{"separate and joined values",
                 options("Route: <sip:a;lr>,<sip:b,c@d;lr>\nRoute: <sip:e;lr>\n"),
                 HeaderId::route,
                 {"<sip:a;lr>", "<sip:b,c@d;lr>", "<sip:e;lr>"}},
        Accepted{"no list, no split", options("Subject: a, b, c\n"), HeaderId::subject, {"a, b, c"}},
        Accepted{"empty Supported", options("Supported:\n"), HeaderId::supported, {""}},
        Accepted{"empty elements of token lists",
                 options("Allow: ,BYE,, ACK ,\n"),
                 HeaderId::allow,
                 {"BYE", "ACK"}},
        Accepted{"a fold that holds nothing", options("Subject: a\n \n b\n"), HeaderId::subject, {"a b"}},
        Accepted{"an open quote swallows no neighbour",
                 options("Allow: a\"b\nAllow: c\n"),
                 HeaderId::allow,
                 {"a\"b", "c"}},
        // RFC 4475 §3.1.1.2: unknown method, wide characters
        Accepted{"method of token characters",
                 request("!m0`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,"
                         "weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
                         "!m0`.%indeed'~", ""),
                 HeaderId::cseq,
                 {"7 !m0`.%indeed'~"}},
        Accepted{"unknown names pass",
                 options("extensionHeader-!.%*+_`'~: \xEF\xBB\xBF\xE5\xA4\xA7\n"),
                 HeaderId::other,
                 {"\xEF\xBB\xBF\xE5\xA4\xA7"}},
        Accepted{"unknown value that looks like a broken list",
                 options("Unknown: ;;,,;;,;\n"),
                 HeaderId::other,
                 {";;,,;;,;"}},
        Accepted{"long names and values",
                 options(long_name + ": " + repeat("v", 3000) + "\n"),
                 HeaderId::other,
                 {repeat("v", 3000)}},
        // RFC 4475 §3.1.1.5: '%' is no escape in header names
        Accepted{"C%6Fntact is another header",
                 options("Contact: <sip:a@b>\nC%6Fntact: <sip:c@d>\n"),
                 HeaderId::contact,
                 {"<sip:a@b>"}},
        // §3.1.1.7, .10, .13, §3.3.2 - §3.3.4, §3.4.1
        Accepted{"unknown transports",
                 options("v: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKx\n"),
                 HeaderId::via,
                 {"SIP/2.0/UDP pc.example.com;branch=z9hG4bK77a",
                  "SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKx"}},
        Accepted{"unknown scheme in the Request-URI",
                 request("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", "OPTIONS", ""),
                 HeaderId::cseq,
                 {"7 OPTIONS"}},
        Accepted{"atypical scheme",
                 request("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", "OPTIONS", ""),
                 HeaderId::cseq,
                 {"7 OPTIONS"}},
        Accepted{"unknown schemes in addresses",
                 options("Contact: <name:John_Smith>\n"),
                 HeaderId::contact,
                 {"<name:John_Smith>"}},
        Accepted{"RFC 2543: no branch, no tag, no Content-Length",
                 crlf("INVITE sip:b@example.com SIP/2.0\nVia: SIP/2.0/UDP iftgw.example.com\n"
                      "From: <sip:+1303@example.net;user=phone>\nTo: sip:+1650@example.net;user=phone\n"
                      "Call-ID: inv2543.1717@x\nCSeq: 56 INVITE\nContent-Type: application/sdp\n\nv=0\n"),
                 HeaderId::to,
                 {"sip:+1650@example.net;user=phone"}},
        Accepted{"no reason phrase",
                 crlf("SIP/2.0 100 \nv: SIP/2.0/UDP h\nf: sip:a@b\nt: sip:c@d\ni: x\nCSeq: 1 INVITE\n\n"),
                 HeaderId::cseq,
                 {"1 INVITE"}},
        // a liberal receiver takes it without the space, too (RFC 4475 §3.1.1.13)
        Accepted{"line breaks before the start line (§7.5)",
                 "\r\n\r\n" + options(""),
                 HeaderId::cseq,
                 {"7 OPTIONS"}},
        Accepted{"a date that we do not need (RFC 4475 §3.1.2.12)",
                 options("Date: Fri, 01 Jan 2010 16:00:00 EST\n"),
                 HeaderId::date,
                 {"Fri, 01 Jan 2010 16:00:00 EST"}},
        Accepted{"unknown authentication (§3.3.7)",
                 options("Authorization: NoOneKnowsThisScheme opaque-data=here\n"),
                 HeaderId::authorization,
                 {"NoOneKnowsThisScheme opaque-data=here"}},
        Accepted{"credentials are not split",
                 options("Authorization: Digest a=\"b\", c=d\n"),
                 HeaderId::authorization,
                 {"Digest a=\"b\", c=d"}},
        // RFC 5118
        Accepted{"§4.5 received in brackets",
                 options("v: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3\n"),
                 HeaderId::via,
                 {"SIP/2.0/UDP pc.example.com;branch=z9hG4bK77a",
                  "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3"}},
        Accepted{"§4.10 three colons",
                 request("OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0", "OPTIONS", ""),
                 HeaderId::cseq,
                 {"7 OPTIONS"}}));

TEST(ParseMessage, NumbersBeyondTheirRangeOnlyMatterInCSeq) {  // RFC 4475 §3.1.2.4
  const auto message = parse_message(options("Max-Forwards: 300\nExpires: 1" + repeat("0", 100) + "\n"));
  ASSERT_TRUE(message);
  EXPECT_FALSE(parse_delta(message->value(HeaderId::expires), "Expires"));
}

TEST(ParseMessage, BytesBehindContentLengthAreNoise) {  // RFC 4475 §3.1.1.8
  const auto message = parse_message(options("l: 2\n", "hiINVITE sip:joe@example.com SIP/2.0\r\n"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body(), "hi");
  EXPECT_EQ(message->to_bytes().find("INVITE"), std::string::npos);
}

TEST(ParseMessage, ABodyMayHoldNulls) {  // RFC 4475 §3.1.1.11
  const std::string body("a\0b\r\n\0", 6);
  const auto message = parse_message(options("l: 6\n", body));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body(), body);
}

TEST(ParseMessage, AResponseHasTheMethodOfItsCSeq) {  // RFC 3261 §17.1.3
  const auto message = parse_message(crlf(
      "SIP/2.0 200 = 2**3 * 5**2 \xD0\xBD\nv: SIP/2.0/UDP h\nf: sip:a@b\nt: sip:c@d\ni: x\nCSeq: 1 BYE\n\n"));
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->is_request());
  EXPECT_EQ(message->status(), 200);
  EXPECT_EQ(message->reason(), "= 2**3 * 5**2 \xD0\xBD");
  EXPECT_EQ(message->method(), Method::bye);
}

struct Refused {
  const char* what;
  std::string bytes;
  int status;
  const char* header;
  bool answerable;
};

class RefusedMessages : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedMessages, NameTheStatusAndTheHeader) {
  const auto message = parse_message(GetParam().bytes);
  ASSERT_FALSE(message) << GetParam().what;
  EXPECT_EQ(message.error().status, GetParam().status) << GetParam().what;
  EXPECT_EQ(message.error().header, GetParam().header) << GetParam().what;
  EXPECT_NE(message.error().text, "");
  ASSERT_EQ(message.error().answerable.has_value(), GetParam().answerable) << GetParam().what;
  if (!GetParam().answerable) return;
  // What is sent back must be a message that the sender can match.
  const auto response = Message::response(*message.error().answerable, message.error().status, "", "t1");
  EXPECT_EQ(response.status(), GetParam().status);
  for (const HeaderId id : {HeaderId::via, HeaderId::from, HeaderId::to, HeaderId::call_id, HeaderId::cseq})
    EXPECT_TRUE(response.has(id)) << GetParam().what;
  EXPECT_TRUE(Via::parse(response.value(HeaderId::via))) << response.value(HeaderId::via);
}

// One of the five mandatory fields replaced.
std::string with(std::string_view name, std::string_view line) {
  std::string text = options("");
  const auto begin = text.find("\r\n" + std::string(name) + ":") + 2;
  return text.replace(begin, text.find("\r\n", begin) + 2 - begin, line.empty() ? "" : crlf(line) + "\r\n");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedMessages,
    ::testing::Values(
        // RFC 4475 §3.1.2, in its order
        Refused{"extra separators in Via", with("Via", "Via: SIP/2.0/UDP 192.0.2.15;;,;,,"), 400, "Via",
                true},
        Refused{"extra separators in Contact", options("Contact: \"Joe\" <sip:joe@example.org>;;;;\n"), 400,
                "Contact", true},
        Refused{"empty element in Contact", options("Contact: <sip:a@b>,,<sip:c@d>\n"), 400, "Contact", true},
        Refused{"larger Content-Length than body", options("Content-Length: 9999\n", "v=0"), 400,
                "Content-Length", true},
        Refused{"negative Content-Length", options("Content-Length: -999\n"), 400, "Content-Length", true},
        Refused{"Content-Length in words", options("Content-Length: five\n"), 400, "Content-Length", true},
        Refused{"Content-Length beyond 64 bits", options("l: 36893488147419103232\n"), 400, "Content-Length",
                true},
        Refused{"CSeq too large", with("CSeq", "CSeq: 36893488147419103232 OPTIONS"), 400, "CSeq", true},
        Refused{"CSeq of 2^31 (RFC 3261 §8.1.1.5)", with("CSeq", "CSeq: 2147483648 OPTIONS"), 400, "CSeq",
                true},
        Refused{"CSeq too large in a response",
                crlf("SIP/2.0 503 No\nv: SIP/2.0/UDP h\nf: sip:a@b\nt: sip:c@d\ni: x\n"
                     "CSeq: 9292394834772304023312 OPTIONS\n\n"),
                400, "CSeq", false},
        Refused{"unterminated quote", with("To", "To: \"Mr. J. User <sip:j.user@example.com>"), 400, "To",
                true},
        Refused{"brackets around the Request-URI",
                request("OPTIONS <sip:u@example.com> SIP/2.0", "OPTIONS", ""), 400, "start line", true},
        Refused{"space in the Request-URI", request("OPTIONS sip:u@example.com; lr SIP/2.0", "OPTIONS", ""),
                400, "start line", true},
        Refused{"two spaces in the start line", request("OPTIONS  sip:u@example.com  SIP/2.0", "OPTIONS", ""),
                400, "start line", true},
        Refused{"spaces behind the start line", request("OPTIONS sip:u@example.com SIP/2.0  ", "OPTIONS", ""),
                400, "start line", true},
        Refused{"headers in the Request-URI",
                request("OPTIONS sip:u@example.com?Route=%3Csip:example.com%3E SIP/2.0", "OPTIONS", ""), 400,
                "start line", true},
        Refused{"a URI with headers outside of brackets",
                options("Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\n"), 400, "Contact",
                true},
        Refused{"spaces inside the brackets", with("To", "To: \"Watson\" < sip:t.watson@example.org >"), 400,
                "To", true},
        Refused{"a comma in a display name without quotes",
                with("From", "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43"), 400, "From", true},
        Refused{"another version", request("OPTIONS sip:t@example.org SIP/7.0", "OPTIONS", ""), 505,
                "start line", true},
        Refused{"CSeq names another method", with("CSeq", "CSeq: 8 INVITE"), 400, "CSeq", true},
        Refused{"unknown method, other method in CSeq",
                request("NEWMETHOD sip:u@example.com SIP/2.0", "INVITE", ""), 501, "CSeq", true},
        Refused{"status code beyond 699",
                crlf("SIP/2.0 4294967301 better not\nv: SIP/2.0/UDP h\nf: sip:a@b\nt: sip:c@d\ni: x\n"
                     "CSeq: 1 INVITE\n\n"),
                400, "start line", false},
        Refused{"status code 700",
                crlf("SIP/2.0 700 no\nv: SIP/2.0/UDP h\nf: sip:a@b\nt: sip:c@d\ni: x\nCSeq: 1 INVITE\n\n"),
                400, "start line", false},
        // §3.3.1, §3.3.8, §3.3.9
        Refused{"no Via", with("Via", ""), 400, "Via", false},
        Refused{"no From", with("From", ""), 400, "From", false},
        Refused{"no To", with("To", ""), 400, "To", false},
        Refused{"no Call-ID", with("Call-ID", ""), 400, "Call-ID", false},
        Refused{"no CSeq", with("CSeq", ""), 400, "CSeq", false},
        Refused{"two CSeq", options("CSeq: 8 OPTIONS\n"), 400, "CSeq", true},
        Refused{"two From", options("f: sip:x@y\n"), 400, "From", true},
        Refused{"two To", options("t: sip:x@y\n"), 400, "To", true},
        Refused{"two Call-ID", options("i: other\n"), 400, "Call-ID", true},
        Refused{"two Max-Forwards", options("Max-Forwards: 5\nMax-Forwards: 70\n"), 400, "Max-Forwards",
                true},
        Refused{"two Content-Length", options("Content-Length: 2\nl: 1\n", "hi"), 400, "Content-Length",
                true},
        // RFC 5118 §4.2
        Refused{"IPv6 without brackets", request("OPTIONS sip:2001:db8::10 SIP/2.0", "OPTIONS", ""), 400,
                "start line", true},
        Refused{"IPv6 that is none", request("OPTIONS sip:[1:2:3] SIP/2.0", "OPTIONS", ""), 400, "start line",
                true},
        // RFC 3261 §7, §20
        Refused{"no start line", crlf("\n\n"), 400, "start line", false},
        Refused{"nothing", "", 400, "start line", false},
        Refused{"another protocol", crlf("GET / HTTP/1.1\nHost: x\n\n"), 400, "start line", false},
        Refused{"headers that never end", crlf("OPTIONS sip:a@b SIP/2.0\nSubject: x"), 400, "body", false},
        Refused{"no empty line", options("").substr(0, options("").size() - 2), 400, "body", true},
        Refused{"half of the last line break", options("").substr(0, options("").size() - 1), 400,
                "start line", true},
        Refused{"a header without colon", options("Subject\n"), 400, "start line", true},
        Refused{"a header name with space inside", options("Sub ject: x\n"), 400, "start line", true},
        Refused{"CR inside a value", options("Subject: a\rb\n"), 400, "start line", true},
        Refused{"Via without transport", with("Via", "Via: SIP/2.0 192.0.2.1;branch=z9hG4bK1"), 400, "Via",
                false},
        Refused{"Via of another protocol", with("Via", "Via: HTTP/1.1/TCP h;branch=z9hG4bK1"), 400, "Via",
                false},
        Refused{"Via without host", with("Via", "Via: SIP/2.0/UDP ;branch=z9hG4bK1"), 400, "Via", false},
        Refused{"Via with a port beyond 65535", with("Via", "Via: SIP/2.0/UDP h:65536;branch=z9hG4bK1"), 400,
                "Via", true},
        Refused{"Call-ID with white space", with("Call-ID", "Call-ID: a b"), 400, "Call-ID", true},
        Refused{"empty Call-ID", with("Call-ID", "Call-ID:"), 400, "Call-ID", false},
        Refused{"CSeq without method", with("CSeq", "CSeq: 7"), 400, "CSeq", false},
        Refused{"From of '*'", with("From", "From: *"), 400, "From", true},
        Refused{"Max-Forwards in words", options("Max-Forwards: many\n"), 400, "Max-Forwards", true},
        Refused{"Content-Type without type", options("Content-Type: ;x=y\n"), 400, "Content-Type", true},
        Refused{"Session-Expires (RFC 4028 §4)", options("x: soon\n"), 400, "Session-Expires", true},
        Refused{"RAck (RFC 3262 §7.2)", options("RAck: 1 INVITE\n"), 400, "RAck", true},
        Refused{"Replaces (RFC 3891 §6.1)", options("Replaces: abc;to-tag=1\n"), 400, "Replaces", true},
        Refused{"two Replaces (RFC 3891 §3)",
                options("Replaces: a;to-tag=1;from-tag=2\nReplaces: a;to-tag=1;from-tag=2\n"), 400,
                "Replaces", true},
        Refused{"two Refer-To (RFC 3515 §2.4.1)", options("r: <sip:a@b>\nr: <sip:c@d>\n"), 400, "Refer-To",
                true},
        Refused{"Subscription-State (RFC 6665 §8.2.3)", options("Subscription-State: ;expires=1\n"), 400,
                "Subscription-State", true}));

TEST(ParseMessage, AnAckIsNeverAnswered) {  // RFC 3261 §17.2.1
  const auto message = parse_message(request("ACK sip:a@b SIP/2.0", "ACK", "Content-Length: 9\n"));
  ASSERT_FALSE(message);
  EXPECT_FALSE(message.error().answerable);
}

TEST(ParseMessage, HasBounds) {
  std::string fields;
  for (std::size_t i = 0; i < header_fields_max - 5; ++i) fields += "Xy: z\n";
  EXPECT_TRUE(parse_message(options(fields)));
  const auto more = parse_message(options(fields + "Xy: z\n"));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().status, 513);
  const auto split = parse_message(options("Allow: " + repeat("A,", 300) + "\n"));
  ASSERT_FALSE(split) << "elements count, too";
  EXPECT_EQ(parse_message(std::string(message_bytes_max + 1, 'x')).error().status, 513);
}

TEST(ParseMessage, MovesKeepViewsAndCopiesHaveTheirOwn) {
  auto parsed = parse_message(test::invite_with_sdp());
  ASSERT_TRUE(parsed);
  auto original = std::make_unique<Message>(std::move(*parsed));
  const std::string_view call_id = original->value(HeaderId::call_id);
  const Message moved = std::move(*original);
  EXPECT_EQ(moved.value(HeaderId::call_id).data(), call_id.data());
  auto copy = std::make_unique<Message>(moved);
  EXPECT_NE(copy->value(HeaderId::call_id).data(), call_id.data());
  const std::string bytes = moved.to_bytes();
  const Message second = *copy;
  copy.reset();
  EXPECT_EQ(second.to_bytes(), bytes);
}

}  // namespace
}  // namespace sidetone::sip
