#include "config/xml_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "config/document.h"

namespace sidetone::config {
namespace {

std::size_t line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// Length of the UTF-8 sequence at the front, 0 if it is none (RFC 3629 §4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
      (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
    return 0;
  return length;
}

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : utf8_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

bool known_entity(std::string_view name) {
  return name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos" ||
         (name.size() > 1 && name.front() == '#');
}

// Looks at markup only: comments and CDATA sections are skipped.
bool markup_is_plain(std::string_view text, ProblemList& problems) {
  for (std::size_t at = 0; (at = text.find_first_of("<&", at)) != std::string_view::npos; ++at) {
    const auto rest = text.substr(at);
    const auto skip = [&](std::string_view open, std::string_view close) {
      if (!rest.starts_with(open)) return false;
      const auto end = text.find(close, at + open.size());
      at = end == std::string_view::npos ? text.size() - 1 : end + close.size() - 1;
      return true;
    };
    if (skip("<!--", "-->") || skip("<![CDATA[", "]]>")) continue;
    if (rest.size() > 9 && iequals(rest.substr(0, 9), "<!DOCTYPE")) {
      problems.error(line_of(text, at), {}, "a document type (DOCTYPE) is not accepted", "take it out");
      return false;
    }
    if (rest.front() != '&') continue;
    const auto end = rest.substr(0, 12).find(';');
    if (end != std::string_view::npos && known_entity(rest.substr(1, end - 1))) continue;
    problems.error(line_of(text, at), {}, "a bare '&' or an unknown entity", "write &amp; for an ampersand");
    return false;
  }
  return true;
}

}  // namespace

bool guard_xml(std::string_view& text, ProblemList& problems) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > file_size_max) {
    problems.error(0, {}, fmt::format("the file has more than {} bytes", file_size_max),
                   "a configuration has a few kilobytes; is this the right file?");
    return false;
  }
  if (const auto bad = first_bad_byte(text)) {
    problems.error(line_of(text, *bad), {}, "the file is not UTF-8 text", "save it as UTF-8");
    return false;
  }
  return markup_is_plain(text, problems);
}

}  // namespace sidetone::config
