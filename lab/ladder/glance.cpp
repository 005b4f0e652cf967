#include "ladder/glance.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sidetone::lab {
namespace {

constexpr std::size_t looked_at_max = 16'384;  // header part of any message worth drawing
constexpr std::size_t word_length_max = 40;

std::string printable(std::string_view text, std::size_t length_max = word_length_max) {
  std::string out(text.substr(0, length_max));
  std::replace_if(out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string_view take_line(std::string_view& text) {
  auto line = take_until(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "SIP/2.0 180 Ringing" or "INVITE sip:... SIP/2.0" (RFC 3261 §7.1, §7.2).
std::optional<std::string> title_of(std::string_view line, bool& response) {
  response = line.starts_with("SIP/2.0 ");
  if (response) return printable(line.substr(8));
  if (!line.ends_with(" SIP/2.0")) return std::nullopt;
  return printable(line.substr(0, line.find(' ')));
}

bool named(std::string_view name, std::string_view full, std::string_view compact) {
  return iequals(name, full) || (!compact.empty() && iequals(name, compact));
}

}  // namespace

Glance glance(std::string_view bytes) {
  Glance out;
  if (trim(bytes).empty()) {
    out.title = "keep-alive";  // RFC 5626 §3.5.1
    return out;
  }
  std::string_view rest = bytes.substr(0, looked_at_max);
  bool response = false;
  const auto title = title_of(take_line(rest), response);
  if (!title) {
    out.title = "not SIP";
    return out;
  }
  out.title = *title;
  bool body = false;
  while (!rest.empty()) {
    auto line = take_line(rest);
    if (line.empty()) {
      body = !rest.empty();
      break;
    }
    const auto name = trim(take_until(line, ':'));
    const auto value = trim(line);
    if (named(name, "CSeq", "")) {
      out.cseq = printable(response ? value : value.substr(0, value.find(' ')));
    } else if (named(name, "Call-ID", "i")) {
      out.call_id = value;
    } else if (named(name, "Content-Type", "c")) {
      out.sdp = value.size() >= 15 && iequals(value.substr(0, 15), "application/sdp");
    } else if (!response && named(name, "Event", "o")) {
      out.title += " " + printable(value.substr(0, value.find(';')), 20);
    }
  }
  out.sdp = out.sdp && body;
  return out;
}

}  // namespace sidetone::lab
