// The wire form (RFC 3261 §7, §20.14).
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "sip/message/message.h"

namespace sidetone::sip {
namespace {

constexpr std::string_view version = "SIP/2.0";

char* put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

// Short elements share a line, so that a request stays below the size that UDP carries (§18.1.1).
bool shares_line(HeaderId id) {
  switch (id) {
    case HeaderId::accept:
    case HeaderId::accept_encoding:
    case HeaderId::accept_language:
    case HeaderId::allow:
    case HeaderId::allow_events:
    case HeaderId::content_encoding:
    case HeaderId::content_language:
    case HeaderId::in_reply_to:
    case HeaderId::proxy_require:
    case HeaderId::recv_info:
    case HeaderId::require:
    case HeaderId::supported:
    case HeaderId::unsupported: return true;
    default: return false;
  }
}

// An element that would not be cut at the comma behind it: an open quote or bracket in what a peer sent must
// not swallow its neighbours.
bool is_plain(std::string_view element) {
  for (const char c : element)
    if (c == '"' || c == '<') return false;
  return !element.empty();
}

// True when name and value lie in the message's text as "Name: value" CRLF: such a line is copied whole.
bool is_wire_line(const HeaderField& field) {
  const char* name_end = field.name.data() + field.name.size();
  const char* value_end = field.value.data() + field.value.size();
  return name_end + 2 == field.value.data() && name_end[0] == ':' && name_end[1] == ' ' &&
         value_end[0] == '\r' && value_end[1] == '\n';
}

}  // namespace

std::string Message::to_bytes() const {
  std::string out;
  write(out);
  return out;
}

char* Message::write_fields(char* at, std::string_view content_length) const {
  bool length_written = false;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const HeaderField& field = fields_[i];
    if (field.id == HeaderId::content_length) {
      if (!length_written) at = put(put(put(put(at, field.name), ": "), content_length), "\r\n");
      length_written = true;
      continue;
    }
    const auto continues = [this, &field](std::size_t next) {
      return next < fields_.size() && fields_[next].id == field.id && shares_line(field.id) &&
             is_plain(fields_[next - 1].value) && is_plain(fields_[next].value);
    };
    if (is_wire_line(field) && !continues(i + 1)) {
      at = put(at, {field.name.data(), field.name.size() + field.value.size() + 4});
      continue;
    }
    at = put(put(put(at, field.name), ": "), field.value);
    for (; continues(i + 1); ++i) at = put(put(at, ", "), fields_[i + 1].value);
    at = put(at, "\r\n");
  }
  if (!length_written) {
    at = put(put(put(at, canonical_name(HeaderId::content_length)), ": "), content_length);
    at = put(at, "\r\n");
  }
  return at;
}

void Message::write(std::string& out) const {
  std::size_t bound = 64 + method_name_.size() + uri_.size() + reason_.size() + body_.size();
  for (const HeaderField& field : fields_) bound += field.name.size() + field.value.size() + 24;
  const std::size_t before = out.size();
  out.resize(before + bound);
  char* at = out.data() + before;

  if (is_request()) {
    at = put(put(put(put(put(at, method_name_), " "), uri_), " "), version);
  } else {
    at = put(put(at, version), " ");
    at = std::to_chars(at, at + 12, status_).ptr;
    at = put(put(at, " "), reason_);
  }
  at = put(at, "\r\n");

  char digits[20];
  const char* digits_end = std::to_chars(digits, digits + sizeof digits, body_.size()).ptr;
  at = write_fields(at, {digits, static_cast<std::size_t>(digits_end - digits)});
  at = put(put(at, "\r\n"), body_);
  out.resize(static_cast<std::size_t>(at - out.data()));
}

}  // namespace sidetone::sip
