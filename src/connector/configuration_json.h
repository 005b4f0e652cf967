// What a desktop asks of the configuration: {"command": "reload"}, {"command": "set_options", "options":
// {"path": "text", ...}} and {"command": "option", "path": ...}.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "sidetone/types.h"

namespace sidetone::connector {

struct ReloadAsked {};
struct OptionAsked {
  std::string path;
};
using ConfigurationAsked = std::variant<ReloadAsked, std::vector<OptionValue>, OptionAsked>;

// Nothing: it is something else. `json` is a command as command_from_json() takes it.
[[nodiscard]] std::optional<Expected<ConfigurationAsked>> configuration_asked(
    const boost::json::object& json);
[[nodiscard]] std::optional<Expected<ConfigurationAsked>> configuration_asked(std::string_view text);

}  // namespace sidetone::connector
