// Who calls, and who may say so (RFC 3325, RFC 3323, Remote-Party-ID).
#include "sip/message/identity.h"

#include <gtest/gtest.h>

namespace sidetone::sip::test {
namespace {

struct Header {
  HeaderId id;
  const char* value;
};
struct Row {
  const char* section;
  std::vector<Header> headers;
  bool trusted;
  const char *display, *uri;
  bool asserted, anonymous;
};
constexpr auto pai = HeaderId::p_asserted_identity;
constexpr auto rpid = HeaderId::remote_party_id;

class Caller : public ::testing::TestWithParam<Row> {};

TEST_P(Caller, Is) {
  const auto& row = GetParam();
  auto invite = Message::request(Method::invite, "sip:7001@lab");
  invite.add(HeaderId::from, "\"Says \\\"who\\\"\" <sip:claimed@peer>;tag=1");
  for (const auto& header : row.headers) invite.add(header.id, header.value);
  const auto caller = caller_of(invite, row.trusted);
  EXPECT_EQ(caller.display, row.display) << row.section;
  EXPECT_EQ(caller.uri, row.uri) << row.section;
  EXPECT_EQ(caller.asserted, row.asserted) << row.section;
  EXPECT_EQ(caller.anonymous, row.anonymous) << row.section;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Caller,
    ::testing::Values(
        Row{"From alone", {}, true, "Says \"who\"", "sip:claimed@peer", false, false},
        Row{"RFC 3325 §9.1", {{pai, "\"A\" <sip:5551@net>"}}, true, "A", "sip:5551@net", true, false},
        Row{"RFC 3325 §5 outside of the trust domain it is no assertion",
            {{pai, "<sip:ceo@net>"}},
            false,
            "Says \"who\"",
            "sip:claimed@peer",
            false,
            false},
        Row{"RFC 3325 §9.1 sip before tel",
            {{pai, "<tel:+15551>"}, {pai, "<sip:5551@net>"}},
            true,
            "",
            "sip:5551@net",
            true,
            false},
        Row{"RFC 3325 §9.1 tel alone", {{pai, "<tel:+15551>"}}, true, "", "tel:+15551", true, false},
        Row{"RFC 3325 §9.1 a second one of a kind counts for nothing",
            {{pai, "<sip:one@net>"}, {pai, "<sip:two@net>"}},
            true,
            "",
            "sip:one@net",
            true,
            false},
        Row{"RFC 3325 §9.1 other schemes are none",
            {{pai, "<mailto:a@b>"}},
            true,
            "Says \"who\"",
            "sip:claimed@peer",
            false,
            false},
        Row{"RFC 3325 §9.3 id",
            {{pai, "<sip:5551@net>"}, {HeaderId::privacy, "id"}},
            true,
            "Anonymous",
            "sip:anonymous@anonymous.invalid",
            true,
            true},
        Row{"RFC 3323 §4.2 several words",
            {{HeaderId::privacy, "user; critical"}},
            true,
            "Anonymous",
            "sip:anonymous@anonymous.invalid",
            false,
            true},
        Row{"RFC 3323 §4.2 none wins",
            {{pai, "<sip:5551@net>"}, {HeaderId::privacy, "none"}},
            true,
            "",
            "sip:5551@net",
            true,
            false},
        Row{"Remote-Party-ID",
            {{rpid, "\"B\" <sip:77@net>;party=calling"}},
            true,
            "B",
            "sip:77@net",
            true,
            false},
        Row{"Remote-Party-ID of the called side",
            {{rpid, "<sip:77@net>;party=called"}},
            true,
            "Says \"who\"",
            "sip:claimed@peer",
            false,
            false},
        Row{"Remote-Party-ID privacy",
            {{rpid, "<sip:77@net>;privacy=full"}},
            true,
            "Anonymous",
            "sip:anonymous@anonymous.invalid",
            true,
            true},
        Row{"P-Asserted-Identity before Remote-Party-ID",
            {{rpid, "<sip:77@net>"}, {pai, "<sip:5551@net>"}},
            true,
            "",
            "sip:5551@net",
            true,
            false},
        Row{"broken values",
            {{pai, "<"}, {rpid, "<sip:"}},
            true,
            "Says \"who\"",
            "sip:claimed@peer",
            false,
            false}));

TEST(AnonymousFrom, Rfc3323Section4_1_1_3) {
  auto invite = Message::request(Method::invite, "sip:7001@lab");
  invite.add(HeaderId::from, "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1");
  EXPECT_TRUE(caller_of(invite, false).anonymous);
}

}  // namespace
}  // namespace sidetone::sip::test
