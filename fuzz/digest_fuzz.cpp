// Each line: a challenge (first byte: of a server or a proxy), or an Authorization that a caller claims. The
// client's answer is a message that can be read, with at most one line of credentials a challenge, and never
// shows the password; the server believes nobody but who knows it.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "script.h"
#include "sip/auth/digest.h"
#include "sip/message/parser.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;

constexpr std::string_view password = "open-sesame-4711";
constexpr std::size_t challenges_max = 12;

Message request() {
  auto message = Message::request(Method::invite, "sip:bob@example.com");
  message.add(HeaderId::via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
  message.add(HeaderId::from, "<sip:alice@example.com>;tag=1");
  message.add(HeaderId::to, "<sip:bob@example.com>");
  message.add(HeaderId::call_id, "c1");
  message.add(HeaderId::cseq, "1 INVITE");
  message.set_body("v=0\r\n", "application/sdp");
  return message;
}

std::size_t credentials_in(const Message& message) {
  return message.values(HeaderId::authorization).size() +
         message.values(HeaderId::proxy_authorization).size();
}

void check(const Message& message) {
  const auto bytes = message.to_bytes();
  ST_ASSERT(bytes.find(password) == std::string::npos);
  ST_ASSERT(credentials_in(message) <= challenges_max);
  if (bytes.size() > message_bytes_max) return;
  const auto again = parse_message(bytes);  // no challenge may break the request that answers it
  ST_ASSERT(again && again->body() == message.body());
  ST_ASSERT(again->fields().size() == message.fields().size() + 1);  // Content-Length
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  if (script.rest().find(password) != std::string_view::npos) return 0;  // the fuzzer has found the word
  SeededRandom random(7);
  const Credentials credentials{"alice", Secret<std::string>(std::string(password)), {}};
  const DigestServer server("example.com", {DigestAlgorithm::sha256, DigestAlgorithm::md5}, "key");
  const Time now{std::chrono::seconds(100)};

  DigestClient client;
  std::string response =
      "SIP/2.0 401 x\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n"
      "To: <sip:b@x>;tag=2\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n";
  for (std::size_t i = 0; i < challenges_max && !script.done(); ++i) {
    const bool proxy = script.chance();
    const auto line = script.line();
    auto claim = request();
    if (line.find_first_of("\r\n") == std::string_view::npos && line.size() < 2000) {
      claim.add(HeaderId::authorization, line);
      static_cast<void>(DigestServer::claimed_user(claim, false));
      ST_ASSERT(server.verify(claim, false, "alice", credentials.password, now) != DigestServer::Verdict::ok);
    }
    response += proxy ? "Proxy-Authenticate: " : "WWW-Authenticate: ";
    response += line;
    response += "\r\n";
  }
  const auto challenge = parse_message(response + "Content-Length: 0\r\n\r\n");
  if (!challenge) return 0;
  auto first = request();
  if (client.answer(*challenge, credentials, first, random)) check(first);
  auto second = request();
  client.authorize(credentials, second, random);
  check(second);
  static_cast<void>(client.answer(*challenge, credentials, second, random));
  check(second);
  return 0;
}
