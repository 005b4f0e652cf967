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
        Row{"header_ends_at_the_blank_line", "Authorization: Digest response=1\r\n\r\n body",
            "Authorization: Digest response=***\r\n\r\n body"},
        Row{"fragment_in_a_body",
            "SIP/2.0 200 OK\r\n\r\nINVITE sip:a SIP/2.0\r\nAuthorization: Digest response=1\r\n",
            "SIP/2.0 200 OK\r\n\r\nINVITE sip:a SIP/2.0\r\nAuthorization: Digest response=***\r\n"}),
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

}  // namespace
}  // namespace sidetone::engine
