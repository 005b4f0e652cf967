#include <fmt/format.h>

#include <iterator>

#include "sdp/session_description.h"

namespace sidetone::sdp {
namespace {

// Strict on output whatever a configuration or a peer put into a field: no line can be smuggled in.
void append_text(std::string& out, std::string_view text) {
  const auto start = out.size();
  out += text;
  for (auto i = start; i < out.size(); ++i)
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
}

// RFC 8866 §9, non-ws-string: a field that ends at a space must not contain one, nor be empty.
void append_field(std::string& out, std::string_view text) {
  if (text.empty()) out += '-';
  const auto start = out.size();
  append_text(out, text);
  for (auto i = start; i < out.size(); ++i)
    if (out[i] == ' ' || out[i] == '\t') out[i] = '_';
}

void append_number(std::string& out, std::uint64_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

void append_address(std::string& out, bool ipv6, std::string_view address) {
  out += ipv6 ? "IN IP6 " : "IN IP4 ";
  append_field(out, address);
  out += "\r\n";
}

void append_lines(std::string& out, const std::vector<Line>& lines, std::string_view types) {
  for (const auto& line : lines) {
    if (types.find(line.type) == std::string_view::npos) continue;
    out += line.type;
    out += '=';
    append_text(out, line.value.empty() ? std::string_view("-") : line.value);
    out += "\r\n";
  }
}

bool has_line(const std::vector<Line>& lines, char type) {
  for (const auto& line : lines)
    if (line.type == type) return true;
  return false;
}

void append_connection(std::string& out, const std::optional<Connection>& connection) {
  if (!connection) return;
  out += "c=";
  append_address(out, connection->ipv6, connection->address);
}

void append_bandwidths(std::string& out, const std::vector<Bandwidth>& bandwidths) {
  for (const auto& bandwidth : bandwidths) {
    out += "b=";
    append_field(out, bandwidth.type);
    out += ':';
    append_number(out, bandwidth.value);
    out += "\r\n";
  }
}

void append_attributes(std::string& out, const std::vector<Attribute>& attributes,
                       std::optional<Direction> direction) {
  for (const auto& attribute : attributes) {
    out += "a=";
    append_text(out, attribute.name);
    if (!attribute.value.empty()) {
      out += ':';
      append_text(out, attribute.value);
    }
    out += "\r\n";
  }
  if (!direction) return;
  out += "a=";
  out += to_string(*direction);
  out += "\r\n";
}

void append_media(std::string& out, const MediaDescription& media) {
  out += "m=";
  append_field(out, media.kind);
  out += ' ';
  append_number(out, media.port);
  if (media.port_count > 1) {
    out += '/';
    append_number(out, media.port_count);
  }
  out += ' ';
  append_field(out, media.protocol);
  for (const auto& format : media.formats) {
    out += ' ';
    append_field(out, format);
  }
  // RFC 8866 §9 asks for at least one format, also where the port is 0.
  if (media.formats.empty()) out += " 0";
  out += "\r\n";
  append_lines(out, media.other_lines, "i");
  append_connection(out, media.connection);
  append_lines(out, media.other_lines, "c");
  append_bandwidths(out, media.bandwidths);
  append_lines(out, media.other_lines, "k");
  append_attributes(out, media.attributes, media.direction);
}

}  // namespace

// The order of RFC 8866 §9.
std::string SessionDescription::write() const {
  std::string out;
  out.reserve(512 + 512 * media.size());
  out += "v=0\r\no=";
  append_field(out, origin.user);
  out += ' ';
  append_number(out, origin.session_id);
  out += ' ';
  append_number(out, origin.version);
  out += ' ';
  append_address(out, origin.ipv6, origin.address);
  out += "s=";
  append_text(out, name.empty() ? std::string_view("-") : name);
  out += "\r\n";
  append_lines(out, other_lines, "iuep");
  append_connection(out, connection);
  append_bandwidths(out, bandwidths);
  if (!has_line(other_lines, 't')) out += "t=0 0\r\n";
  append_lines(out, other_lines, "trz");
  append_lines(out, other_lines, "k");
  append_attributes(out, attributes, direction);
  for (const auto& one : media) append_media(out, one);
  return out;
}

}  // namespace sidetone::sdp
