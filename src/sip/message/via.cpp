#include <fmt/format.h>

#include "sip/message/chars.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

// token SLASH: the slash may stand in white space (RFC 3261 §25.1).
bool read_token_slash(const char*& at, const char* end, std::string_view& token) {
  const char* begin = at;
  at = chars::skip(at, end, chars::token);
  token = chars::between(begin, at);
  if (token.empty()) return false;
  at = chars::skip_lws(at, end);
  if (at == end || *at != '/') return false;
  at = chars::skip_lws(at + 1, end);
  return true;
}

Complaint read_sent_by(const char*& at, const char* end, const char* begin, Via& via) {
  const char* host = at;
  if (at != end && *at == '[') {
    at = chars::skip(at + 1, end, chars::ipv6);
    if (at == end || *at != ']' || at - host < 3) return "has a broken IPv6 reference";
    ++at;
  } else {
    at = chars::skip_word(at, end, begin, chars::host);
    if (at == host) return "has no host";
  }
  via.host = chars::between(host, at);
  at = chars::skip_lws(at, end);
  if (at == end || *at != ':') return nullptr;
  at = chars::skip_lws(at + 1, end);
  const char* digits = at;
  unsigned port = 0;
  for (; at != end && chars::is(*at, chars::digit) && port <= 65535; ++at)
    port = port * 10 + static_cast<unsigned>(*at - '0');
  if (at == digits || port > 65535) return "has a bad port";
  via.port = static_cast<std::uint16_t>(port);
  at = chars::skip_lws(at, end);
  return nullptr;
}

bool is_sip(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 's' && (name[1] | 0x20) == 'i' && (name[2] | 0x20) == 'p';
}

}  // namespace

Complaint read_via(std::string_view value, Via& via) {
  via = Via{};
  const char* end = value.data() + value.size();
  const char* at = value.data();
  constexpr std::string_view usual = "SIP/2.0/";
  if (value.substr(0, usual.size()) == usual) {
    at += usual.size();
  } else {
    std::string_view protocol;
    std::string_view version;
    at = chars::skip_lws(at, end);
    if (!read_token_slash(at, end, protocol) || !is_sip(protocol) || !read_token_slash(at, end, version))
      return "does not begin with SIP/2.0/";
  }
  at = chars::skip_lws(at, end);
  const char* transport = at;
  at = chars::skip(at, end, chars::token);
  via.transport = chars::between(transport, at);
  if (via.transport.empty()) return "has no transport";
  if (at == end || !chars::is(*at, chars::lws)) return "has no sent-by";
  at = chars::skip_lws(at, end);
  if (const Complaint wrong = read_sent_by(at, end, value.data(), via)) return wrong;
  return read_params(at, end, value.data(), via.params);
}

Expected<Via> Via::parse(std::string_view value) {
  Expected<Via> via;
  if (const Complaint wrong = read_via(value, *via))
    via = fail(Layer::sip, Fault::syntax, fmt::format("Via {}", wrong));
  return via;
}

}  // namespace sidetone::sip
