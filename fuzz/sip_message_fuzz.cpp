// Any bytes as a datagram, as a stream, and as the value of each typed header. What was accepted must be
// written in a form that is accepted again with the same fields.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sip/message/headers.h"
#include "sip/message/parser.h"
#include "sip/message/replaces.h"
#include "sip/message/sdp_body.h"

namespace {

using namespace sidetone::sip;

void require(bool condition) {
  if (!condition) std::abort();
}

void read_values(std::string_view value) {
  if (const auto address = NameAddr::parse(value)) {
    require(address->is_star || address->uri.equivalent(address->uri));
    static_cast<void>(address->uri.is_loose_route());
    static_cast<void>(address->tag());
  }
  if (const auto via = Via::parse(value)) static_cast<void>(via->branch());
  static_cast<void>(CSeq::parse(value));
  static_cast<void>(RAck::parse(value));
  static_cast<void>(SessionExpires::parse(value));
  static_cast<void>(Replaces::parse(value));
  static_cast<void>(SubscriptionState::parse(value));
  static_cast<void>(Reason::parse(value));
  static_cast<void>(TokenParams::parse(value));
  static_cast<void>(AuthParams::parse(value));
  static_cast<void>(parse_delta(value, "Expires"));
}

void read_datagram(std::string_view bytes) {
  const auto message = parse_message(bytes);
  if (!message) {
    require(message.error().status >= 400 && message.error().status < 700);
    if (message.error().answerable)
      static_cast<void>(
          Message::response(*message.error().answerable, message.error().status, "", "t").to_bytes());
    return;
  }
  for (const HeaderField& field : message->fields()) read_values(field.value);
  if (const auto sdp = find_sdp(*message)) require(sdp->size() <= bytes.size());
  const std::string written = message->to_bytes();
  if (written.size() > message_bytes_max) return;
  // Writing adds a Content-Length, which the largest message has no room for.
  if (message->fields().size() == header_fields_max && !message->has(HeaderId::content_length)) return;
  const auto again = parse_message(written);
  require(again.has_value());
  require(again->body() == message->body());
  for (int i = 1; i < static_cast<int>(HeaderId::count_); ++i) {
    const auto id = static_cast<HeaderId>(i);
    if (id != HeaderId::content_length) require(again->values(id) == message->values(id));
  }
}

void read_stream(std::string_view bytes) {
  StreamFramer framer;
  std::size_t handed_out = 0;
  for (std::size_t at = 0, size = 1; at < bytes.size(); at += size, size = size * 3 % 257 + 1) {
    framer.append(bytes.substr(at, size));
    while (const auto next = framer.next())
      if (*next) handed_out += (*next)->size();
  }
  require(handed_out <= bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_datagram(bytes);
  read_stream(bytes);
  read_values(bytes);
  return 0;
}
