// The registrar by itself: RFC 3261 §10.3, with digest in front of it (§22, RFC 8760).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "labserver/registrar.h"
#include "sip/message/parser.h"

namespace sidetone::lab {
namespace {

using std::chrono::seconds;

sip::Message message(const std::string& text) {
  auto parsed = sip::parse_message(text);
  EXPECT_TRUE(parsed) << text << "\n" << (parsed ? "" : parsed.error().text);
  return parsed ? std::move(*parsed) : sip::Message();
}

struct Register {
  std::string dn = "7001";
  std::vector<std::string> contacts = {"<sip:7001@192.0.2.9:5060>"};
  std::string expires;  // the header
  std::string call_id = "reg-1";
  int cseq = 1;

  [[nodiscard]] sip::Message make() const {
    std::string text = fmt::format(
        "REGISTER sip:lab.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{}\r\n"
        "From: <sip:{}@lab.example>;tag=1\r\nTo: <sip:{}@lab.example>\r\nCall-ID: {}\r\n"
        "CSeq: {} REGISTER\r\nMax-Forwards: 70\r\n",
        cseq, dn, dn, call_id, cseq);
    for (const auto& contact : contacts) text += "Contact: " + contact + "\r\n";
    if (!expires.empty()) text += "Expires: " + expires + "\r\n";
    return message(text + "Content-Length: 0\r\n\r\n");
  }
};

class RegistrarTest : public ::testing::Test {
 protected:
  RegistrarTest() {
    settings.users = {{"7001", {}}, {"7002", Secret<std::string>("open sesame")}, {"7003", {}}};
    flow.remote = *Address::parse("198.51.100.7:40404", 0);
  }
  sip::Response send(const Register& request) { return registrar().handle(request.make(), flow, now); }
  Registrar& registrar() {
    if (!registrar_) registrar_ = std::make_unique<Registrar>(settings, random);
    return *registrar_;
  }
  static std::vector<std::string> headers(const sip::Response& response, std::string_view name) {
    std::vector<std::string> found;
    for (const auto& header : response.headers)
      if (header.name == name) found.push_back(header.value);
    return found;
  }

  ServerSettings settings;
  SeededRandom random{7};
  sip::Flow flow;
  Time now{seconds(1000)};

 private:
  std::unique_ptr<Registrar> registrar_;
};

TEST_F(RegistrarTest, binding_is_reached_by_the_flow_it_came_on) {
  const auto response = send({});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(headers(response, "Contact"), std::vector<std::string>{"<sip:7001@192.0.2.9:5060>;expires=3600"});
  const auto found = registrar().lookup("7001", now);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].flow.remote.to_string(), "198.51.100.7:40404");
  EXPECT_EQ(registrar().registered(now), std::vector<std::string>{"7001"});
}

struct ExpiryRow {
  const char* section;
  std::string contact_param, header;
  int status;
  int seconds_granted;  // 0: no binding
};

TEST_F(RegistrarTest, expiry) {
  const ExpiryRow rows[] = {
      {"10.2.1.1 neither given: ours", "", "", 200, 3600},
      {"10.2.1.1 header", "", "120", 200, 120},
      {"10.2.1.1 parameter before header", ";expires=60", "120", 200, 60},
      {"10.2.1.1 unreadable: as if absent", ";expires=soon", "", 200, 3600},
      {"10.3 step 7 the registrar may shorten", ";expires=100000", "", 200, 7200},
      {"10.3 step 7 too brief", ";expires=3", "", 423, 0},
      {"10.2.2 zero removes", ";expires=0", "", 200, 0},
  };
  int number = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.section);
    ++number;
    Register request;
    request.call_id = fmt::format("expiry-{}", number);
    request.contacts = {fmt::format("<sip:7001@192.0.2.{}>{}", number, row.contact_param)};
    request.expires = row.header;
    const auto response = send(request);
    EXPECT_EQ(response.status, row.status);
    if (row.status == 423) EXPECT_EQ(headers(response, "Min-Expires"), std::vector<std::string>{"10"});
    const auto uri = fmt::format("sip:7001@192.0.2.{}", number);
    seconds granted{0};
    for (const auto& binding : registrar().lookup("7001", now))
      if (binding.contact == uri) granted = std::chrono::duration_cast<seconds>(binding.expires - now);
    EXPECT_EQ(granted.count(), row.seconds_granted);
  }
}

TEST_F(RegistrarTest, bindings_end_with_their_time) {
  send({.expires = "60"});
  send({.contacts = {"<sip:7001@192.0.2.10>"}, .expires = "90", .call_id = "other"});
  ASSERT_TRUE(registrar().deadline());
  EXPECT_EQ(registrar().deadline()->when, now + seconds(60));
  now += seconds(60);
  EXPECT_EQ(registrar().lookup("7001", now).size(), 1U) << "over at its time, not at the next clean-up";
  registrar().on_time(now);
  EXPECT_EQ(registrar().counters().expired, 1U);
  ASSERT_TRUE(registrar().deadline());
  EXPECT_EQ(registrar().deadline()->when, now + seconds(30));
  now += seconds(30);
  registrar().on_time(now);
  EXPECT_FALSE(registrar().deadline());
  EXPECT_TRUE(registrar().registered(now).empty());
}

TEST_F(RegistrarTest, refresh_replaces_the_same_contact) {
  send({.expires = "60"});
  now += seconds(40);
  send({.contacts = {"<sip:7001@192.0.2.9:5060>"}, .expires = "60", .cseq = 2});
  const auto found = registrar().lookup("7001", now);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].expires, now + seconds(60));
}

TEST_F(RegistrarTest, newest_contact_first) {
  send({});
  send({.contacts = {"<sip:7001@192.0.2.10:5062>"}, .call_id = "second-line"});
  auto found = registrar().lookup("7001", now);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].contact, "sip:7001@192.0.2.10:5062");
  send({.cseq = 2});
  found = registrar().lookup("7001", now);
  EXPECT_EQ(found[0].contact, "sip:7001@192.0.2.9:5060") << "a refresh counts as newer";
}

TEST_F(RegistrarTest, star_removes_everything) {  // RFC 3261 §10.2.2
  send({});
  send({.contacts = {"<sip:7001@192.0.2.10>"}, .call_id = "other"});
  EXPECT_EQ(send({.contacts = {"*"}, .cseq = 2}).status, 400) << "without Expires: 0";
  EXPECT_EQ(send({.contacts = {"*", "<sip:7001@192.0.2.1>"}, .expires = "0", .cseq = 3}).status, 400);
  EXPECT_EQ(registrar().lookup("7001", now).size(), 2U);
  EXPECT_EQ(send({.contacts = {"*"}, .expires = "0", .cseq = 4}).status, 200);
  EXPECT_TRUE(registrar().lookup("7001", now).empty());
}

TEST_F(RegistrarTest, query_without_contact_lists_and_changes_nothing) {  // §10.2.3
  send({});
  const auto response = send({.contacts = {}, .cseq = 2});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(headers(response, "Contact").size(), 1U);
}

TEST_F(RegistrarTest, late_request_does_not_undo_a_newer_one) {  // §10.3 step 7
  send({.cseq = 5});
  EXPECT_EQ(send({.contacts = {"<sip:7001@192.0.2.9:5060>;expires=0"}, .cseq = 4}).status, 500);
  EXPECT_EQ(registrar().lookup("7001", now).size(), 1U);
}

TEST_F(RegistrarTest, all_contacts_or_none) {  // §10.3 step 7: the REGISTER fails as a whole
  EXPECT_EQ(send({.contacts = {"<sip:7001@192.0.2.1>", "<sip:7001@192.0.2.2>;expires=2"}}).status, 423);
  EXPECT_TRUE(registrar().lookup("7001", now).empty());
}

TEST_F(RegistrarTest, contacts_have_a_bound) {
  for (int i = 0; i < 40; ++i)
    send({.contacts = {fmt::format("<sip:7001@192.0.2.{}>", i)}, .call_id = fmt::format("c{}", i)});
  const auto found = registrar().lookup("7001", now);
  EXPECT_EQ(found.size(), contacts_per_dn_max);
  EXPECT_EQ(found[0].contact, "sip:7001@192.0.2.39");
}

TEST_F(RegistrarTest, unknown_dn) {  // §10.3 step 5
  EXPECT_EQ(send({.dn = "8888"}).status, 404);
  EXPECT_FALSE(registrar().knows("8888"));
}

TEST_F(RegistrarTest, unknown_dn_is_admitted_when_wanted) {
  settings.admit_unknown_dns = true;
  EXPECT_EQ(send({.dn = "8888"}).status, 200);
  EXPECT_TRUE(registrar().knows("8888"));
}

class RegistrarDigestTest : public RegistrarTest {
 protected:
  // Answers the challenge of a refused REGISTER as a phone would.
  sip::Response answer(const Register& refused, const sip::Response& challenge, const std::string& user,
                       const std::string& password) {
    auto request = refused.make();
    sip::Message response = sip::Message::response(request, challenge.status, "Unauthorized", "t");
    for (const auto& header : challenge.headers) response.add(header.name, header.value);
    Register again = refused;
    again.cseq += 1;
    auto fresh = again.make();
    sip::DigestClient client;
    EXPECT_TRUE(client.answer(response, {user, Secret<std::string>(password), {}}, fresh, random));
    return registrar().handle(fresh, flow, now);
  }
};

TEST_F(RegistrarDigestTest, challenge_offers_each_algorithm_best_first) {  // RFC 8760 §2.3
  const auto challenge = send({.dn = "7002"});
  EXPECT_EQ(challenge.status, 401);
  const auto offers = headers(challenge, "WWW-Authenticate");
  ASSERT_EQ(offers.size(), 2U);
  EXPECT_NE(offers[0].find("SHA-256"), std::string::npos) << offers[0];
  EXPECT_NE(offers[1].find("MD5"), std::string::npos) << offers[1];
  EXPECT_TRUE(registrar().lookup("7002", now).empty());
}

TEST_F(RegistrarDigestTest, right_password_registers) {
  const Register first{.dn = "7002"};
  EXPECT_EQ(answer(first, send(first), "7002", "open sesame").status, 200);
  EXPECT_EQ(registrar().lookup("7002", now).size(), 1U);
}

TEST_F(RegistrarDigestTest, wrong_password_is_challenged_again) {
  const Register first{.dn = "7002"};
  EXPECT_EQ(answer(first, send(first), "7002", "close sesame").status, 401);
  EXPECT_TRUE(registrar().lookup("7002", now).empty());
}

TEST_F(RegistrarDigestTest, nobody_registers_for_another) {  // RFC 3261 §10.3 step 4
  const Register first{.dn = "7002"};
  EXPECT_EQ(answer(first, send(first), "7003", "open sesame").status, 403);
}

}  // namespace
}  // namespace sidetone::lab
