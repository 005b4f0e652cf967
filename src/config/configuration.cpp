#include "config/configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/builder.h"
#include "config/encoding.h"
#include "config/reader.h"

namespace sidetone::config {

Configuration::Configuration() {
  ProblemList problems{std::string()};
  Builder(problems).build(RawDocument{}, *this);
}

const std::vector<Configuration::Entry>* Configuration::find(const std::string& canonical) const {
  const auto at = entries_.find(canonical);
  return at == entries_.end() ? nullptr : &at->second;
}

// proxies.proxy3.x is proxies.proxy0.x while the file has no section proxy3.
std::string Configuration::section_in_force(std::string path) const {
  constexpr std::string_view domain = "proxies.";
  if (!path.starts_with(domain)) return path;
  const auto dot = path.find('.', domain.size());
  if (dot == std::string::npos || sections_.contains(path.substr(0, dot))) return path;
  return "proxies.proxy0" + path.substr(dot);
}

std::optional<std::string> Configuration::get(std::string_view path) const {
  const std::string canonical = canonical_path(path);
  const Option* option = find_option(canonical);
  const auto* entries = find(option == nullptr ? canonical : section_in_force(canonical));
  if (entries == nullptr) {
    if (option == nullptr) return std::nullopt;
    // The two defaults that depend on another option.
    if (canonical == "policy.endpoint.sip_port_max") return std::to_string(endpoint.sip_ports.max);
    if (canonical == "policy.endpoint.rtp_port_max") return std::to_string(endpoint.rtp_ports.max);
    return std::string(option->default_text);
  }
  std::string out;
  for (const auto& entry : *entries) {
    if (&entry != &entries->front()) out += " | ";
    out += entry.secret && !entry.text.empty() ? std::string("********") : entry.text.reveal();
  }
  return out;
}

bool Configuration::is_set(std::string_view path) const { return find(canonical_path(path)) != nullptr; }

std::string Configuration::origin(std::string_view path) const {
  const auto canonical = canonical_path(path);
  const auto in_force = find_option(canonical) == nullptr ? canonical : section_in_force(canonical);
  const auto* entries = find(in_force);
  if (entries == nullptr) return "default";
  const auto& origin = entries->back().origin;
  return in_force == canonical ? origin : origin + " (proxy0, which serves lines without a section)";
}

std::vector<std::string> Configuration::secrets_of(std::string_view file) const {
  std::vector<std::string> paths;
  for (const auto& [path, entries] : entries_)
    for (const auto& entry : entries)
      if (entry.secret && !entry.text.empty() && std::string_view(entry.origin).starts_with(file)) {
        paths.push_back(path);
        break;
      }
  return paths;
}

bool Configuration::has_section(std::string_view path) const {
  const auto at = sections_.lower_bound(std::string(path));
  return at != sections_.end() && at->starts_with(path) &&
         (at->size() == path.size() || (*at)[path.size()] == '.');
}

std::vector<std::string> Configuration::differences(const Configuration& other) const {
  const auto same = [](const std::vector<Entry>& a, const std::vector<Entry>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Entry& x, const Entry& y) { return x.text == y.text; });
  };
  std::vector<std::string> paths;
  for (const auto& [path, entries] : entries_) {
    const auto* others = other.find(path);
    if (others == nullptr || !same(entries, *others)) paths.push_back(path);
  }
  for (const auto& [path, entries] : other.entries_)
    if (find(path) == nullptr) paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> Configuration::unknown_settings() const {
  return {unknown_.begin(), unknown_.end()};
}

bool ReadResult::usable() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const ConfigProblem& p) { return p.severity == Severity::error; });
}

namespace {

ReadResult built(RawDocument document, ProblemList problems, const std::vector<Override>& overrides) {
  put_overrides(overrides, document, problems);
  ReadResult result;
  Builder(problems).build(document, result.configuration);
  result.problems = std::move(problems).take();
  return result;
}

}  // namespace

ReadResult read_configuration(std::string_view text, std::string file,
                              const std::vector<Override>& overrides) {
  ProblemList problems(std::move(file));
  auto document = read_document(as_utf8(text), problems);
  return built(std::move(document), std::move(problems), overrides);
}

ReadResult configuration_of(const std::vector<Override>& overrides) {
  return built({}, ProblemList("set by hand"), overrides);
}

}  // namespace sidetone::config
