#include <gtest/gtest.h>

#include "message_samples.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"

namespace sidetone::sip {
namespace {

using test::crlf;

Message parsed(const std::string& bytes) {
  auto message = parse_message(bytes);
  EXPECT_TRUE(message);
  return std::move(*message);
}

TEST(MessageEdit, BuildsARequest) {
  Message message = Message::request(Method::register_, "sip:example.com");
  message.add(HeaderId::via, "SIP/2.0/UDP h;branch=z9hG4bK1");
  message.add(HeaderId::max_forwards, "70");
  message.add(HeaderId::supported, "path");
  message.add(HeaderId::user_agent, "x");
  message.add(HeaderId::supported, "outbound");
  message.add("X-Own", "1");
  message.add_first(HeaderId::via, "SIP/2.0/UDP g;branch=z9hG4bK2");
  EXPECT_EQ(message.to_bytes(), crlf("REGISTER sip:example.com SIP/2.0\n"
                                     "Via: SIP/2.0/UDP g;branch=z9hG4bK2\n"
                                     "Via: SIP/2.0/UDP h;branch=z9hG4bK1\n"
                                     "Max-Forwards: 70\n"
                                     "Supported: path, outbound\n"
                                     "User-Agent: x\n"
                                     "X-Own: 1\n"
                                     "Content-Length: 0\n\n"));
}

TEST(MessageEdit, UnknownMethodsKeepTheirName) {
  const std::string name = "FOO";
  Message message = Message::request(name, "sip:a@b");
  EXPECT_EQ(message.method(), Method::other);
  EXPECT_EQ(message.to_bytes().substr(0, 20), "FOO sip:a@b SIP/2.0\r");
}

TEST(MessageEdit, TheBodyBringsTypeAndLength) {  // RFC 3261 §20.14, §20.15
  Message message = parsed(test::options("Content-Type: text/plain\nContent-Length: 2\nSubject: s\n", "hi"));
  message.set_body("v=0\r\n", "application/sdp");
  EXPECT_EQ(message.value(HeaderId::content_type), "application/sdp");
  const Message again = parsed(message.to_bytes());
  EXPECT_EQ(again.body(), "v=0\r\n");
  EXPECT_EQ(again.value(HeaderId::content_length), "5");
  message.set_body("", "");
  EXPECT_FALSE(message.has(HeaderId::content_type));
  EXPECT_EQ(parsed(message.to_bytes()).value(HeaderId::content_length), "0");
}

TEST(MessageEdit, ReplacesAndRemoves) {
  Message message = parsed(test::invite_with_sdp());
  message.replace_first(HeaderId::via, "SIP/2.0/UDP x;branch=z9hG4bKnew");
  EXPECT_EQ(message.values(HeaderId::via).size(), 2U);
  EXPECT_EQ(message.value(HeaderId::via), "SIP/2.0/UDP x;branch=z9hG4bKnew");
  message.remove_first(HeaderId::via);
  EXPECT_EQ(message.value(HeaderId::via), "SIP/2.0/TCP [2001:db8::7]:5061;branch=z9hG4bKbb2");
  message.set(HeaderId::allow, "BYE");
  EXPECT_EQ(message.values(HeaderId::allow).size(), 1U);
  message.remove(HeaderId::record_route);
  EXPECT_FALSE(message.has(HeaderId::record_route));
  message.set(HeaderId::expires, "60");
  message.set_request_uri("sip:new@example.com");
  const Message again = parsed(message.to_bytes());
  EXPECT_EQ(again.request_uri(), "sip:new@example.com");
  EXPECT_EQ(again.value(HeaderId::expires), "60");
  EXPECT_EQ(again.body(), message.body());
}

TEST(MessageEdit, AValueMayComeFromTheMessageItself) {
  Message message = parsed(test::invite_with_sdp());
  const std::string expected(message.value(HeaderId::call_id));
  for (int i = 0; i < 200; ++i) message.set(HeaderId::call_id, message.value(HeaderId::call_id));
  EXPECT_EQ(message.value(HeaderId::call_id), expected);
  message.set_body(message.body().substr(0, 3), message.value(HeaderId::content_type));
  EXPECT_EQ(message.body(), "v=0");
}

TEST(MessageEdit, NoValueCanBeginALineOfItsOwn) {
  Message message = Message::request(Method::info, "sip:a@b\r\nX: 1");
  message.add(HeaderId::subject, "hi\r\nRoute: <sip:evil>");
  message.add("X-Data\n", "1\n\n2");
  const std::string bytes = message.to_bytes();
  EXPECT_EQ(bytes.find("\nRoute"), std::string::npos);
  EXPECT_EQ(bytes.find("\nX:"), std::string::npos);
  EXPECT_EQ(bytes.find("\n\r\n"), bytes.size() - 3);
}

TEST(MessageEdit, ListsSeesEveryElementWithoutParameters) {
  Message message = Message::request(Method::options, "sip:a@b");
  message.add(HeaderId::accept, "application/sdp;q=0.5, text/plain");
  EXPECT_TRUE(message.lists(HeaderId::accept, "Application/SDP"));
  EXPECT_TRUE(message.lists(HeaderId::accept, "text/plain"));
  EXPECT_FALSE(message.lists(HeaderId::accept, "text"));
}

TEST(MessageEdit, FindsByNameInEveryForm) {
  const Message message = parsed(test::options("s: hello\nX-Own: 1\n"));
  ASSERT_NE(message.find("SUBJECT"), nullptr);
  EXPECT_EQ(message.find("s")->value, "hello");
  EXPECT_EQ(message.find("x-own")->value, "1");
  EXPECT_EQ(message.find("x-other"), nullptr);
}

TEST(MessageResponse, CopiesWhatRfc3261Section8262Asks) {
  const Message request = parsed(test::invite_with_sdp());
  const Message response = Message::response(request, 180, "", "abc");
  EXPECT_EQ(response.reason(), "Ringing");
  EXPECT_EQ(response.method(), Method::invite);
  EXPECT_EQ(response.values(HeaderId::via), request.values(HeaderId::via));
  EXPECT_EQ(response.value(HeaderId::from), request.value(HeaderId::from));
  EXPECT_EQ(response.value(HeaderId::to), "<sip:7001@pbx.example.com>;tag=abc");
  EXPECT_EQ(response.value(HeaderId::call_id), request.value(HeaderId::call_id));
  EXPECT_EQ(response.value(HeaderId::cseq), request.value(HeaderId::cseq));
  EXPECT_EQ(response.values(HeaderId::record_route), request.values(HeaderId::record_route));
  EXPECT_FALSE(response.has(HeaderId::contact));
  EXPECT_TRUE(parse_message(response.to_bytes()));
}

TEST(MessageResponse, TagAndRecordRouteOnlyWhereTheyBelong) {
  const Message request = parsed(test::invite_with_sdp());
  EXPECT_EQ(Message::response(request, 100, "", "abc").value(HeaderId::to), "<sip:7001@pbx.example.com>");
  EXPECT_FALSE(Message::response(request, 100, "", "abc").has(HeaderId::record_route));
  EXPECT_FALSE(Message::response(request, 486, "", "abc").has(HeaderId::record_route));
  EXPECT_EQ(Message::response(request, 486, "Busy", "abc").reason(), "Busy");

  const Message timed = parsed(test::options("Timestamp: 54\nRecord-Route: <sip:p;lr>\n"));
  EXPECT_EQ(Message::response(timed, 100, "", "").value(HeaderId::timestamp), "54");
  EXPECT_FALSE(Message::response(timed, 200, "", "x").has(HeaderId::timestamp));
  EXPECT_FALSE(Message::response(timed, 200, "", "x").has(HeaderId::record_route))
      << "OPTIONS make no dialog";

  const Message bye = parsed(crlf(
      "BYE sip:a@b SIP/2.0\nv: SIP/2.0/UDP h\nf: sip:a@b;tag=1\nt: sip:c@d;tag=2\ni: x\nCSeq: 1 BYE\n\n"));
  EXPECT_EQ(Message::response(bye, 200, "", "other").value(HeaderId::to), "sip:c@d;tag=2");
}

}  // namespace
}  // namespace sidetone::sip
