// The registrar's side, against the client of this room.
#include <gtest/gtest.h>

#include "sip/auth/digest.h"
#include "sip/message/headers.h"

namespace sidetone::sip::test {
namespace {

using Verdict = DigestServer::Verdict;

struct Both {
  DigestServer server{
      "lab.example", {DigestAlgorithm::md5, DigestAlgorithm::sha512_256, DigestAlgorithm::sha256}, "key"};
  DigestClient client;
  SeededRandom random{1};
  Credentials credentials{"alice", Secret<std::string>("secret"), ""};
  Time now = Time{} + std::chrono::hours(1);
  Message request = Message::request(Method::register_, "sip:lab.example");

  Both() {
    request.add(HeaderId::via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKr");
    request.add(HeaderId::from, "<sip:alice@lab.example>;tag=1");
    request.add(HeaderId::to, "<sip:alice@lab.example>");
    request.add(HeaderId::call_id, "r1");
    request.add(HeaderId::cseq, "1 REGISTER");
  }
  Message challenge(bool proxy = false, bool stale = false) {
    Message response = Message::response(request, proxy ? 407 : 401, {}, "s");
    server.challenge(response, proxy, stale, now);
    return response;
  }
  bool answer(bool proxy = false) { return client.answer(challenge(proxy), credentials, request, random); }
  [[nodiscard]] Verdict verify(bool proxy = false) const {
    return server.verify(request, proxy, "alice", Secret<std::string>("secret"), now);
  }
  void tamper(std::string_view from, std::string_view to) {
    std::string value(request.value(HeaderId::authorization));
    const auto at = value.find(from);
    ASSERT_NE(at, std::string::npos) << value;
    request.set(HeaderId::authorization, value.replace(at, from.size(), to));
  }
};

TEST(DigestServer, OffersTheBestFirst) {  // RFC 8760 §2.3
  Both both;
  const Message response = both.challenge();
  const auto values = response.values(HeaderId::www_authenticate);
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(AuthParams::parse(values[0])->get("algorithm"), "SHA-512-256");
  EXPECT_EQ(AuthParams::parse(values[2])->get("algorithm"), "MD5");
  EXPECT_EQ(AuthParams::parse(values[0])->get("stale"), "");
  EXPECT_EQ(AuthParams::parse(both.challenge(false, true).value(HeaderId::www_authenticate))->get("stale"),
            "true");
}

TEST(DigestServer, BelievesTheRightPassword) {
  for (const bool proxy : {false, true}) {
    Both both;
    EXPECT_EQ(both.verify(proxy), Verdict::missing);
    ASSERT_TRUE(both.answer(proxy));
    EXPECT_EQ(both.verify(proxy), Verdict::ok);
    EXPECT_EQ(both.verify(!proxy), Verdict::missing);
    EXPECT_EQ(DigestServer::claimed_user(both.request, proxy), "alice");
    EXPECT_EQ(DigestServer::claimed_user(both.request, !proxy), "");
  }
}

TEST(DigestServer, RefusesTheWrongPassword) {
  Both both;
  both.credentials.password = Secret<std::string>("Secret");
  ASSERT_TRUE(both.answer());
  EXPECT_EQ(both.verify(), Verdict::wrong);
  EXPECT_FALSE(both.answer());
}

TEST(DigestServer, NonceIsStaleAfterFiveMinutes) {
  Both both;
  ASSERT_TRUE(both.answer());
  both.now += std::chrono::minutes(5);
  EXPECT_EQ(both.verify(), Verdict::ok);
  both.now += std::chrono::seconds(1);
  EXPECT_EQ(both.verify(), Verdict::stale);
  ASSERT_TRUE(both.client.answer(both.challenge(false, true), both.credentials, both.request, both.random));
  EXPECT_EQ(both.verify(), Verdict::ok);
}

TEST(DigestServer, NonceOfAnotherKeyIsStale) {  // the server was started anew
  Both both;
  ASSERT_TRUE(both.answer());
  both.server = DigestServer("lab.example", {DigestAlgorithm::sha512_256}, "another key");
  EXPECT_EQ(both.verify(), Verdict::stale);
}

TEST(DigestServer, WhatWasChangedOnTheWayIsRefused) {
  const std::pair<const char*, const char*> rows[] = {{"username=\"alice\"", "username=\"bob\""},
                                                      {"uri=\"sip:lab", "uri=\"sip:bal"},
                                                      {"nc=00000001", "nc=00000002"},
                                                      {"nc=00000001", "nc=1"},
                                                      {"qop=auth,", "qop=auth-x,"},
                                                      {"algorithm=SHA-512-256", "algorithm=MD5"},
                                                      {"algorithm=SHA-512-256", "algorithm=X"},
                                                      {"response=\"", "response=\"0"},
                                                      {"cnonce=\"", "cnonce=\"0"}};
  for (const auto& [from, to] : rows) {
    Both both;
    ASSERT_TRUE(both.answer());
    both.tamper(from, to);
    EXPECT_EQ(both.verify(), Verdict::wrong) << to;
  }
  Both both;
  ASSERT_TRUE(both.answer());
  both.tamper("realm=\"lab.example\"", "realm=\"x\"");
  EXPECT_EQ(both.verify(), Verdict::missing);
}

TEST(DigestServer, AlgorithmThatWasNotOfferedIsRefused) {
  Both both;
  both.server = DigestServer("lab.example", {DigestAlgorithm::md5}, "key");
  ASSERT_TRUE(both.answer());
  EXPECT_EQ(both.verify(), Verdict::ok);
  both.server = DigestServer("lab.example", {DigestAlgorithm::sha256}, "key");
  EXPECT_EQ(both.verify(), Verdict::wrong);
}

}  // namespace
}  // namespace sidetone::sip::test
