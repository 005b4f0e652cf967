// The client's choices: which challenge, which qop, when to try again (RFC 7616, RFC 8760, RFC 3261 §22).
#include <gmock/gmock.h>

#include "sip/auth/digest.h"
#include "sip/auth/response_value.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"

namespace sidetone::sip::test {
namespace {

const Credentials alice{"alice", Secret<std::string>("secret"), ""};

Message register_request() {
  Message request = Message::request(Method::register_, "sip:lab.example");
  request.add(HeaderId::via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKr");
  request.add(HeaderId::from, "<sip:alice@lab.example>;tag=1");
  request.add(HeaderId::to, "<sip:alice@lab.example>");
  request.add(HeaderId::call_id, "r1");
  request.add(HeaderId::cseq, "1 REGISTER");
  return request;
}

Message refusal(std::initializer_list<std::string_view> challenges, bool proxy = false) {
  Message response = Message::response(register_request(), proxy ? 407 : 401, {}, "s");
  for (const auto challenge : challenges)
    response.add(proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate, challenge);
  return response;
}

struct Client {
  DigestClient digest;
  SeededRandom random{1};
  Message request = register_request();
  bool answer(std::initializer_list<std::string_view> challenges, bool proxy = false) {
    return digest.answer(refusal(challenges, proxy), alice, request, random);
  }
  [[nodiscard]] AuthParams sent(HeaderId header = HeaderId::authorization) const {
    const auto auth = AuthParams::parse(request.value(header));
    EXPECT_TRUE(auth.has_value()) << request.value(header);
    return auth.value_or(AuthParams{});
  }
};

// Repeats the formula on what was sent.
std::string expected(const AuthParams& auth, DigestAlgorithm algorithm, const Message& request) {
  return digest_response({.algorithm = algorithm,
                          .session = auth.get("algorithm").ends_with("-sess"),
                          .user = auth.get("username"),
                          .realm = auth.get("realm"),
                          .nonce = auth.get("nonce"),
                          .cnonce = auth.get("cnonce"),
                          .nc = auth.get("nc"),
                          .uri = auth.get("uri"),
                          .method = request.method_name(),
                          .body = request.body(),
                          .qop = auth.get("qop")},
                         alice.password);
}

struct ChoiceRow {
  const char* section;
  std::vector<const char*> challenges;
  bool answered;
  const char* algorithm;
  const char* qop;
};
class DigestChoice : public ::testing::TestWithParam<ChoiceRow> {};

TEST_P(DigestChoice, Takes) {
  const auto& row = GetParam();
  Client client;
  Message response = refusal({});
  for (const auto* challenge : row.challenges) response.add(HeaderId::www_authenticate, challenge);
  client.request.set_body("some body", "text/plain");
  ASSERT_EQ(client.digest.answer(response, alice, client.request, client.random), row.answered)
      << row.section;
  EXPECT_EQ(client.request.has(HeaderId::authorization), row.answered);
  if (!row.answered) return;
  const auto auth = client.sent();
  EXPECT_EQ(auth.get("algorithm"), row.algorithm) << row.section;
  EXPECT_EQ(auth.get("qop"), row.qop) << row.section;
  EXPECT_EQ(auth.get("nc").empty(), std::string_view(row.qop).empty());
  EXPECT_EQ(auth.get("username"), "alice");
  EXPECT_EQ(auth.get("uri"), "sip:lab.example");
  EXPECT_EQ(auth.get("response"),
            expected(auth, find_algorithm(auth.get("algorithm"))->algorithm, client.request))
      << row.section;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DigestChoice,
    ::testing::Values(
        ChoiceRow{"RFC 2069: no qop", {R"(Digest realm="lab", nonce="n")"}, true, "", ""},
        ChoiceRow{"RFC 7616 §3.3 auth before auth-int",
                  {R"(Digest realm="lab", nonce="n", qop="auth-int, auth", algorithm=MD5)"},
                  true,
                  "MD5",
                  "auth"},
        ChoiceRow{
            "auth-int alone", {R"(Digest realm="lab", nonce="n", qop="auth-int")"}, true, "", "auth-int"},
        ChoiceRow{"qop that nobody knows", {R"(Digest realm="lab", nonce="n", qop="auth-x")"}, false, "", ""},
        ChoiceRow{"RFC 8760 §2.4 strongest of several",
                  {R"(Digest realm="lab", nonce="n", qop="auth", algorithm=MD5)",
                   R"(Digest realm="lab", nonce="n", qop="auth", algorithm=SHA-512-256)",
                   R"(Digest realm="lab", nonce="n", qop="auth", algorithm=SHA-256)"},
                  true,
                  "SHA-512-256",
                  "auth"},
        ChoiceRow{"RFC 8760 §2.4 unknown algorithms are ignored",
                  {R"(Digest realm="lab", nonce="n", qop="auth", algorithm=SHA-3-999)",
                   R"(Digest realm="lab", nonce="n", qop="auth", algorithm=sha-256)"},
                  true,
                  "sha-256",
                  "auth"},
        ChoiceRow{"only an unknown algorithm",
                  {R"(Digest realm="lab", nonce="n", algorithm=SHA-1)"},
                  false,
                  "",
                  ""},
        ChoiceRow{
            "other schemes", {R"(Basic realm="lab")", R"(Digest realm="lab", nonce="n")"}, true, "", ""},
        ChoiceRow{"no nonce", {R"(Digest realm="lab")"}, false, "", ""},
        ChoiceRow{"RFC 7616 §3.4.2 session keys",
                  {R"(Digest realm="lab", nonce="n", qop="auth", algorithm=MD5-sess)"},
                  true,
                  "MD5-sess",
                  "auth"},
        ChoiceRow{"nothing to read", {"Digest"}, false, "", ""}));

TEST(DigestClient, NonceIsReusedWithTheNextCount) {  // RFC 7616 §3.4
  Client client;
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth", opaque="o")"}));
  EXPECT_EQ(client.sent().get("nc"), "00000001");
  EXPECT_EQ(client.sent().get("opaque"), "o");
  for (const char* count : {"00000002", "00000003"}) {
    client.request = register_request();
    client.digest.authorize(alice, client.request, client.random);
    EXPECT_EQ(client.sent().get("nc"), count);
    EXPECT_EQ(client.sent().get("response"), expected(client.sent(), DigestAlgorithm::md5, client.request));
  }
  client.digest.forget();
  client.request = register_request();
  client.digest.authorize(alice, client.request, client.random);
  EXPECT_FALSE(client.request.has(HeaderId::authorization));
}

TEST(DigestClient, WrongPasswordIsNotTriedForever) {
  Client client;
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  EXPECT_FALSE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  EXPECT_FALSE(
      client.answer({R"(Digest realm="lab", nonce="n2", qop="auth")"}));  // a new nonce changes nothing
}

TEST(DigestClient, StaleIsRetriedOnceInARow) {  // RFC 7616 §3.3
  Client client;
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n2", qop="auth", stale=true)"}));
  EXPECT_EQ(client.sent().get("nonce"), "n2");
  EXPECT_EQ(client.sent().get("nc"), "00000001");
  EXPECT_FALSE(client.answer({R"(Digest realm="lab", nonce="n3", qop="auth", stale=true)"}));
}

TEST(DigestClient, OldNonceMayExpireWithoutTheWordStale) {
  Client client;
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  client.request = register_request();
  client.digest.authorize(alice, client.request, client.random);
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n2", qop="auth")"}));
  EXPECT_EQ(client.sent().get("nonce"), "n2");
  EXPECT_FALSE(client.answer({R"(Digest realm="lab", nonce="n3", qop="auth")"}));
}

TEST(DigestClient, TwoRequestsChallengedAtOnceWithOneNonce) {  // servers make nonces of the time
  Client client;
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  client.request = register_request();  // the second one was on its way without credentials, too
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  EXPECT_EQ(client.sent().get("nc"), "00000002");
}

TEST(DigestClient, ProxyAndServerEachGetTheirs) {  // RFC 3261 §22.3
  Client client;
  ASSERT_TRUE(client.answer({R"(Digest realm="proxy", nonce="p1", qop="auth")"}, true));
  ASSERT_TRUE(client.answer({R"(Digest realm="lab", nonce="n1", qop="auth")"}));
  EXPECT_EQ(client.sent().get("realm"), "lab");
  EXPECT_EQ(client.sent(HeaderId::proxy_authorization).get("realm"), "proxy");
  EXPECT_EQ(client.request.values(HeaderId::authorization).size(), 1u);
  EXPECT_EQ(client.request.values(HeaderId::proxy_authorization).size(), 1u);
}

TEST(DigestClient, RealmOfTheAccountMustFit) {
  Client client;
  Credentials credentials = alice;
  credentials.realm = "lab";
  EXPECT_FALSE(client.digest.answer(refusal({R"(Digest realm="other", nonce="n")"}), credentials,
                                    client.request, client.random));
  EXPECT_TRUE(client.digest.answer(refusal({R"(Digest realm="lab", nonce="n")"}), credentials, client.request,
                                   client.random));
}

TEST(DigestClient, QuotesInTheUserNameAreEscaped) {
  Client client;
  Credentials credentials = alice;
  credentials.user = R"(a"l\ice)";
  ASSERT_TRUE(client.digest.answer(refusal({R"(Digest realm="lab", nonce="n")"}), credentials, client.request,
                                   client.random));
  EXPECT_THAT(client.request.value(HeaderId::authorization), ::testing::HasSubstr(R"(username="a\"l\\ice")"));
}

TEST(DigestFloor, WeakerThanTheMinimumIsNotAnswered) {  // RFC 8760 §2.4: the client's own policy
  auto careful = alice;
  careful.algorithm_min = DigestAlgorithm::sha256;
  for (const auto& [challenge, answered] :
       {std::pair{R"(Digest realm="lab", nonce="n", qop="auth", algorithm=MD5)", false},
        std::pair{R"(Digest realm="lab", nonce="n", qop="auth")", false},
        std::pair{R"(Digest realm="lab", nonce="n", qop="auth", algorithm=SHA-256)", true},
        std::pair{R"(Digest realm="lab", nonce="n", qop="auth", algorithm=SHA-512-256)", true}}) {
    Client client;
    EXPECT_EQ(client.digest.answer(refusal({challenge}), careful, client.request, client.random), answered)
        << challenge;
    EXPECT_EQ(client.request.has(HeaderId::authorization), answered);
  }
}

TEST(DigestUser, HashedOnRequest) {  // RFC 7616 §3.4.4
  Client client;
  ASSERT_TRUE(
      client.answer({R"(Digest realm="lab", nonce="n", qop="auth", algorithm=SHA-256, userhash=true)"}));
  const auto auth = client.sent();
  EXPECT_EQ(auth.get("username"), digest_hex(DigestAlgorithm::sha256, "alice:lab"));
  EXPECT_EQ(auth.get("userhash"), "true");
  // The response is over the name itself (§3.4.2).
  EXPECT_EQ(auth.get("response"), digest_response({.algorithm = DigestAlgorithm::sha256,
                                                   .user = "alice",
                                                   .realm = "lab",
                                                   .nonce = "n",
                                                   .cnonce = auth.get("cnonce"),
                                                   .nc = auth.get("nc"),
                                                   .uri = auth.get("uri"),
                                                   .method = "REGISTER",
                                                   .qop = "auth"},
                                                  alice.password));
}

TEST(DigestUser, NamesAndPasswordsAreBytes) {  // RFC 7616 §3.4, §4: UTF-8, quotes, colons
  for (const auto& [user, password, written] :
       {std::tuple{"J\u00e4s\u00f8n", "p\u00e4ss:w\u00f6rd", "J\u00e4s\u00f8n"},
        std::tuple{"a\"b\\c", "q\"u\\o", "a\\\"b\\\\c"}, std::tuple{"dom:user", "::", "dom:user"}}) {
    Client client;
    const Credentials credentials{user, Secret<std::string>(password), ""};
    ASSERT_TRUE(client.digest.answer(refusal({R"(Digest realm="lab", nonce="n", algorithm=MD5)"}),
                                     credentials, client.request, client.random));
    EXPECT_EQ(client.sent().get("username"), written);
    const auto h = [](const std::string& text) { return digest_hex(DigestAlgorithm::md5, text); };
    EXPECT_EQ(client.sent().get("response"),
              h(h(std::string(user) + ":lab:" + password) + ":n:" + h("REGISTER:sip:lab.example")));
    EXPECT_TRUE(parse_message(client.request.to_bytes()));
  }
}

}  // namespace
}  // namespace sidetone::sip::test
