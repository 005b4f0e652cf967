// Publishing to a scripted server (RFC 3903).
#include "events.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipPublication : public TwoStacks {
 protected:
  SipPublication() {
    wire.add_peer("10.0.0.9:5060", [this](const Message& message, Address from) {
      requests.push_back(message);
      auto answer = Answer{200, {}};
      if (!answers.empty()) {
        answer = answers.front();
        answers.erase(answers.begin());
      }
      auto response = Message::response(message, answer.status, {}, "server");
      if (answer.status == 200) response.add(HeaderId::sip_etag, fmt::format("tag{}", requests.size()));
      if (answer.status == 200) response.add(HeaderId::expires, message.value(HeaderId::expires));
      for (const auto& header : answer.headers) response.add(header.name, header.value);
      wire.inject(*Address::parse("10.0.0.9:5060", 0), from, response);
    });
  }
  Publish state() const {
    Publish publish;
    publish.target = "sip:me@10.0.0.9";
    publish.from_uri = a.uri("me");
    publish.event = "presence";
    publish.body = "<open/>";
    publish.content_type = "application/pidf+xml";
    publish.expires = seconds(300);
    return publish;
  }
  PublicationId publish(Publish wish) {
    const auto id = a.stack.publish(std::move(wish), wire.now());
    EXPECT_TRUE(id) << (id ? "" : id.error().text);
    wire.run_for(milliseconds(10));
    return id ? *id : PublicationId{};
  }
  // "if-match|expires|body" of the last request
  std::string last() const {
    const auto& request = requests.at(requests.size() - 1);
    return fmt::format("{}|{}|{}", request.value(HeaderId::sip_if_match), request.value(HeaderId::expires),
                       request.body());
  }

  struct Answer {
    int status;
    std::vector<ExtraHeader> headers;
  };
  std::vector<Answer> answers;  // 200 when used up
  std::vector<Message> requests;
};

SCENARIO(SipPublication, life_of_one) {  // §4, table 1
  const auto id = publish(state());
  EXPECT_EQ(last(), "|300|<open/>");
  EXPECT_FALSE(requests.at(requests.size() - 1).has(HeaderId::contact));
  ASSERT_EQ(a.count<PublicationChanged>(), 1U);
  EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::published);
  wire.run_for(seconds(201));
  EXPECT_EQ(last(), "tag1|300|");  // refresh: no body
  ASSERT_TRUE(a.stack.republish(id, "<closed/>", "", wire.now()));
  wire.run_for(milliseconds(10));
  EXPECT_EQ(last(), "tag2|300|<closed/>");
  ASSERT_TRUE(a.stack.unpublish(id, wire.now()));
  EXPECT_FALSE(a.stack.unpublish(id, wire.now()));
  wire.run_for(milliseconds(10));
  EXPECT_EQ(last(), "tag3|0|");
  EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::removed);
  EXPECT_FALSE(a.stack.republish(id, "x", "", wire.now()));
  finish_events();
  EXPECT_EQ(requests.size(), 4U);
}

SCENARIO(SipPublication, server_that_forgot) {  // §4.1, §11.2.1: 412, the whole state again
  const auto id = publish(state());
  answers = {{412, {}}};
  wire.run_for(seconds(201));
  EXPECT_EQ(requests.size(), 3U);
  EXPECT_EQ(last(), "|300|<open/>");
  EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::published);
  answers = {{412, {}}, {412, {}}, {412, {}}, {412, {}}, {412, {}}, {412, {}}};
  ASSERT_TRUE(a.stack.republish(id, "<closed/>", "", wire.now()));
  finish_events();
  EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::failed);
  EXPECT_LE(requests.size(), 7U);  // bounded
}

SCENARIO(SipPublication, too_brief) {  // §4.2: 423
  answers = {{423, {{"Min-Expires", "900"}}}};
  const auto id = publish(state());
  EXPECT_EQ(last(), "|900|<open/>");
  EXPECT_EQ(a.last<PublicationChanged>()->expires, seconds(900));
  ASSERT_TRUE(a.stack.unpublish(id, wire.now()));
  finish_events();
}

SCENARIO(SipPublication, one_at_a_time) {  // §4: each needs the entity-tag of the one before
  const auto id = a.stack.publish(state(), wire.now());
  ASSERT_TRUE(id);
  ASSERT_TRUE(a.stack.republish(*id, "<one/>", "", wire.now()));
  ASSERT_TRUE(a.stack.republish(*id, "<two/>", "", wire.now()));
  wire.settle(a);
  wire.run_for(milliseconds(50));
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(last(), "tag1|300|<two/>");
  ASSERT_TRUE(a.stack.unpublish(*id, wire.now()));
  finish_events();
}

SCENARIO(SipPublication, failures) {
  struct Row {
    int status;
    std::vector<ExtraHeader> headers;
    std::optional<Duration> retry_in;
    std::string_view section;
  };
  for (const auto& row : std::vector<Row>{{489, {}, {}, "§6: the package is not known there"},
                                          {501, {}, {}, "RFC 3261 §21.5.2"},
                                          {403, {}, seconds(30), "as the user set it"},
                                          {503, {{"Retry-After", "90"}}, seconds(90), "RFC 3261 §20.33"}}) {
    SCOPED_TRACE(fmt::format("{} {}", row.status, row.section));
    answers = {{row.status, row.headers}};
    auto wish = state();
    wish.retry = seconds(30);
    const auto id = publish(wish);
    EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::failed);
    EXPECT_EQ(a.last<PublicationChanged>()->status, row.status);
    EXPECT_EQ(a.last<PublicationChanged>()->retry_in, row.retry_in);
    if (!row.retry_in) continue;
    wire.run_for(*row.retry_in + milliseconds(10));
    EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::published);
    ASSERT_TRUE(a.stack.unpublish(id, wire.now()));
    wire.run_for(milliseconds(10));
  }
  finish_events();
}

SCENARIO(SipPublication, said_once) {  // RFC 6035: a report is not kept
  auto wish = state();
  wish.refresh = false;
  publish(wish);
  EXPECT_EQ(a.last<PublicationChanged>()->state, PublicationState::published);
  finish_events();
  EXPECT_EQ(requests.size(), 1U);
}

}  // namespace
}  // namespace sidetone::test
