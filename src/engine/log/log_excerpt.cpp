#include "engine/log/log_excerpt.h"

#include <algorithm>

#include "base/text.h"

namespace sidetone::engine {
namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
  text.remove_prefix(line.size());
  return line;
}

// "14:03:35.123|1402|-i- reg    ..." in any form of the time: two bars, a mark of three letters and a blank.
bool begins_record(std::string_view line) {
  const auto first = line.find('|');
  if (first == std::string_view::npos || first > 100) return false;
  const auto second = line.find('|', first + 1);
  if (second == std::string_view::npos || second - first > 21 || second == first + 1) return false;
  const auto thread = line.substr(first + 1, second - first - 1);
  if (thread.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const auto mark = line.substr(second + 1, 4);
  return mark == "-i- " || mark == "-d- " || mark == "Wrn " || mark == "ERR " || mark == "!!! ";
}

// What digit_record.h has written.
void hide_told_digits(std::string& line) {
  for (const std::string_view start : {"digits sent by ", "digit received by "}) {
    const auto at = line.find(start);
    if (at == std::string::npos) continue;
    const auto colon = line.find(": ", at);
    if (colon == std::string::npos) continue;
    for (auto i = colon + 2; i < line.size() && line[i] != ','; ++i)
      if (std::string_view("0123456789*#ABCDabcd").find(line[i]) != std::string_view::npos) line[i] = 'x';
  }
}

// A record, with the SIP message that may stand below its first line.
void append_record(std::string& out, std::string_view record, RedactionRules rules) {
  if (record.empty()) return;
  auto first = redacted(take_line(record), rules);
  hide_told_digits(first);
  out += first;
  out += redacted(record, rules);
}

std::string_view text_of_report(std::string_view line) {
  const auto at = line.find(" report ");
  return at == std::string_view::npos || !begins_record(line) ? std::string_view{} : line.substr(at + 8);
}

bool is_block_line(std::string_view text) {
  // "  durations: ..." behind the ids.
  const auto id = [&text](std::string_view name) {
    if (text.starts_with(name)) text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
  };
  id("line=");
  id("call=");
  return text.starts_with("  ");
}

}  // namespace

std::string redacted_log(std::string_view log, bool hide_numbers) {
  const RedactionRules rules{true, hide_numbers};
  std::string out;
  out.reserve(log.size() + log.size() / 16);
  const char* begin = log.data();
  std::size_t length = 0;
  while (!log.empty()) {
    const auto line = take_line(log);
    if (begins_record(line)) {
      append_record(out, {begin, length}, rules);
      begin = line.data();
      length = 0;
    }
    length += line.size();
  }
  append_record(out, {begin, length}, rules);
  return out;
}

std::vector<std::string> call_ends_in(std::string_view log, std::size_t calls_max) {
  std::vector<std::string> ends;
  bool in_block = false;
  while (!log.empty()) {
    const auto line = take_line(log);
    const auto text = text_of_report(line);
    if (text.find("call ended: ") != std::string_view::npos && !is_block_line(text)) {
      ends.emplace_back(line);
      in_block = true;
    } else if (in_block && !text.empty() && is_block_line(text)) {
      ends.back() += line;
    } else {
      in_block = false;
    }
    if (ends.size() > 2 * calls_max)
      ends.erase(ends.begin(), ends.end() - static_cast<std::ptrdiff_t>(calls_max));
  }
  if (ends.size() > calls_max) ends.erase(ends.begin(), ends.end() - static_cast<std::ptrdiff_t>(calls_max));
  return ends;
}

}  // namespace sidetone::engine
