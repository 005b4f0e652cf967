#include "sip/dialog/dialog.h"

#include <gtest/gtest.h>

#include "sip/dialog/next_hop.h"
#include "sip/message/parser.h"

namespace sidetone::sip {
namespace {

Message invite() {
  auto message = Message::request(Method::invite, "sip:callee@example.org");
  message.add(HeaderId::via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
  message.add(HeaderId::from, "\"A\" <sip:caller@example.org>;tag=a");
  message.add(HeaderId::to, "<sip:callee@example.org>");
  message.add(HeaderId::call_id, "id");
  message.add(HeaderId::cseq, "7 INVITE");
  message.add(HeaderId::contact, "<sip:caller@192.0.2.1:5062>");
  return message;
}

Message answer(const std::vector<std::string_view>& routes) {
  auto message = Message::response(invite(), 200, "OK", "b");
  for (const auto route : routes) message.add(HeaderId::record_route, route);
  message.add(HeaderId::contact, "<sip:callee@192.0.2.2;transport=tcp>");
  return message;
}

Flow udp_flow() { return {Transport::udp, SocketId{3}, {}, {}, *Address::parse("192.0.2.9:5060", 0)}; }

TEST(Dialog, requests_by_route_set) {  // RFC 3261 §12.2.1.1
  struct Row {
    const char* what;
    std::vector<std::string_view> record_routes;
    std::string_view uri;
    std::vector<std::string_view> routes;
    std::string_view host;
    std::uint16_t port;
    Transport transport;
  };
  for (const auto& row : std::vector<Row>{
           {"none: to the remote target",
            {},
            "sip:callee@192.0.2.2;transport=tcp",
            {},
            "192.0.2.2",
            0,
            Transport::tcp},
           {"loose: reversed, the target stays the URI (§12.1.2)",
            {"<sip:far.example;lr>", "<sip:near.example:5070;lr>"},
            "sip:callee@192.0.2.2;transport=tcp",
            {"<sip:near.example:5070;lr>", "<sip:far.example;lr>"},
            "near.example",
            5070,
            Transport::udp},
           {"strict: it becomes the URI, the target the last route",
            {"<sip:far.example;lr>", "<sip:strict.example>"},
            "sip:strict.example",
            {"<sip:far.example;lr>", "<sip:callee@192.0.2.2;transport=tcp>"},
            "strict.example",
            0,
            Transport::udp},
       }) {
    SCOPED_TRACE(row.what);
    auto dialog = Dialog::as_caller(invite(), answer(row.record_routes), udp_flow());
    const auto bye = dialog.request(Method::bye);
    EXPECT_EQ(bye.request_uri(), row.uri);
    EXPECT_EQ(bye.values(HeaderId::route), row.routes);
    EXPECT_EQ(bye.value(HeaderId::from), "\"A\" <sip:caller@example.org>;tag=a");
    EXPECT_EQ(bye.value(HeaderId::to), "<sip:callee@example.org>;tag=b");
    EXPECT_EQ(bye.value(HeaderId::cseq), "8 BYE");
    EXPECT_EQ(dialog.request(Method::info).value(HeaderId::cseq), "9 INFO");
    EXPECT_EQ(dialog.ack(7).value(HeaderId::cseq), "7 ACK");
    const auto hop = dialog.next_hop();
    EXPECT_EQ(hop.host, row.host);
    EXPECT_EQ(hop.port, row.port);
    EXPECT_EQ(hop.transport, row.transport);
    EXPECT_EQ(hop.socket, SocketId{3});
  }
}

TEST(Dialog, both_sides_know_the_same_dialog) {
  auto request = invite();
  request.add(HeaderId::record_route, "<sip:one.example;lr>");
  request.add(HeaderId::record_route, "<sip:two.example;lr>");
  auto callee = Dialog::as_callee(request, "b", udp_flow());
  const auto caller = Dialog::as_caller(invite(), answer({}), udp_flow());
  EXPECT_EQ(callee.key(), Dialog::key("id", "b", "a"));
  EXPECT_EQ(caller.key(), Dialog::key("id", "a", "b"));
  EXPECT_EQ(callee.route_set(),
            (std::vector<std::string>{"<sip:one.example;lr>", "<sip:two.example;lr>"}));  // in order
  EXPECT_EQ(callee.remote_target(), "sip:caller@192.0.2.1:5062");
  EXPECT_EQ(callee.local_uri(), "sip:callee@example.org");
  EXPECT_EQ(callee.remote_uri(), "sip:caller@example.org");
  const auto bye = callee.request(Method::bye);
  EXPECT_EQ(bye.value(HeaderId::from), "<sip:callee@example.org>;tag=b");
  EXPECT_EQ(bye.value(HeaderId::to), "\"A\" <sip:caller@example.org>;tag=a");
}

TEST(Dialog, order_of_requests) {  // §12.2.2
  auto dialog = Dialog::as_callee(invite(), "b", udp_flow());
  const auto with = [](int cseq) {
    auto message = Message::request(Method::bye, "sip:x@y");
    message.add(HeaderId::cseq, std::to_string(cseq) + " BYE");
    return message;
  };
  EXPECT_FALSE(dialog.in_order(with(6)));
  EXPECT_TRUE(dialog.in_order(with(8)));
  EXPECT_FALSE(dialog.in_order(with(7)));
  EXPECT_TRUE(dialog.in_order(with(2147483647)));
}

TEST(Dialog, confirmation_keeps_the_numbers_and_takes_the_new_routes) {  // §13.2.2.4
  auto dialog = Dialog::as_caller(invite(), answer({"<sip:old.example;lr>"}), udp_flow());
  EXPECT_EQ(dialog.request(Method::prack).value(HeaderId::cseq), "8 PRACK");
  dialog.confirm(answer({"<sip:new.example;lr>"}), udp_flow());
  const auto bye = dialog.request(Method::bye);
  EXPECT_EQ(bye.value(HeaderId::cseq), "9 BYE");
  EXPECT_EQ(bye.value(HeaderId::route), "<sip:new.example;lr>");
}

TEST(Dialog, streams_are_used_again) {
  const Flow tcp{Transport::tcp, {}, ConnectionId{5}, {}, *Address::parse("192.0.2.9:40000", 0)};
  EXPECT_EQ(Dialog::as_callee(invite(), "b", tcp).next_hop().flow, tcp);
  EXPECT_FALSE(Dialog::as_callee(invite(), "b", udp_flow()).next_hop().flow);
}

TEST(Dialog, target_without_host_goes_back_where_it_came_from) {
  auto request = invite();
  request.set(HeaderId::contact, "<tel:+4930123>");
  const auto hop = Dialog::as_callee(request, "b", udp_flow()).next_hop();
  EXPECT_EQ(hop.host, "192.0.2.9");
  EXPECT_EQ(hop.port, 5060);
}

TEST(NextHop, of_uris) {
  struct Row {
    std::string_view uri, host;
    std::uint16_t port;
    Transport transport;
  };
  for (const auto& row : std::vector<Row>{{"sip:a@h", "h", 0, Transport::udp},
                                          {"sip:a@h:5070;transport=TCP", "h", 5070, Transport::tcp},
                                          {"sips:a@h", "h", 0, Transport::tls},
                                          {"sips:a@h;transport=tcp", "h", 0, Transport::tls},
                                          {"sip:a@[2001:db8::1]:5070", "2001:db8::1", 5070, Transport::udp},
                                          {"sip:a@h;maddr=192.0.2.7", "192.0.2.7", 0, Transport::udp}}) {
    SCOPED_TRACE(row.uri);
    const auto hop = next_hop_of(row.uri);
    ASSERT_TRUE(hop);
    EXPECT_EQ(hop->host, row.host);
    EXPECT_EQ(hop->port, row.port);
    EXPECT_EQ(hop->transport, row.transport);
  }
  EXPECT_FALSE(next_hop_of("tel:+49"));
  EXPECT_FALSE(next_hop_of("nonsense"));
}

}  // namespace
}  // namespace sidetone::sip
