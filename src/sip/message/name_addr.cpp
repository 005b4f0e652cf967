#include <fmt/format.h>

#include <cstring>

#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

// "<" addr-spec ">"; `at` is behind the '<' and moves behind the '>'.
Complaint read_enclosed(const char*& at, const char* end, Uri& uri) {
  const auto* close = static_cast<const char*>(std::memchr(at, '>', static_cast<std::size_t>(end - at)));
  if (close == nullptr) return "has a '<' without '>'";
  if (const Complaint wrong = read_uri(chars::between(at, close), uri)) return wrong;
  at = close + 1;
  return nullptr;
}

// addr-spec without brackets: what follows the first ';' belongs to the header; a URI with '?' or ',' must
// stand in brackets (RFC 3261 §20.10).
Complaint read_bare(const char*& at, const char* end, Uri& uri) {
  const char* begin = at;
  while (at != end && *at != ';' && !chars::is(*at, chars::lws)) {
    if (*at == '?' || *at == ',') return "has a URI that must stand in angle brackets";
    ++at;
  }
  return read_uri(chars::between(begin, at), uri);
}

bool is_plain_display(std::string_view text) {
  for (const char c : text)
    if (!chars::is(c, chars::token) && c != ' ') return false;
  return !text.empty() && text.front() != ' ' && text.back() != ' ';
}

}  // namespace

Complaint read_name_addr(std::string_view value, NameAddr& name_addr) {
  name_addr.display = {};
  name_addr.params = {};
  name_addr.is_star = false;
  const char* end = value.data() + value.size();
  const char* at = chars::skip_lws(value.data(), end);
  if (at == end) return "is empty";
  if (*at == '"') {
    const char* close = chars::find_closing_quote(at + 1, end);
    if (close == nullptr) return "has an unterminated quoted string";
    name_addr.display = chars::between(at + 1, close);
    at = chars::skip_lws(close + 1, end);
    if (at == end || *at != '<') return "has a display name without <URI>";
  } else if (*at != '<') {
    const char* begin = at;
    at = chars::skip_word(at, end, value.data(), chars::display);
    if (at != end && *at == '<') {
      name_addr.display = trim(chars::between(begin, at));
    } else if (at != end && *at == ':') {
      at = begin;
      if (const Complaint wrong = read_bare(at, end, name_addr.uri)) return wrong;
      return read_params(at, end, value.data(), name_addr.params);
    } else if (trim(value) == "*") {
      name_addr.uri = Uri{};
      name_addr.is_star = true;
      return nullptr;
    } else {
      return "has neither a URI nor a proper display name";
    }
  }
  ++at;
  if (const Complaint wrong = read_enclosed(at, end, name_addr.uri)) return wrong;
  return read_params(at, end, value.data(), name_addr.params);
}

Expected<NameAddr> NameAddr::parse(std::string_view value) {
  Expected<NameAddr> name_addr;  // filled in place: it is too large to be copied for nothing
  if (const Complaint wrong = read_name_addr(value, *name_addr))
    name_addr = fail(Layer::sip, Fault::syntax, fmt::format("the address {}", wrong));
  return name_addr;
}

std::string write_name_addr(std::string_view display, std::string_view uri, std::string_view params) {
  std::string out;
  out.reserve(display.size() + uri.size() + params.size() + 8);
  if (is_plain_display(display)) {
    out.append(display).push_back(' ');
  } else if (!display.empty()) {
    out.push_back('"');
    for (const char c : display) {
      if (c == '"' || c == '\\') out.push_back('\\');
      // A display name may come from anywhere; it must not be able to end the line.
      out.push_back(chars::is(c, chars::control) ? ' ' : c);
    }
    out.append("\" ");
  }
  out.push_back('<');
  out.append(uri).push_back('>');
  out.append(params);
  return out;
}

std::string unescape_quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out.push_back(text[i]);
  }
  return out;
}

}  // namespace sidetone::sip
