#include "config/default_files.h"

#include "base/text.h"

namespace sidetone::config {
namespace {

constexpr std::string_view name = "Softphone.config";

std::string in(std::string folder) { return std::move(folder) + "/sidetone/" + std::string(name); }

}  // namespace

std::vector<std::string> default_files(const Environment& environment) {
  // "All paths set in these environment variables must be absolute"; others are to be ignored.
  const auto absolute = [&](const char* variable) {
    auto value = environment(variable);
    return value && value->starts_with('/') ? value : std::nullopt;
  };
  std::vector<std::string> files{std::string(name)};
  if (auto home = absolute("XDG_CONFIG_HOME"))
    files.push_back(in(*home));
  else if (auto user = absolute("HOME"))
    files.push_back(in(*user + "/.config"));
  const std::string folders = environment("XDG_CONFIG_DIRS").value_or("");
  for (std::string_view rest = folders.empty() ? std::string_view("/etc/xdg") : folders; !rest.empty();)
    if (const auto folder = take_until(rest, ':'); folder.starts_with('/'))
      files.push_back(in(std::string(folder)));
  files.push_back(in("/etc"));
  return files;
}

}  // namespace sidetone::config
