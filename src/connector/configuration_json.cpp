#include "connector/configuration_json.h"

#include <fmt/format.h>

#include "connector/json.h"

namespace sidetone::connector {
namespace {

using boost::json::object;

tl::unexpected<Error> bad(std::string text) {
  return fail(Layer::config, Fault::syntax, std::move(text),
              R"(for example {"command": "set_options", "options": {"policy.session.auto_answer": "1"}})");
}

// Numbers and truth are taken for their text, as people write them.
std::optional<std::string> text_of(const boost::json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (value.is_bool()) return value.get_bool() ? "1" : "0";
  return std::nullopt;
}

Expected<ConfigurationAsked> options_of(const object& json) {
  const auto* given = json.if_contains("options");
  if (given == nullptr || !given->is_object() || given->get_object().empty())
    return bad("'options' must be an object of paths and texts");
  std::vector<OptionValue> options;
  for (const auto& [path, value] : given->get_object()) {
    auto text = text_of(value);
    if (!text) return bad(fmt::format("the value of '{}' must be a text", std::string_view(path)));
    options.push_back({std::string(path), std::move(*text)});
  }
  return ConfigurationAsked(std::move(options));
}

}  // namespace

std::optional<Expected<ConfigurationAsked>> configuration_asked(const object& json) {
  const auto* command = json.if_contains("command");
  if (command == nullptr || !command->is_string()) return std::nullopt;
  const std::string_view name = command->get_string();
  if (name == "reload") return ConfigurationAsked(ReloadAsked{});
  if (name == "set_options") return options_of(json);
  if (name != "option") return std::nullopt;
  const auto* path = json.if_contains("path");
  if (path == nullptr || !path->is_string()) return bad("'path' must name an option");
  return ConfigurationAsked(OptionAsked{std::string(path->get_string())});
}

std::optional<Expected<ConfigurationAsked>> configuration_asked(std::string_view text) {
  const auto json = parse_object(text);
  if (!json) return std::nullopt;  // command_from_json() says what is wrong with it
  return configuration_asked(*json);
}

}  // namespace sidetone::connector
