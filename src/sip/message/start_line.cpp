#include "sip/message/start_line.h"

#include "base/text.h"
#include "sip/message/chars.h"

namespace sidetone::sip {
namespace {

// "SIP/" digits "." digits, without case (RFC 3261 §7.1).
bool is_sip_version(std::string_view text) {
  if (text.size() < 7 || !iequals(text.substr(0, 4), "SIP/")) return false;
  const char* end = text.data() + text.size();
  const char* major = text.data() + 4;
  const char* dot = chars::skip(major, end, chars::digit);
  if (dot == major || dot == end || *dot != '.') return false;
  return dot + 1 != end && chars::skip(dot + 1, end, chars::digit) == end;
}

bool is_version_2(std::string_view text) { return text == "SIP/2.0" || iequals(text, "SIP/2.0"); }

Complaint read_status_line(std::string_view line, StartLine& start) {
  start.is_response = true;
  if (!is_version_2(take_until(line, ' '))) return "is of another version of SIP";
  const std::string_view code = take_until(line, ' ');
  if (code.size() != 3) return "has no status code of three digits";
  int status = 0;
  for (const char c : code) {
    if (!chars::is(c, chars::digit)) return "has no status code of three digits";
    status = status * 10 + (c - '0');
  }
  if (status < 100 || status > 699) return "has a status code outside 100 to 699";
  start.status = status;
  start.reason = line;
  return nullptr;
}

}  // namespace

Complaint read_start_line(std::string_view line, StartLine& start) {
  if (line.size() >= 4 && iequals(line.substr(0, 4), "SIP/")) return read_status_line(line, start);
  const char* end = line.data() + line.size();
  const char* at = chars::skip(line.data(), end, chars::token);
  start.method_name = chars::between(line.data(), at);
  if (start.method_name.empty() || at == end || *at != ' ') {
    start.method_name = {};
    return "does not begin with a method";
  }
  const char* uri = ++at;
  while (at != end && *at != ' ') ++at;
  start.uri = chars::between(uri, at);
  if (at == end) return "has no version";
  const auto version = chars::between(at + 1, end);
  if (!is_version_2(version)) {
    start.version_unknown = is_sip_version(version);
    return start.version_unknown ? "is of another version of SIP" : "is not method, URI and SIP/2.0";
  }
  Uri parsed;
  if (const Complaint wrong = read_uri(start.uri, parsed)) {
    start.uri = {};
    return wrong;
  }
  // §19.1.1, table 1: no headers in a Request-URI.
  if (!parsed.headers.empty()) return "has a Request-URI with headers";
  return nullptr;
}

}  // namespace sidetone::sip
