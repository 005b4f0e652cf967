#include "config/builder.h"

#include <fmt/format.h>

#include <optional>

#include "base/name_pattern.h"
#include "base/text.h"
#include "config/log_classes.h"

namespace sidetone::config {
namespace {

// Each suggestion compares with the whole table: a hostile file gets only so many.
constexpr std::size_t suggestions_max = 20;

bool takes_empty_text(OptionType type) {
  return type == OptionType::string || type == OptionType::secret || type == OptionType::regex ||
         type == OptionType::list || type == OptionType::path;
}

// A misspelt password must not be shown either.
bool may_hold_secret(std::string_view path) {
  for (const std::string_view part : {"pas", "pwd", "secret", "token", "key"})
    if (path.find(part) != std::string_view::npos) return true;
  return false;
}

}  // namespace

void Builder::build(const RawDocument& document, Configuration& into) {
  out_ = &into;
  out_->sections_ = document.sections;
  for (const auto& setting : document.settings) take_setting(setting);
  problems_.speak_of({});
  fill();
  for (std::size_t i = 0; i < document.connectivities.size(); ++i) take_line(document.connectivities[i], i);
  problems_.speak_of({});
  check_proxy_sections();
  check_ports();
  check_sounds();
  check_combinations();
}

void Builder::take_setting(const RawSetting& raw) {
  problems_.speak_of(raw.origin);
  const Option* option = find_option(raw.path);
  if (option == nullptr || option->path.starts_with("connectivity.")) return take_unknown(raw);
  if (option->has(ignored)) {
    problems_.warning(raw.line, raw.path, "is accepted and changes nothing", std::string(option->doc));
  } else if (option->has(deprecated) && raw.origin.empty()) {
    problems_.warning(raw.line, raw.path, "is deprecated", std::string(option->doc));
  }
  if (trim(raw.text).empty() && !takes_empty_text(option->type)) {
    if (!option->has(empty_ok))
      problems_.warning(raw.line, raw.path, "is empty",
                        fmt::format("the default {} is used; accepted: {}", option->default_text,
                                    accepted_values(*option)));
    return take_fallback(*option, raw, {});
  }
  auto value = parse_value(*option, raw.text);
  if (value) {
    check_names(*option, raw);
    return store(*option, raw, std::move(*value), raw.text);
  }
  if (option->has(lenient) || option->has(ignored)) return take_fallback(*option, raw, value.error().text);
  problems_.error(raw.line, raw.path, value.error().text, value.error().remedy);
}

// Names of devices are what they are; a text that is no expression may still be one.
void Builder::check_names(const Option& option, const RawSetting& raw) {
  if (option.type == OptionType::regex) {
    const NamePattern pattern{std::string(trim(raw.text))};
    if (!pattern.fault().empty())
      problems_.warning(raw.line, raw.path, fmt::format("'{}' {}", pattern.text(), pattern.fault()),
                        "it is compared as a proper name; * alone is any device");
  } else if (option.path == "policy.device.include_headset") {
    for (const auto& item : split_list(raw.text))
      if (const auto pair = parse_headset_pair(item); !pair)
        problems_.error(raw.line, raw.path, pair.error().text, pair.error().remedy);
  } else if (option.path == "system.diagnostics.log_options_provider") {
    for (const auto& item : split_list(raw.text))
      if (const auto levels = parse_class_levels(item); !levels)
        problems_.warning(raw.line, raw.path, levels.error().text, levels.error().remedy);
  }
}

// An empty or (lenient options) a bad value: what the documents say it gives.
void Builder::take_fallback(const Option& option, const RawSetting& raw, std::string_view why) {
  const auto text = option.fallback.empty() ? option.default_text : option.fallback;
  if (!why.empty())
    problems_.warning(raw.line, raw.path, std::string(why),
                      fmt::format("{} is used; accepted: {}", text.empty() ? "the default" : text,
                                  accepted_values(option)));
  if (text.empty()) return;
  if (auto value = parse_value(option, text)) store(option, raw, std::move(*value), text);
}

void Builder::store(const Option& option, const RawSetting& raw, Value value, std::string_view text) {
  auto& entries = out_->entries_[raw.path];
  if (!entries.empty() && !option.has(repeatable)) {
    problems_.warning(raw.line, raw.path, fmt::format("is given again (first in line {})", lines_[raw.path]),
                      "the last one counts; keep one");
    entries.clear();
  }
  entries.push_back({std::move(value), Secret<std::string>(std::string(text)), option.is_secret(),
                     problems_.place(raw.line)});
  lines_[raw.path] = raw.line;
}

void Builder::take_unknown(const RawSetting& raw) {
  std::string remedy = "it is kept and changes nothing";
  if (!problems_.full() && suggestions_++ < suggestions_max) {
    const std::string nearest = nearest_option(raw.path);
    if (!nearest.empty()) remedy = fmt::format("did you mean {}?", nearest);
  }
  problems_.warning(raw.line, raw.path, "is no option that this phone knows", std::move(remedy));
  out_->entries_[raw.path].push_back({Value(std::string()), Secret<std::string>(raw.text),
                                      may_hold_secret(raw.path), problems_.place(raw.line)});
  out_->unknown_.insert(raw.path);
}

void Builder::store_connectivity(const RawConnectivity& raw, std::size_t index) {
  const auto put = [&](std::string_view name, const std::string& text) {
    out_->entries_[fmt::format("connectivity.{}.{}", name, index)].push_back(
        {Value(text), Secret<std::string>(text), false, problems_.place(raw.line)});
  };
  if (raw.has_user) put("user", raw.user);
  if (raw.has_server) put("server", raw.server);
  if (raw.has_protocol) put("protocol", raw.protocol);
}

void Builder::take_line(const RawConnectivity& raw, std::size_t index) {
  problems_.speak_of(raw.origin);
  if (index >= lines_max) {
    if (index == lines_max)
      problems_.error(raw.line, "connectivity.user", fmt::format("there are more than {} lines", lines_max),
                      "take out the Connectivity elements from here on");
    return;
  }
  store_connectivity(raw, index);
  Line line;
  line.file_line = raw.line;
  line.user = raw.user;
  if (raw.user.empty())
    problems_.error(raw.line, "connectivity.user", "the line has no user",
                    "write user=\"7001\" with its number");
  else if (raw.user.size() > 128 || raw.user.find_first_of(" \t\r\n\"<>@:\\") != std::string::npos)
    problems_.error(raw.line, "connectivity.user",
                    fmt::format("'{}' cannot be the user of a SIP address", raw.user.substr(0, 60)),
                    "write the number alone, such as user=\"7001\"");
  if (raw.has_protocol) {
    const auto word = parse_value(*find_option("connectivity.protocol"), raw.protocol);
    if (!word) {
      problems_.error(raw.line, "connectivity.protocol", word.error().text, word.error().remedy);
    } else {
      for (const auto transport :
           {LineTransport::udp, LineTransport::tcp, LineTransport::tls, LineTransport::https})
        if (std::get<std::string>(*word) == to_string(transport)) line.transport = transport;
    }
  }
  auto server = raw.server.empty() ? fail(Layer::config, Fault::syntax, "the line has no server",
                                          "write server=\"host:port\" with the SIP server's name")
                                   : parse_server(raw.server);
  if (!server) {
    problems_.error(raw.line, "connectivity.server", server.error().text, server.error().remedy);
  } else {
    line.server = std::move(*server);
    if (line.server.host.ends_with(".invalid"))
      problems_.warning(raw.line, "connectivity.server",
                        fmt::format("'{}' is a placeholder and never reached (RFC 2606)", line.server.host),
                        "write your SIP server's name");
    if (!line.server.sip_proxy.empty() && line.transport != LineTransport::https)
      problems_.warning(raw.line, "connectivity.server", "sip-proxy-address acts with protocol https only");
  }
  fill_proxy(line, index);
  out_->lines.push_back(std::move(line));
}

void Builder::check_proxy_sections() {
  for (const auto& section : out_->sections_) {
    if (!section.starts_with("proxies.") || section.find('.', 8) != std::string::npos) continue;
    const auto name = std::string_view(section).substr(8);
    const auto index =
        name.starts_with("proxy") ? parse_number<unsigned>(name.substr(5)) : std::optional<unsigned>();
    if (!index || *index >= lines_max)
      problems_.warning(0, section, "belongs to no line", "lines have the sections proxy0 to proxy5");
  }
}

}  // namespace sidetone::config
