#include "sip/message/history_info.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sidetone::sip {
namespace {

// 1*DIGIT *(DOT 1*DIGIT)
bool read_index(std::string_view text, std::vector<std::uint32_t>& index) {
  while (!text.empty()) {
    const bool more = text.find('.') != std::string_view::npos;
    const auto number = parse_number<std::uint32_t>(take_until(text, '.'));
    if (!number || index.size() == history_depth_max || (more && text.empty())) return false;
    index.push_back(*number);
  }
  return !index.empty();
}

// One of the headers that a URI carries behind its '?' (RFC 3261 §19.1.1), unescaped.
std::string header_in(const Uri& uri, std::string_view name) {
  auto rest = uri.headers;
  while (!rest.empty()) {
    auto value = take_until(rest, '&');
    const auto key = take_until(value, '=');
    if (iequals(unescape(key), name)) return unescape(value);
  }
  return {};
}

}  // namespace

Expected<HistoryEntry> HistoryEntry::parse(std::string_view value) {
  auto address = NameAddr::parse(value);
  if (!address) return tl::make_unexpected(address.error());
  HistoryEntry entry;
  if (address->is_star || !read_index(address->params.get("index"), entry.index))
    return fail(Layer::sip, Fault::syntax, "History-Info has no proper index");
  entry.target = *address;
  for (const std::string_view name : {"rc", "mp", "np"}) {
    if (!address->params.has(name)) continue;
    entry.changed_by = name;
    entry.changed_from = address->params.get(name);
    break;
  }
  entry.reason = header_in(address->uri, "Reason");
  entry.anonymous = iequals(header_in(address->uri, "Privacy"), "history");
  return entry;
}

std::vector<HistoryEntry> history_of(const Message& message) {
  std::vector<HistoryEntry> history;
  for (const auto value : message.values(HeaderId::history_info)) {
    if (history.size() == history_entries_max) break;
    if (auto entry = HistoryEntry::parse(value)) history.push_back(std::move(*entry));
  }
  std::stable_sort(history.begin(), history.end(),
                   [](const auto& a, const auto& b) { return a.index < b.index; });
  return history;
}

}  // namespace sidetone::sip
