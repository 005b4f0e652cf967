#include "labserver/silence.h"

#include <fmt/format.h>

#include <algorithm>

#include "sdp/session_description.h"

namespace sidetone::lab {
namespace {

constexpr std::uint16_t discard_port = 9;  // RFC 863: a port for what nobody reads; 0 would refuse the media

sdp::Connection nowhere(bool ipv6) { return {ipv6, ipv6 ? "::" : "0.0.0.0"}; }

// Keys and candidates of an offer are not the answerer's.
bool describes_format(const sdp::Attribute& attribute) {
  return attribute.name == "rtpmap" || attribute.name == "fmtp" || attribute.name == "ptime" ||
         attribute.name == "mid" || attribute.name == "crypto";
}

}  // namespace

std::string silenced(std::string_view sdp) {
  auto description = sdp::SessionDescription::parse(sdp);
  if (!description) return {};
  if (description->connection) description->connection = nowhere(description->connection->ipv6);
  if (description->direction) description->direction = sdp::Direction::inactive;
  for (auto& media : description->media) {
    if (media.connection) media.connection = nowhere(media.connection->ipv6);
    if (media.direction) media.direction = sdp::Direction::inactive;
  }
  return description->write();
}

std::string awakened(std::string_view sdp) {
  auto description = sdp::SessionDescription::parse(sdp);
  if (!description) return {};
  description->direction.reset();
  for (auto& media : description->media) media.direction.reset();
  return description->write();
}

bool is_hold(std::string_view sdp) {
  const auto description = sdp::SessionDescription::parse(sdp);
  if (!description || description->media.empty()) return false;
  return description->direction_of(description->media.front()) != sdp::Direction::sendrecv;
}

bool describe_the_same(std::string_view a, std::string_view b) {
  auto one = sdp::SessionDescription::parse(a);
  const auto other = sdp::SessionDescription::parse(b);
  if (!one || !other) return false;
  one->origin = other->origin;
  return *one == *other;
}

std::string silent_answer(std::string_view offer) {
  auto description = sdp::SessionDescription::parse(offer);
  if (!description) return {};
  const bool ipv6 = description->connection && description->connection->ipv6;
  description->origin = {"-", 3, 1, ipv6, ipv6 ? "::" : "0.0.0.0"};
  description->name = "3pcc";
  description->connection = nowhere(ipv6);
  if (description->direction) description->direction = sdp::Direction::inactive;
  std::erase_if(description->attributes, [](const auto& attribute) { return !describes_format(attribute); });
  for (auto& media : description->media) {
    media.connection.reset();
    media.port = media.kind == "audio" && media.port != 0 ? discard_port : 0;
    if (media.direction) media.direction = sdp::Direction::inactive;
    std::erase_if(media.attributes, [](const auto& attribute) { return !describes_format(attribute); });
  }
  return description->write();
}

std::string placeholder_offer(std::uint64_t session_id) {
  return fmt::format(
      "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=3pcc\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
      "m=audio {} RTP/AVP 0 8 9 18 3 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
      "a=rtpmap:9 G722/8000\r\na=rtpmap:18 G729/8000\r\na=rtpmap:3 GSM/8000\r\n"
      "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n",
      session_id, discard_port);
}

}  // namespace sidetone::lab
