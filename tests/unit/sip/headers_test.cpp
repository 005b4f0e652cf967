#include "sip/message/headers.h"

#include <gtest/gtest.h>

#include <set>

#include "message_samples.h"

namespace sidetone::sip {
namespace {

TEST(HeaderIds, EveryNameIsFoundInAnyCase) {
  std::set<std::string_view> names;
  for (int i = 1; i < static_cast<int>(HeaderId::count_); ++i) {
    const auto id = static_cast<HeaderId>(i);
    std::string upper(canonical_name(id));
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(find_header(upper), id) << upper;
    EXPECT_TRUE(names.insert(canonical_name(id)).second) << upper;
  }
  EXPECT_EQ(canonical_name(HeaderId::x_genesys_calluuid), "X-Genesys-CallUUID");
  EXPECT_EQ(canonical_name(HeaderId::accept), "Accept");
  EXPECT_EQ(find_header("Vias"), HeaderId::other);
  EXPECT_EQ(find_header(""), HeaderId::other);
  EXPECT_EQ(find_header("Call_ID"), HeaderId::other);
}

TEST(HeaderIds, CompactForms) {  // RFC 3261 §7.3.3, RFC 3515, 3892, 4028, 6665, 8224
  const std::pair<const char*, HeaderId> rows[] = {
      {"b", HeaderId::referred_by},    {"c", HeaderId::content_type}, {"e", HeaderId::content_encoding},
      {"f", HeaderId::from},           {"i", HeaderId::call_id},      {"k", HeaderId::supported},
      {"l", HeaderId::content_length}, {"m", HeaderId::contact},      {"o", HeaderId::event},
      {"r", HeaderId::refer_to},       {"s", HeaderId::subject},      {"t", HeaderId::to},
      {"u", HeaderId::allow_events},   {"v", HeaderId::via},          {"x", HeaderId::session_expires},
      {"y", HeaderId::identity},       {"V", HeaderId::via},          {"q", HeaderId::other}};
  for (const auto& [name, id] : rows) EXPECT_EQ(find_header(name), id) << name;
}

TEST(Methods, MatchWithCase) {  // RFC 3261 §7.1
  EXPECT_EQ(find_method("REGISTER"), Method::register_);
  EXPECT_EQ(find_method("MESSAGE"), Method::message);
  EXPECT_EQ(find_method("invite"), Method::other);
  EXPECT_EQ(find_method("RE%47ISTER"), Method::other);
  for (int i = 1; i <= static_cast<int>(Method::message); ++i)
    EXPECT_EQ(find_method(to_string(static_cast<Method>(i))), static_cast<Method>(i));
}

TEST(ViaHeader, ReadsEveryForm) {  // §20.42
  const auto via =
      Via::parse("SIP  /   2.0 /UDP   192.0.2.2 : 5062 ; branch = 390skdjuw;rport;received=1.2.3.4");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->host, "192.0.2.2");
  EXPECT_EQ(via->port, 5062);
  EXPECT_EQ(via->branch(), "390skdjuw");
  EXPECT_EQ(via->received(), "1.2.3.4");
  EXPECT_TRUE(via->wants_rport());
  const auto v6 = Via::parse("SIP/2.0/TLS [2001:db8::9:1]:5061;branch=z9hG4bKas3-111");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "[2001:db8::9:1]");
  EXPECT_EQ(v6->port, 5061);
  EXPECT_FALSE(v6->wants_rport());
  EXPECT_EQ(Via::parse("SIP/2.0/UDP h;received=2001:db8::9:255;branch=x")->received(), "2001:db8::9:255");
  for (const char* bad :
       {"", "SIP/2.0/UDP", "SIP/2.0/UDPh", "SIP/2.0 UDP h", "SIP/2.0/UDP h:0x", "SIP/2.0/UDP h;",
        "SIP/2.0/UDP h;=x", "SIP/2.0/UDP h x", "SIP/2.0/UDP [::1", "SIP/2.0/UDP h;a=\"b"})
    EXPECT_FALSE(Via::parse(bad)) << bad;
}

struct Address {
  const char *value, *display, *uri, *params, *tag;
};
class NameAddrRows : public ::testing::TestWithParam<Address> {};

TEST_P(NameAddrRows, AreRead) {
  const auto read = NameAddr::parse(GetParam().value);
  ASSERT_TRUE(read) << GetParam().value << ": " << read.error().text;
  EXPECT_EQ(read->display, GetParam().display);
  EXPECT_EQ(read->uri.text, GetParam().uri);
  EXPECT_EQ(read->params.text(), GetParam().params);
  EXPECT_EQ(read->tag(), GetParam().tag);
  EXPECT_FALSE(read->is_star);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3261Section20_10, NameAddrRows,
    ::testing::Values(
        Address{"<sip:a@b>;tag=1", "", "sip:a@b", ";tag=1", "1"},
        Address{"\"A, \\\"B\\\" <x>\" <sip:a@b;lr>;tag=1", "A, \\\"B\\\" <x>", "sip:a@b;lr", ";tag=1", "1"},
        Address{"caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com", ";tag=323",
                "323"},
        Address{"A. Bell \t <sip:a@b>", "A. Bell", "sip:a@b", "", ""},
        Address{"Sales (3rd) / M\xC3\xBCller <sip:a@b>", "Sales (3rd) / M\xC3\xBCller", "sip:a@b", "", ""},
        Address{"sip:a@b;tag=x", "", "sip:a@b", ";tag=x", "x"},
        Address{"sip:a@b ;   tag    = 19n", "", "sip:a@b", ";   tag    = 19n", "19n"},
        Address{"<sip:a@b>  ;q=0.7; expires=3600;x=\"a;tag=no\";tag=yes", "", "sip:a@b",
                ";q=0.7; expires=3600;x=\"a;tag=no\";tag=yes", "yes"},
        Address{"sip:+19725552222@gw1.example.net;unknownparam", "", "sip:+19725552222@gw1.example.net",
                ";unknownparam", ""},
        Address{"<http://www.example.com>;tag=3234233", "", "http://www.example.com", ";tag=3234233",
                "3234233"},
        Address{"isbn:2983792873", "", "isbn:2983792873", "", ""},
        Address{"\"\" <tel:+1>", "", "tel:+1", "", ""}));

TEST(NameAddrHeader, RefusesWhatIsAmbiguous) {
  for (const char* bad :
       {"", "<sip:a@b", "\"A <sip:a@b>", "\"A\" sip:a@b", "A, B <sip:a@b>", "< sip:a@b>", "<>", "<sip:a@b>x",
        "<sip:a@b>;", "<sip:a@b>;;tag=1", "sip:a@b?x=y", "sip:a@b,c", "word", "<sip:a@b> <sip:c@d>", "**"})
    EXPECT_FALSE(NameAddr::parse(bad)) << bad;
  ASSERT_TRUE(NameAddr::parse(" * "));
  EXPECT_TRUE(NameAddr::parse("*")->is_star);
}

TEST(NameAddrHeader, WritesWhatItCanReadAgain) {
  EXPECT_EQ(write_name_addr("", "sip:a@b", ";tag=1"), "<sip:a@b>;tag=1");
  EXPECT_EQ(write_name_addr("Bob", "sip:a@b"), "Bob <sip:a@b>");
  EXPECT_EQ(write_name_addr("Bob Ray", "sip:a@b"), "Bob Ray <sip:a@b>");
  EXPECT_EQ(write_name_addr("A, \"B\" \\", "sip:a@b"), "\"A, \\\"B\\\" \\\\\" <sip:a@b>");
  EXPECT_EQ(write_name_addr("a\r\nVia: x", "sip:a@b"), "\"a  Via: x\" <sip:a@b>");
  for (const std::string display : {"x", " x", "a;b", "\xC3\xA9", "\\\"", "<>", "a\tb"}) {
    const std::string text = write_name_addr(display, "sip:a@b");
    const auto read = NameAddr::parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(unescape_quoted(read->display), display);
  }
}

TEST(SmallHeaders, CSeqAndRAck) {  // RFC 3261 §20.16, RFC 3262 §7.2
  const auto cseq = CSeq::parse("0009  INVITE");
  ASSERT_TRUE(cseq);
  EXPECT_EQ(cseq->number, 9U);
  EXPECT_EQ(cseq->method, Method::invite);
  EXPECT_EQ(CSeq::parse("2147483647 FOO")->method_name, "FOO");
  for (const char* bad :
       {"", "1", "INVITE", "1INVITE", "-1 INVITE", "2147483648 INVITE", "1 INVITE x", "1 IN,V"})
    EXPECT_FALSE(CSeq::parse(bad)) << bad;
  const auto rack = RAck::parse("776656 1 INVITE");
  ASSERT_TRUE(rack);
  EXPECT_EQ(rack->rseq, 776656U);
  EXPECT_EQ(rack->cseq, 1U);
  EXPECT_EQ(rack->method, Method::invite);
  for (const char* bad : {"", "1 INVITE", "1 2", "1 2 INVITE x", "4294967296 1 INVITE"})
    EXPECT_FALSE(RAck::parse(bad)) << bad;
}

TEST(SmallHeaders, SessionExpires) {  // RFC 4028 §4
  const auto value = SessionExpires::parse("4000 ; Refresher = uac");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->interval, std::chrono::seconds(4000));
  EXPECT_EQ(value->refresher, "uac");
  EXPECT_EQ(SessionExpires::parse("90")->refresher, "");
  for (const char* bad : {"", "x", ";refresher=uac", "90x", "-1"})
    EXPECT_FALSE(SessionExpires::parse(bad)) << bad;
}

TEST(SmallHeaders, SubscriptionStateAndReason) {  // RFC 6665 §4.1.3, RFC 3326
  const auto state = SubscriptionState::parse("terminated;reason=rejected;retry-after=30");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->state, "terminated");
  EXPECT_EQ(state->reason, "rejected");
  EXPECT_EQ(state->retry_after_s, 30U);
  EXPECT_FALSE(state->expires_s);
  EXPECT_EQ(SubscriptionState::parse("active;expires=600")->expires_s, 600U);
  EXPECT_FALSE(SubscriptionState::parse(""));
  EXPECT_FALSE(SubscriptionState::parse("a b"));
  const auto reason = Reason::parse("SIP ;cause=200 ;text=\"Call completed elsewhere\"");
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->protocol, "SIP");
  EXPECT_EQ(reason->cause, 200);
  EXPECT_EQ(reason->text, "Call completed elsewhere");
  EXPECT_FALSE(Reason::parse("Q.850")->cause);
}

TEST(SmallHeaders, TokensAndMediaTypes) {  // §20.15
  const auto type = TokenParams::parse("multipart / mixed ; boundary=\"a b\";x=y");
  ASSERT_TRUE(type);
  EXPECT_TRUE(is_media_type(type->token, "multipart/mixed"));
  EXPECT_TRUE(is_media_type(type->token, "multipart/*"));
  EXPECT_FALSE(is_media_type(type->token, "application/*"));
  EXPECT_EQ(type->params.get("boundary"), "a b");
  EXPECT_EQ(TokenParams::parse("refer;id=93809824")->params.get("id"), "93809824");
  for (const char* bad : {"", "/x", "a/", "a b", "a/b/c", ";x"}) EXPECT_FALSE(TokenParams::parse(bad)) << bad;
}

TEST(SmallHeaders, DeltaSeconds) {  // §20.19, §20.33
  EXPECT_EQ(parse_delta("3600", "Expires").value(), 3600U);
  EXPECT_EQ(parse_delta("18000;duration=3600", "Retry-After").value(), 18000U);
  EXPECT_EQ(parse_delta("120 (I'm in a meeting)", "Retry-After").value(), 120U);
  EXPECT_EQ(parse_delta("4294967295", "Expires").value(), 4294967295U);
  EXPECT_EQ(parse_delta("4294967296", "Expires").error().fault, Fault::range);
  for (const char* bad : {"", "x", "-1", "1x", "1 2"})
    EXPECT_EQ(parse_delta(bad, "Expires").error().fault, Fault::syntax) << bad;
}

TEST(SmallHeaders, Authentication) {  // RFC 7616 §3.3, §3.4
  const auto auth = AuthParams::parse(
      "Digest realm=\"a, \\\"b\\\"\",qop=\"auth,auth-int\" , nonce = \"n\", stale=FALSE,algorithm=SHA-256");
  ASSERT_TRUE(auth);
  EXPECT_EQ(auth->scheme, "Digest");
  EXPECT_EQ(auth->params.size(), 5U);
  EXPECT_EQ(auth->get("realm"), "a, \\\"b\\\"");
  EXPECT_EQ(auth->get("QOP"), "auth,auth-int");
  EXPECT_EQ(auth->get("nonce"), "n");
  EXPECT_EQ(auth->get("stale"), "FALSE");
  EXPECT_EQ(auth->get("opaque"), "");
  EXPECT_EQ(AuthParams::parse("NoOneKnowsThisScheme opaque-data=here")->get("opaque-data"), "here");
  for (const std::string& bad :
       {std::string(), std::string("Digest realm"), std::string("Digest realm=\"x"),
        std::string("Digest a=b c=d"), std::string("Digest =x"), "Digest " + test::repeat("a=b,", 33)})
    EXPECT_FALSE(AuthParams::parse(bad)) << bad;
}

}  // namespace
}  // namespace sidetone::sip
