#include "engine/log/log_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "engine/redaction.h"

namespace sidetone::engine {
namespace {

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += ascii_lower(c);
  return out;
}

// "--password-env NAME" names a variable, which is no secret.
bool takes_secret(std::string_view option) {
  const auto name = lower(option);
  if (!name.starts_with('-') || name.ends_with("-env") || name.ends_with("-file") || name.ends_with("-fd"))
    return false;
  static constexpr std::array words{"password", "passwd", "secret", "token", "passphrase", "api-key"};
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return name.find(word) != std::string::npos; });
}

// "--user 7001:PASSWORD" of the lab.
std::string without_password(const std::string& user) {
  const auto colon = user.find(':');
  return colon == std::string::npos ? redacted(user) : user.substr(0, colon + 1) + "***";
}

std::string calendar_text(WallTime time, bool utc) {
  return LogTimeWriter({utc, LogTimeForm::Format::iso8601}).text(time);
}

std::string running_time(Duration duration) {
  const auto s = std::chrono::floor<std::chrono::seconds>(duration).count();
  return fmt::format("{}:{:02}:{:02}:{:02}", s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
}

}  // namespace

std::string shown_command_line(const std::vector<std::string>& arguments) {
  std::string out;
  bool secret = false, user = false;
  for (const auto& argument : arguments) {
    if (!out.empty()) out += ' ';
    const auto equals = argument.find('=');
    if (secret)
      out += "***";
    else if (equals != std::string::npos && takes_secret(argument.substr(0, equals)))
      out += argument.substr(0, equals + 1) + "***";
    else if (user)
      out += without_password(argument);
    else if (argument.starts_with("--user="))
      out += "--user=" + without_password(argument.substr(7));
    else
      out += redacted(argument);
    user = !user && argument == "--user";
    secret = !secret && equals == std::string::npos && takes_secret(argument);
  }
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\r', ' ');
  return out;
}

std::string log_header(const LogHeaderFacts& facts, const std::string& file, Moment now) {
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("*** {:<14} {}\n", fmt::format("{}:", name), value);
  };
  line("Application", fmt::format("{} {}", facts.application, facts.version));
  line("Command line", shown_command_line(facts.command_line));
  line("Host name", facts.host_name);
  line("Time zone", facts.time_zone);
  line("UTC time", calendar_text(now.wall, true));
  line("Local time", calendar_text(now.wall, false));
  line("Running time", fmt::format("{} (days:hours:minutes:seconds) since {}",
                                   running_time(now.steady - facts.started.steady),
                                   calendar_text(facts.started.wall, false)));
  line("Host", facts.host);
  line("System", facts.os);
  line("Process", std::to_string(facts.process));
  line("File", file);
  for (const auto& library : facts.libraries) line("Library", library);
  return out;
}

}  // namespace sidetone::engine
