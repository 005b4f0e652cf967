#include "config/secret_sources.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/configuration.h"
#include "config/option.h"

namespace sidetone::config {
namespace {

std::string variable_of(std::string_view path) {
  std::string name = "SIDETONE_";
  for (const char c : path)
    name += c == '.' || c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

// What editors and `echo` put behind a password is none of it.
std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

class Sources {
 public:
  Sources(const Environment& environment, const ReadFile& read_file)
      : environment_(environment), read_file_(read_file), folder_(environment("CREDENTIALS_DIRECTORY")) {}

  void look_for(const std::string& path, const char* shared_variable, bool first_line) {
    if (folder_)
      if (auto text = read_file_(*folder_ + "/" + path))
        return put(path, without_line_end(std::move(*text)), fmt::format("credential {}", path));
    const auto name = variable_of(path);
    if (auto text = environment_(name.c_str()))
      return put(path, std::move(*text), "environment variable " + name);
    if (shared_variable == nullptr) return;
    if (auto text = environment_(shared_variable))
      put(path, std::move(*text), fmt::format("environment variable {}", shared_variable), !first_line);
  }
  [[nodiscard]] std::vector<Override> take() && { return std::move(found_); }

 private:
  void put(const std::string& path, std::string text, std::string origin,
           bool existing_section_only = false) {
    if (!text.empty()) found_.push_back({path, std::move(text), std::move(origin), existing_section_only});
  }
  const Environment& environment_;
  const ReadFile& read_file_;
  std::optional<std::string> folder_;
  std::vector<Override> found_;
};

const char* shared_variable(std::string_view leaf) {
  if (leaf == "nat.turn_password") return "GCTI_TURN_PASSWORD";
  if (leaf == "nat.turn_user_name") return "GCTI_TURN_USERNAME";
  return nullptr;
}

}  // namespace

std::vector<Override> secrets_from(const Environment& environment, const ReadFile& read_file) {
  constexpr std::string_view lines = "proxies.proxyN.";
  Sources sources(environment, read_file);
  for (const auto& option : option_table()) {
    const bool of_lines = option.path.starts_with(lines);
    const auto leaf = of_lines ? option.path.substr(lines.size()) : option.path;
    if (!option.is_secret() && shared_variable(leaf) == nullptr) continue;
    if (!of_lines) {
      sources.look_for(std::string(option.path), nullptr, false);
      continue;
    }
    for (std::size_t line = 0; line < lines_max; ++line)
      sources.look_for(fmt::format("proxies.proxy{}.{}", line, leaf), shared_variable(leaf), line == 0);
  }
  return std::move(sources).take();
}

}  // namespace sidetone::config
