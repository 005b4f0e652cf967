#include "engine/redaction.h"

#include <gtest/gtest.h>

#include <string>

namespace sidetone::engine {
namespace {

struct Row {
  const char* name;
  std::string message;
  std::string expected;
};

class RedactionTest : public testing::TestWithParam<Row> {};

TEST_P(RedactionTest, ShowsWhatIdentifiesAndHidesWhatProves) {
  EXPECT_EQ(redacted(GetParam().message), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RedactionTest,
    testing::Values(
        Row{"digest_of_rfc_3261_section_22_4",
            "REGISTER sip:biloxi.example SIP/2.0\r\n"
            "Authorization: Digest username=\"bob\", realm=\"biloxi.example\",\r\n"
            " nonce=\"dcd98b7102dd2f0e\", uri=\"sip:biloxi.example\", qop=auth, nc=00000001,\r\n"
            "\tcnonce=\"0a4f113b\", response=\"6629fae49393a053\", opaque=\"5ccc\"\r\n"
            "Content-Length: 0\r\n\r\n",
            "REGISTER sip:biloxi.example SIP/2.0\r\n"
            "Authorization: Digest username=\"bob\", realm=\"biloxi.example\",\r\n"
            " nonce=***, uri=\"sip:biloxi.example\", qop=auth, nc=00000001,\r\n"
            "\tcnonce=***, response=***, opaque=\"5ccc\"\r\n"
            "Content-Length: 0\r\n\r\n"},
        Row{"proxy_any_case_blank_before_colon", "PROXY-authorization : digest RESPONSE=abc,realm=\"r\"\r\n",
            "PROXY-authorization : digest RESPONSE=***,realm=\"r\"\r\n"},
        Row{"comma_and_escaped_quote_inside_quotes",
            "Authorization: Digest realm=\"a,\\\"b\", response=\"x,y\", uri=\"sip:h\"\r\n",
            "Authorization: Digest realm=\"a,\\\"b\", response=***, uri=\"sip:h\"\r\n"},
        Row{"unclosed_quote_of_a_hidden_one", "Authorization: Digest response=\"x, realm=\"r\r\n",
            "Authorization: Digest response=***\r\n"},
        Row{"another_parameter_inside_a_broken_quote",
            "Authorization: Digest realm=\"r, response=\"secret\", qop=auth\r\n",
            "Authorization: Digest realm=***\r\n"},
        Row{"parameter_without_value", "Authorization: Digest c2VjcmV0\r\n", "Authorization: Digest***\r\n"},
        Row{"basic", "Authorization: Basic Ym9iOnNlY3JldA==\r\n", "Authorization: ***\r\n"},
        Row{"bearer_of_rfc_8898", "Authorization: Bearer eyJhbGciOi.J9\r\n", "Authorization: ***\r\n"},
        Row{"line_ends_without_return", "Authorization: Digest nonce=\"n\",\n response=\"r\"\nTo: <sip:a>\n",
            "Authorization: Digest nonce=***,\n response=***\nTo: <sip:a>\n"},
        Row{"challenge_stays", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"},
        Row{"headers_that_speak_of_secrets",
            "X-Password: hunter2\r\nP-Auth-Token: abc\r\nX-Authorization: z\r\nCookie: k\r\nMy-API-Key: "
            "7\r\n",
            "X-Password: ***\r\nP-Auth-Token: ***\r\nX-Authorization: ***\r\nCookie: ***\r\nMy-API-Key: "
            "***\r\n"},
        Row{"sdes_key_of_rfc_4568_section_9_1",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZi|2^20|1:4\r\na=sendrecv\r\n",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***\r\na=sendrecv\r\n"},
        Row{"ice_password_and_old_key",
            "a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nk=clear:abc\r\n",
            "a=ice-ufrag:8hhY\r\na=ice-pwd:***\r\nk=***\r\n"},
        Row{"uri_password_of_rfc_3261_section_19_1_1",
            "Contact: <sip:alice:secretword@atlanta.example;transport=tcp>, SIPS:bob:x@h\r\n",
            "Contact: <sip:alice:***@atlanta.example;transport=tcp>, SIPS:bob:***@h\r\n"},
        Row{"ports_are_no_passwords", "Contact: <sip:alice@192.0.2.1:5060>\r\nTo: sip:192.0.2.1:5060\r\n",
            "Contact: <sip:alice@192.0.2.1:5060>\r\nTo: sip:192.0.2.1:5060\r\n"},
        Row{"terminal_escapes", "Subject: \x1b[2J\x07\ttab\x7f\r\n", "Subject: \\x1b[2J\\x07\ttab\\x7f\r\n"},
        Row{"escape_in_a_user_part", "To: <sip:a\x1b:p@h>\r\n", "To: <sip:a\\x1b:***@h>\r\n"},
        Row{"nul_bytes", std::string("a\0b\r\n", 5), "a\\x00b\r\n"}, Row{"empty", "", ""},
        Row{"no_line_end", "Authorization: Digest response=1", "Authorization: Digest response=***"},
        Row{"credentials_among_the_headers_of_a_uri",
            "Refer-To: <sip:900@h?Authorization=Digest%20response%3Dabc&Subject=x;password=y>\r\n",
            "Refer-To: <sip:900@h?Authorization=***&Subject=x;password=***>\r\n"},
        Row{"proof_of_the_server_rfc_7616_section_3_5",
            "Authentication-Info: qop=auth, rspauth=\"abc\", cnonce=\"c\", nc=00000001\r\n",
            "Authentication-Info: qop=auth, rspauth=***, cnonce=***, nc=00000001\r\n"},
        Row{"header_ends_at_the_blank_line", "Authorization: Digest response=1\r\n\r\n body",
            "Authorization: Digest response=***\r\n\r\n body"},
        Row{"fragment_in_a_body",
            "SIP/2.0 200 OK\r\n\r\nINVITE sip:a SIP/2.0\r\nAuthorization: Digest response=1\r\n",
            "SIP/2.0 200 OK\r\n\r\nINVITE sip:a SIP/2.0\r\nAuthorization: Digest response=***\r\n"}),
    [](const auto& row) { return row.param.name; });

struct RuleRow {
  const char* name;
  RedactionRules rules;
  std::string message, expected;
};
class RedactionRulesTest : public testing::TestWithParam<RuleRow> {};

TEST_P(RedactionRulesTest, HideWhatIsAsked) {
  EXPECT_EQ(redacted(GetParam().message, GetParam().rules), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RedactionRulesTest,
    testing::Values(
        RuleRow{"info_relay",
                {.hide_digits = true},
                "INFO sip:7001@h SIP/2.0\r\nContent-Type: "
                "application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n",
                "INFO sip:7001@h SIP/2.0\r\nContent-Type: "
                "application/dtmf-relay\r\n\r\nSignal=x\r\nDuration=160\r\n"},
        RuleRow{"info_plain",
                {.hide_digits = true},
                "INFO sip:a@h SIP/2.0\r\nc: application/dtmf\r\n\r\n#",
                "INFO sip:a@h SIP/2.0\r\nc: application/dtmf\r\n\r\nx"},
        RuleRow{"info_of_a_vendor",
                {.hide_digits = true},
                "INFO sip:a@h SIP/2.0\r\nContent-Type: "
                "application/vnd.nortelnetworks.digits\r\n\r\nSignal=11\r\n",
                "INFO sip:a@h SIP/2.0\r\nContent-Type: "
                "application/vnd.nortelnetworks.digits\r\n\r\nSignal=xx\r\n"},
        RuleRow{"notify_dtmf",
                {.hide_digits = true},
                "NOTIFY sip:a@h SIP/2.0\r\nEvent: dtmf\r\n\r\n12*\r\n",
                "NOTIFY sip:a@h SIP/2.0\r\nEvent: dtmf\r\n\r\nxxx\r\n"},
        RuleRow{"other_bodies_stay",
                {.hide_digits = true},
                "INVITE sip:a@h SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n",
                "INVITE sip:a@h SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"},
        RuleRow{"digits_stay_without_the_filter",
                {},
                "INFO sip:a@h SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\n",
                "INFO sip:a@h SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\n"},
        RuleRow{"numbers",
                {.hide_numbers = true},
                "INVITE sip:5551234@h;user=phone SIP/2.0\r\nFrom: \"A 7001\" <sip:7001@h:5060>;tag=1\r\n"
                "P-Asserted-Identity: <tel:+15551234>\r\nVia: SIP/2.0/UDP 192.0.2.1:5060\r\n",
                "INVITE sip:*****34@h;user=phone SIP/2.0\r\nFrom: \"A **01\" <sip:****@h:5060>;tag=1\r\n"
                "P-Asserted-Identity: <tel:*******34>\r\nVia: SIP/2.0/UDP 192.0.2.1:5060\r\n"},
        RuleRow{"hosts_are_no_numbers",
                {.hide_numbers = true},
                "REGISTER sip:192.0.2.7:5060 SIP/2.0\r\n",
                "REGISTER sip:192.0.2.7:5060 SIP/2.0\r\n"}),
    [](const auto& row) { return row.param.name; });

// Whatever is cut or broken, the response's digits never show.
TEST(Redaction, NoPrefixOfARequestShowsTheSecret) {
  const std::string message =
      "REGISTER sip:h SIP/2.0\r\nAuthorization: Digest username=\"bob\",realm=\"r\",nonce=\"N0NCE\",\r\n"
      " cnonce=\"CN0NCE\" , response = \"5EC2E7\", uri=\"sip:bob:PA55@h\"\r\nContact: "
      "<sip:bob:PA55@h>\r\n\r\n";
  for (std::size_t length = 0; length <= message.size(); ++length) {
    const auto shown = redacted(message.substr(0, length));
    for (const auto* secret : {"N0NCE", "5EC2E7", "PA55@"})
      EXPECT_EQ(shown.find(secret), std::string::npos) << shown;
  }
}

TEST(Redaction, secrets_and_digits_in_json) {
  const std::pair<const char*, const char*> rows[] = {
      {R"(<<<<< {"options": {"proxies.proxy0.password": "5ecret", "a": "b"}})",
       R"(<<<<< {"options": {"proxies.proxy0.password": "***", "a": "b"}})"},
      {R"({"value":[{"Key":"telemetry_token","Value":"5ecret"},{"Key":"uri","Value":"x"}]})",
       R"({"value":[{"Key":"telemetry_token","Value":"***"},{"Key":"uri","Value":"x"}]})"},
      {R"({"password":12345,"x":1})", R"({"password":***,"x":1})"},
      {R"({"password" : "a\"5ecret"})", R"({"password" : "***"})"},
      {R"({"password":"5ecret)", R"({"password":"***)"},
      {R"({"password":"5ecret\)", R"({"password":"***)"},
      {R"({"password":"","passwd":"5ecret"})", R"({"password":"","passwd":"***"})"},
      {R"({"command":"dtmf","digits":"4711#"})", R"({"command":"dtmf","digits":"xxxxx"})"},
      {R"({"tokens":{"a":"b"}})", R"({"tokens":{"a":"b"}})"},
      {R"(":)", R"(":)"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(redacted(text, {.hide_digits = true}), expected);
  EXPECT_EQ(redacted(R"({"digits":"4711"})"), R"({"digits":"4711"})");
}

}  // namespace
}  // namespace sidetone::engine
