#include "default_config.h"

#include <cstdlib>
#include <filesystem>

#include "config/default_files.h"

namespace sidetone::app {

std::string default_config() {
  const auto variable = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  for (auto& file : config::default_files(variable))
    if (std::filesystem::exists(file)) return std::move(file);
  return {};
}

}  // namespace sidetone::app
