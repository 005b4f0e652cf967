#include "engine/process_secrets.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "config/secret_sources.h"

namespace sidetone::engine {
namespace {

constexpr std::size_t secret_length_max = 4096;  // of a credential: a password, not a file

}  // namespace

std::vector<config::Override> secrets_of_process() {
  return config::secrets_from(
      [](const char* name) -> std::optional<std::string> {
        const char* value = std::getenv(name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      },
      [](const std::string& path) -> std::optional<std::string> {
        std::ifstream file(path, std::ios::binary);
        if (!file) return std::nullopt;
        std::string text(secret_length_max, '\0');
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        return text;
      });
}

}  // namespace sidetone::engine
