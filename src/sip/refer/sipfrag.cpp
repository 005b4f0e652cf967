#include "sip/refer/sipfrag.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/message.h"

namespace sidetone::sip {
namespace {

constexpr std::string_view version = "SIP/2.0 ";
// Bound: a reason phrase is shown to people.
constexpr std::size_t reason_bytes_max = 256;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, reason_bytes_max));
  for (char& c : out)
    if (chars::is(c, chars::control)) c = ' ';
  return out;
}

}  // namespace

std::optional<StatusFragment> read_sipfrag(std::string_view body) {
  // Peers are known to begin with an empty line.
  while (!body.empty() && (body.front() == '\r' || body.front() == '\n')) body.remove_prefix(1);
  auto line = body.substr(0, body.find_first_of("\r\n"));
  if (line.size() < version.size() + 3 || !iequals(line.substr(0, version.size()), version)) return {};
  line.remove_prefix(version.size());
  const auto status = parse_number<std::uint16_t>(line.substr(0, 3));
  if (!status || *status < 100 || *status > 699) return {};
  line.remove_prefix(3);
  if (!line.empty() && line.front() != ' ') return {};
  return StatusFragment{*status, printable(trim(line))};
}

std::string write_sipfrag(int status, std::string_view reason) {
  return fmt::format("SIP/2.0 {} {}\r\n", status, printable(reason.empty() ? reason_phrase(status) : reason));
}

}  // namespace sidetone::sip
