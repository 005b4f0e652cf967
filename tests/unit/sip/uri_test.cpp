#include <vector>

#include "sip/message/uri.h"

#include <gtest/gtest.h>

namespace sidetone::sip {
namespace {

struct Row {
  const char* text;
  Uri::Scheme scheme;
  const char *user, *password, *host;
  std::uint16_t port;
  const char *params, *headers;
};

class UriParts : public ::testing::TestWithParam<Row> {};

TEST_P(UriParts, AreRead) {
  const Row& row = GetParam();
  const auto uri = Uri::parse(row.text);
  ASSERT_TRUE(uri) << row.text << ": " << uri.error().text;
  EXPECT_EQ(uri->scheme, row.scheme) << row.text;
  EXPECT_EQ(uri->user, row.user) << row.text;
  EXPECT_EQ(uri->password, row.password) << row.text;
  EXPECT_EQ(uri->host, row.host) << row.text;
  EXPECT_EQ(uri->port, row.port) << row.text;
  EXPECT_EQ(uri->params.text(), row.params) << row.text;
  EXPECT_EQ(uri->headers, row.headers) << row.text;
  EXPECT_EQ(uri->text, row.text);
}

using S = Uri::Scheme;
INSTANTIATE_TEST_SUITE_P(
    Rfc3261Section19_1, UriParts,
    ::testing::Values(
        Row{"sip:alice@atlanta.com", S::sip, "alice", "", "atlanta.com", 0, "", ""},
        Row{"sip:alice:secretword@atlanta.com;transport=tcp", S::sip, "alice", "secretword", "atlanta.com", 0,
            ";transport=tcp", ""},
        Row{"sips:alice@atlanta.com?subject=project%20x&priority=urgent", S::sips, "alice", "", "atlanta.com",
            0, "", "subject=project%20x&priority=urgent"},
        Row{"sip:+1-212-555-1212:1234@gateway.com;user=phone", S::sip, "+1-212-555-1212", "1234",
            "gateway.com", 0, ";user=phone", ""},
        Row{"sips:1212@gateway.com", S::sips, "1212", "", "gateway.com", 0, "", ""},
        Row{"sip:alice@192.0.2.4", S::sip, "alice", "", "192.0.2.4", 0, "", ""},
        Row{"sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", S::sip, "", "", "atlanta.com", 0,
            ";method=REGISTER", "to=alice%40atlanta.com"},
        Row{"sip:alice;day=tuesday@atlanta.com", S::sip, "alice;day=tuesday", "", "atlanta.com", 0, "", ""},
        Row{"sip:[2001:db8::10]:5070", S::sip, "", "", "[2001:db8::10]", 5070, "", ""},
        Row{"sip:[2001:db8::10:5070]", S::sip, "", "", "[2001:db8::10:5070]", 0, "", ""},
        Row{"sip:u@[::ffff:192.0.2.2];lr", S::sip, "u", "", "[::ffff:192.0.2.2]", 0, ";lr", ""},
        Row{"sip:u@[2001:db8:::192.0.2.1]", S::sip, "u", "", "[2001:db8:::192.0.2.1]", 0, "", ""},
        Row{"SIP:host:65535", S::sip, "", "", "host", 65535, "", ""},
        Row{"sip:sips%3Auser%40example.com@example.net", S::sip, "sips%3Auser%40example.com", "",
            "example.net", 0, "", ""},
        Row{"sip:%00@host5.example.com", S::sip, "%00", "", "host5.example.com", 0, "", ""},
        Row{"sip:*21#@pbx_1.local", S::sip, "*21#", "", "pbx_1.local", 0, "", ""},
        Row{"tel:+358-555-1234567;postd=pp22", S::tel, "+358-555-1234567", "", "", 0, ";postd=pp22", ""},
        Row{"isbn:2983792873", S::other, "", "", "", 0, "", ""},
        Row{"http://www.example.com/a?b=c", S::other, "", "", "", 0, "", ""}));

TEST(Uri, RefusesWhatTheGrammarDoes) {
  const std::string too_long = "sip:" + std::string(4096, 'a');
  for (const std::string& text : std::vector<std::string>{"",
                                                          "sip",
                                                          "sip:",
                                                          "sip:@host",
                                                          "sip:u@",
                                                          "sip:u@:5060",
                                                          "sip:host:",
                                                          "sip:host:70000",
                                                          "sip:host:5x",
                                                          "sip:2001:db8::10",
                                                          "sip:[::1",
                                                          "sip:[]",
                                                          "sip:[1:2:3]",
                                                          "sip:a b@host",
                                                          "sip:a@host;x y",
                                                          "sip:a@host;p=\"q\"",
                                                          "<sip:a@b>",
                                                          "sip:a@b>",
                                                          "sip:a@b%4",
                                                          "sip:%zz@b",
                                                          "1sip:a@b",
                                                          ":a@b",
                                                          "tel:",
                                                          "tel:;x=y",
                                                          "mailto:",
                                                          "urn:a<b",
                                                          too_long})
    EXPECT_FALSE(Uri::parse(text)) << text.substr(0, 60);
}

TEST(Uri, ParametersAreFoundWithoutCaseAndWithEscapedNames) {  // RFC 4475 §3.1.1.3
  const auto uri = Uri::parse("sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31;Transport=TCP");
  ASSERT_TRUE(uri);
  EXPECT_TRUE(uri->is_loose_route());
  EXPECT_EQ(uri->transport(), "TCP");
  EXPECT_EQ(unescape(uri->params.get("name")), "value%41") << "never twice";
  EXPECT_FALSE(uri->params.has("absent"));
  EXPECT_EQ(uri->params.get("lr"), "");
}

struct Equal {
  const char *a, *b;
  bool equal;
};
class UriEquality : public ::testing::TestWithParam<Equal> {};

TEST_P(UriEquality, Holds) {
  const auto a = Uri::parse(GetParam().a);
  const auto b = Uri::parse(GetParam().b);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->equivalent(*b), GetParam().equal) << GetParam().a << "  " << GetParam().b;
  EXPECT_EQ(b->equivalent(*a), GetParam().equal) << "the other way round";
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3261Section19_1_4, UriEquality,
    ::testing::Values(
        Equal{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true},
        Equal{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
        Equal{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true},
        Equal{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
              "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
        Equal{"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
              "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
        Equal{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
        Equal{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
        Equal{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
        Equal{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
        Equal{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
        Equal{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
        Equal{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
        Equal{"sip:a@b", "sips:a@b", false}, Equal{"sip:a@b", "sip:a:pw@b", false},
        Equal{"sip:a@b;user=phone", "sip:a@b", false}, Equal{"sip:a@b;maddr=c", "sip:a@b", false},
        Equal{"sip:a@b;ttl=1", "sip:a@b", false}, Equal{"sip:a@b;method=INVITE", "sip:a@b", false},
        Equal{"sip:a@b?Subject=x", "sip:a@b?subject=x", true}, Equal{"sip:a@b?s=x", "sip:a@b?s=y", false},
        Equal{"sip:a%3bb@c", "sip:a%3Bb@c", true},
        Equal{"sip:a%3Bb@c", "sip:a;b@c", false},  // ';' is reserved: its escape is another URI
        Equal{"sip:a@b;%6Cr", "sip:a@b;lr", true}, Equal{"sip:a@b;x=1;x=2", "sip:a@b;x=2;x=1", true},
        Equal{"sip:a@b;x=1;x=2", "sip:a@b;x=1", false}, Equal{"sip:a@b;x=%3A", "sip:a@b;X=%3a", true},
        Equal{"sip:a@b;x", "sip:a@b;x=1", false}, Equal{"tel:+1", "tel:+1", true},
        Equal{"isbn:1", "isbn:2", false}));

TEST(Uri, ManyParametersAreComparedAsText) {
  std::string text = "sip:a@b";
  for (int i = 0; i < 500; ++i) text += ";p" + std::to_string(i % 300);
  const std::string other = text + ";q";
  ASSERT_TRUE(Uri::parse(text) && Uri::parse(other));
  EXPECT_TRUE(Uri::parse(text)->equivalent(*Uri::parse(text)));
  EXPECT_FALSE(Uri::parse(text)->equivalent(*Uri::parse(other)));
}

TEST(UriEscapes, GoBothWays) {  // RFC 3261 §25.1 user
  EXPECT_EQ(escape_user("a b@c:d%#\"\xC3\xA9"), "a%20b%40c%3Ad%25%23%22%C3%A9");
  EXPECT_EQ(escape_user("+49-30_(1)&=$,;?/~"), "+49-30_(1)&=$,;?/~");
  EXPECT_EQ(unescape("null-%00-null").size(), 11U);
  EXPECT_EQ(unescape("%4%zz%"), "%4%zz%");
  const std::string every = [] {
    std::string text;
    for (int c = 0; c < 256; ++c) text.push_back(static_cast<char>(c));
    return text;
  }();
  EXPECT_EQ(unescape(escape_user(every)), every);
  EXPECT_TRUE(Uri::parse("sip:" + escape_user(every) + "@host"));
}

}  // namespace
}  // namespace sidetone::sip
