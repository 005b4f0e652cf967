#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "base/text.h"
#include "config/option.h"

namespace sidetone::config {
namespace {

constexpr std::size_t suggestion_length_max = 96;  // bounds the quadratic comparison

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  while (parts.size() < 8) {
    parts.push_back(take_until(path, '.'));
    if (path.empty()) break;
  }
  return parts;
}

std::string_view leaf(std::string_view path) { return path.substr(path.rfind('.') + 1); }

// Turns an instance into the table's word: proxy3 -> proxyN, any codec section -> *.
std::string row_path(std::string_view path) {
  auto parts = split(path);
  if (parts.size() >= 3 && parts[0] == "proxies" && parts[1].starts_with("proxy") &&
      all_digits(parts[1].substr(5)))
    parts[1] = "proxyN";
  if (parts.size() == 3 && parts[0] == "codecs" && parts[1] != "enabled") parts[1] = "*";
  if (parts.size() == 3 && parts[0] == "policy" && parts[1] == "codecs") parts[2] = "*";
  std::string out;
  for (const auto part : parts) {
    if (!out.empty()) out += '.';
    out += part;
  }
  return out;
}

const Option* exact(std::string_view path) {
  const auto rows = option_table();
  const auto at =
      std::find_if(rows.begin(), rows.end(), [&](const Option& o) { return iequals(o.path, path); });
  return at == rows.end() ? nullptr : &*at;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string canonical_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char c : path) out += c == ':' ? '.' : ascii_lower(c);
  // Run-time keys of the vendor's SDK: user:N, server:N, protocol:N, transport:N.
  const auto dot = out.find('.');
  if (dot != std::string::npos && all_digits(std::string_view(out).substr(dot + 1))) {
    const std::string key = out.substr(0, dot);
    if (key == "user" || key == "server" || key == "protocol" || key == "transport")
      return "connectivity." + (key == "transport" ? "protocol" : key) + out.substr(dot);
  }
  return out;
}

const Option* find_option(std::string_view path) {
  std::string wanted = canonical_path(path);
  if (wanted.starts_with("connectivity.") && all_digits(leaf(wanted))) wanted.resize(wanted.rfind('.'));
  if (const Option* option = exact(wanted)) return option;
  return exact(row_path(wanted));
}

std::string nearest_option(std::string_view path) {
  const std::string wanted = row_path(canonical_path(path));
  if (wanted.size() > suggestion_length_max) return {};
  // The right name in a wrong section is the commonest slip.
  for (const Option& option : option_table())
    if (iequals(leaf(option.path), leaf(wanted)) && leaf(wanted) != "*") return std::string(option.path);
  const Option* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, leaf(wanted).size() / 3) + 1;
  for (const Option& option : option_table()) {
    const std::size_t length = option.path.size();
    const std::size_t apart = std::max(wanted.size(), length) - std::min(wanted.size(), length);
    if (apart >= best_distance) continue;  // it takes at least that many edits
    const std::size_t distance = edit_distance(wanted, option.path);
    if (distance >= best_distance) continue;
    best = &option;
    best_distance = distance;
  }
  return best == nullptr ? std::string() : std::string(best->path);
}

}  // namespace sidetone::config
