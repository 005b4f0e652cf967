#include <fmt/format.h>

#include "base/text.h"
#include "config/option.h"

namespace sidetone::config {
namespace {

std::string choice_words(std::string_view choices) {
  std::string out;
  while (!choices.empty()) {
    const auto alternatives = take_until(choices, '|');
    if (!out.empty()) out += choices.empty() ? " or " : ", ";
    for (const char c : alternatives) out += c == '=' ? std::string(" (") : std::string(1, c);
    if (alternatives.find('=') != std::string_view::npos) out += ')';
  }
  return out;
}

std::string range_words(const Option& option, std::string_view what, std::string_view unit) {
  return fmt::format("{} from {} to {}{}{}", what, option.min, option.max, unit,
                     option.has(zero_too) ? ", or 0" : "");
}

std::string plain_values(const Option& option) {
  switch (option.type) {
    case OptionType::bool01: return option.has(words_ok) ? "0 or 1 (false or true)" : "0 or 1";
    case OptionType::integer: return range_words(option, "a whole number", "");
    case OptionType::real: return range_words(option, "a number", "");
    case OptionType::port: return range_words(option, "a port", "");
    case OptionType::seconds: return range_words(option, "whole seconds", "");
    case OptionType::milliseconds: return range_words(option, "whole milliseconds", "");
    case OptionType::enumeration:
      return choice_words(option.choices) +
             (option.has(srtcp_suffix) ? ", each with ,UEC or ,UNENCRYPTED_SRTCP behind it if wanted" : "");
    case OptionType::string: return "text";
    case OptionType::secret: return "a secret";
    case OptionType::regex: return "a device name or regular expression, * for any";
    case OptionType::list: return "a list separated by commas";
    case OptionType::path: return "a file name";
    case OptionType::size: return "false, n or n KB, n MB or n hr";
    case OptionType::expiry: return "false, n or n file (1 to 1000), or n day (1 to 100)";
  }
  return {};
}

}  // namespace

std::string accepted_values(const Option& option) {
  std::string out = plain_values(option);
  if (option.has(empty_ok)) out += ", may be empty";
  return out;
}

std::string_view to_string(Applies applies) {
  switch (applies) {
    case Applies::now: return "at once";
    case Applies::next_call: return "at the next call";
    case Applies::next_registration: return "at the next registration";
    case Applies::restart: return "after a restart";
  }
  return "?";
}

Expected<std::string> explain(std::string_view path) {
  const Option* option = find_option(path);
  if (option == nullptr) {
    const std::string nearest = nearest_option(path);
    return fail(Layer::config, Fault::not_found, fmt::format("there is no option '{}'", path),
                nearest.empty() ? std::string() : fmt::format("did you mean {}?", nearest));
  }
  std::string out =
      fmt::format("{}\n  {}\n  values:  {}\n  default: {}\n  changes: {}\n", option->path, option->doc,
                  accepted_values(*option), option->default_text.empty() ? "(empty)" : option->default_text,
                  to_string(option->applies));
  if (option->has(repeatable)) out += "  note:    may be repeated, best first\n";
  if (option->has(deprecated)) out += "  note:    deprecated, still read\n";
  if (option->has(ignored)) out += "  note:    accepted, changes nothing\n";
  return out;
}

}  // namespace sidetone::config
