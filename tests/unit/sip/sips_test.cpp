// sips: URIs (RFC 3261 §26.2.2): TLS or nothing, and Contacts of their kind.
#include <gmock/gmock.h>

#include "base/random.h"
#include "sip/stack.h"

namespace sidetone::sip::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
const Address here = *Address::parse("192.0.2.1:40000", 0), there = *Address::parse("198.51.100.7:5061", 0);

struct Phone {
  Phone() : stack({}, random, log) {}
  AccountId account(Transport transport) {
    return stack.add_account(
        {.uri = "sip:7001@lab.example",
         .server = NextHop{.transport = transport, .host = "198.51.100.7", .port = 5061}},
        now);
  }
  // What leaves by streams, connections opened as they are wanted.
  std::string leaves() {
    std::string bytes;
    stack.run(now);
    while (const auto io = stack.poll_io()) {
      if (const auto* open = std::get_if<OpenConnection>(&*io)) {
        stack.transport().opened(open->connection, here, open->to, now);
        stack.run(now);
      } else if (const auto* sent = std::get_if<SendStream>(&*io)) {
        bytes += *sent->bytes;
      }
    }
    return bytes;
  }
  template <typename Wanted>
  std::optional<Wanted> event() {
    std::optional<Wanted> found;
    while (auto next = stack.poll_event())
      if (auto* wanted = std::get_if<Wanted>(&*next)) found = std::move(*wanted);
    return found;
  }

  SeededRandom random{1};
  NullSink log;
  Stack stack;
  Time now{};
};

TEST(Sips, TheContactOfARequestIsOfItsKind) {  // §8.1.1.8
  for (const bool secure : {true, false}) {
    Phone phone;
    const auto made = phone.stack.invite({.account = phone.account(Transport::tls),
                                          .target = secure ? "sips:7002@lab.example" : "sip:7002@lab.example",
                                          .sdp = offer},
                                         phone.now);
    ASSERT_TRUE(made) << describe(made.error());
    const auto invite = phone.leaves();
    EXPECT_THAT(invite, HasSubstr(secure ? "Contact: <sips:7001@" : "Contact: <sip:7001@"));
    if (secure)
      EXPECT_THAT(invite, Not(HasSubstr(";transport=tls")));  // §26.2.2: deprecated beside sips
    else
      EXPECT_THAT(invite, HasSubstr(";transport=tls"));
  }
}

TEST(Sips, NeverWithoutTls) {  // §26.2.2
  for (const auto transport : {Transport::udp, Transport::tcp}) {
    Phone phone;
    const auto made = phone.stack.invite(
        {.account = phone.account(transport), .target = "sips:7002@lab.example", .sdp = offer}, phone.now);
    ASSERT_FALSE(made);
    EXPECT_THAT(describe(made.error()), HasSubstr("sips:7002@lab.example wants TLS, and the way to it is"));
  }
}

TEST(Sips, TheContactInADialogIsOfTheDialogsKind) {  // §12.1.1
  for (const std::string scheme : {"sips", "sip"}) {
    Phone phone;
    const auto listener =
        phone.stack.transport().add_listener(Transport::tls, *Address::parse("192.0.2.1:5061", 0));
    phone.account(Transport::tls);
    const auto connection =
        phone.stack.transport().accepted(listener, *Address::parse("192.0.2.1:5061", 0), there, phone.now);
    phone.stack.transport().stream_data(connection,
                                        "INVITE " + scheme +
                                            ":7001@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS "
                                            "198.51.100.7:5061;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
                                            "From: <sip:7002@lab.example>;tag=1\r\nTo: "
                                            "<sip:7001@lab.example>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
                                            "Contact: <" +
                                            scheme +
                                            ":7002@198.51.100.7:5061>\r\nContent-Type: application/sdp\r\n"
                                            "Content-Length: " +
                                            std::to_string(offer.size()) + "\r\n\r\n" + offer,
                                        phone.now);
    phone.stack.run(phone.now);
    const auto incoming = phone.event<IncomingInvite>();
    ASSERT_TRUE(incoming);
    ASSERT_TRUE(phone.stack.accept(incoming->session, offer, {}, phone.now));
    EXPECT_THAT(phone.leaves(), HasSubstr("Contact: <" + scheme + ":"));
  }
}

}  // namespace
}  // namespace sidetone::sip::test
