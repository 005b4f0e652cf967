#include "config/override.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/option.h"

namespace sidetone::config {
namespace {

constexpr std::string_view lines = "connectivity.";

void put_line(const Override& each, std::string_view key, RawDocument& document, ProblemList& problems) {
  const auto dot = key.find('.');
  const auto number = dot == std::string_view::npos ? std::optional<unsigned>{0}
                                                    : parse_number<unsigned>(key.substr(dot + 1));
  auto& all = document.connectivities;
  if (!number || *number > all.size())
    return problems.error(0, each.path, fmt::format("there is no line {}", number.value_or(0)),
                          fmt::format("the next new line is {}", all.size()));
  if (*number == all.size()) all.emplace_back();
  auto& line = all[*number];
  line.origin = each.origin;
  const auto name = key.substr(0, dot);
  const auto put = [&](std::string& text, bool& has) {
    text = each.text;
    has = true;
  };
  if (name == "user") return put(line.user, line.has_user);
  if (name == "server") return put(line.server, line.has_server);
  if (name == "protocol") return put(line.protocol, line.has_protocol);
  problems.error(0, each.path, "cannot be set by itself", "it is part of the server value");
}

// "proxies.proxy2.nat.stun_server" of a file without section proxy2.
void make_sections(const std::string& path, RawDocument& document) {
  constexpr std::string_view proxies = "proxies.", first = "proxies.proxy0.";
  if (path.starts_with(proxies) && !path.starts_with(first)) {
    const auto section = path.substr(0, path.find('.', proxies.size()));
    if (!document.sections.contains(section)) {
      std::vector<RawSetting> inherited;
      for (const auto& setting : document.settings)
        if (setting.path.starts_with(first))
          inherited.push_back({section + "." + setting.path.substr(first.size()), setting.text, setting.line,
                               setting.origin});
      document.settings.insert(document.settings.end(), inherited.begin(), inherited.end());
    }
  }
  for (auto dot = path.find('.', path.find('.') + 1); dot != std::string::npos; dot = path.find('.', dot + 1))
    document.sections.insert(path.substr(0, dot));
}

}  // namespace

void put_overrides(const std::vector<Override>& overrides, RawDocument& document, ProblemList& problems) {
  for (const auto& each : overrides) {
    const auto path = canonical_path(each.path);
    problems.speak_of(each.origin);
    if (find_option(path) == nullptr) {
      const auto nearest = nearest_option(path);
      problems.error(0, each.path, "is no option that this phone knows",
                     nearest.empty() ? std::string() : fmt::format("did you mean {}?", nearest));
    } else if (path.starts_with(lines)) {
      put_line(each, std::string_view(path).substr(lines.size()), document, problems);
    } else {
      if (each.existing_section_only &&
          !document.sections.contains(path.substr(0, path.find('.', path.find('.') + 1))))
        continue;
      make_sections(path, document);
      std::erase_if(document.settings, [&](const RawSetting& setting) { return setting.path == path; });
      document.settings.push_back({path, each.text, 0, each.origin});
    }
  }
  problems.speak_of({});
}

}  // namespace sidetone::config
