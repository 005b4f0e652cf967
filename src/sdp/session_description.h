// A session description as a value (RFC 8866). Lines and attributes that mean nothing to us are kept in
// order, so that parse and write lose nothing but type letters that the grammar does not have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::sdp {

enum class Direction : std::uint8_t { sendrecv, sendonly, recvonly, inactive };
[[nodiscard]] std::string_view to_string(Direction direction);
[[nodiscard]] Direction reversed(Direction direction);        // as the other side sees it
[[nodiscard]] Direction intersect(Direction a, Direction b);  // both seen from the same side
[[nodiscard]] constexpr bool sends(Direction d) {
  return d == Direction::sendrecv || d == Direction::sendonly;
}
[[nodiscard]] constexpr bool receives(Direction d) {
  return d == Direction::sendrecv || d == Direction::recvonly;
}

struct Attribute {
  std::string name, value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};  // "a=name" or "a=name:value"
struct Connection {
  bool ipv6 = false;
  std::string address;
  friend bool operator==(const Connection&, const Connection&) = default;
};
struct Bandwidth {
  std::string type;
  std::uint32_t value = 0;
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};
// A line of the grammar that we only pass on: i= u= e= p= t= r= z= k=, and c= after a media's first one.
struct Line {
  char type = 0;
  std::string value;
  friend bool operator==(const Line&, const Line&) = default;
};

struct Origin {
  std::string user = "-";
  std::uint64_t session_id = 0, version = 0;
  bool ipv6 = false;
  std::string address;
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct MediaDescription {
  std::string kind;  // "audio", "video", "application", "text", "message", "image" or anything else
  std::uint16_t port = 0;
  std::uint16_t port_count = 1;
  std::string protocol;              // "RTP/AVP", "RTP/SAVP", "UDP/TLS/RTP/SAVPF" ...
  std::vector<std::string> formats;  // payload types, or whatever the protocol has
  std::optional<Connection> connection;
  std::vector<Bandwidth> bandwidths;
  std::vector<Attribute> attributes;  // all but the direction
  std::optional<Direction> direction;
  std::vector<Line> other_lines;

  [[nodiscard]] const std::string* attribute(std::string_view name) const;  // first; nullptr when absent
  friend bool operator==(const MediaDescription&, const MediaDescription&) = default;
};

struct SessionDescription {
  Origin origin;
  std::string name = "-";
  std::optional<Connection> connection;
  std::vector<Bandwidth> bandwidths;
  std::vector<Attribute> attributes;
  std::optional<Direction> direction;
  std::vector<Line> other_lines;  // "t=0 0" is the default and not among them
  std::vector<MediaDescription> media;

  // Liberal in what grammars leave to chance: LF or CRLF, missing s= or t=, any order within a section.
  // Bounds: 64 kB, 64 m-lines, 64 formats a line, 256 attributes a section, 1,024 characters a token.
  static Expected<SessionDescription> parse(std::string_view text);
  [[nodiscard]] std::string write() const;  // CRLF line ends

  [[nodiscard]] const std::string* attribute(std::string_view wanted) const;  // the session's own; first
  // The media's own values or the session's.
  [[nodiscard]] Direction direction_of(const MediaDescription& media) const;
  [[nodiscard]] const Connection* connection_of(const MediaDescription& media) const;
  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

}  // namespace sidetone::sdp
