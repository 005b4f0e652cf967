#include "config/value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace sidetone::config {
namespace {

constexpr std::size_t quoted_length_max = 60;  // of a bad value that a message repeats

tl::unexpected<Error> refuse(const Option& option, std::string_view text, std::string_view why) {
  std::string shown;
  for (const char c : text.substr(0, quoted_length_max)) shown += c >= ' ' || c < 0 ? c : '?';
  if (text.size() > quoted_length_max) shown += "...";
  return fail(Layer::config, Fault::range,
              option.is_secret() ? fmt::format("the value {}", why) : fmt::format("'{}' {}", shown, why),
              fmt::format("accepted: {}", accepted_values(option)));
}

Expected<Value> parse_bool(const Option& option, std::string_view text) {
  if (text == "0") return Value(false);
  if (text == "1") return Value(true);
  if (option.has(words_ok)) {
    if (iequals(text, "false")) return Value(false);
    if (iequals(text, "true")) return Value(true);
  }
  return refuse(option, text, "is neither 0 nor 1");
}

Expected<Value> parse_whole(const Option& option, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument)
    return refuse(option, text, "is not a whole number");
  if (error == std::errc::result_out_of_range) return refuse(option, text, "is out of range");
  const bool in_range = number >= option.min && number <= option.max;
  if (!in_range && !(number == 0 && option.has(zero_too))) return refuse(option, text, "is out of range");
  return Value(number);
}

Expected<Value> parse_real(const Option& option, std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return refuse(option, text, "is not a number");
  const bool in_range =
      number >= static_cast<double>(option.min) && number <= static_cast<double>(option.max);
  if (!in_range && !(number == 0 && option.has(zero_too))) return refuse(option, text, "is out of range");
  return Value(number);
}

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t') out += c;
  return out;
}

std::optional<std::string_view> find_choice(std::string_view choices, std::string_view word) {
  while (!choices.empty()) {
    auto alternatives = take_until(choices, '|');
    const auto canonical = alternatives.substr(0, alternatives.find('='));
    while (!alternatives.empty())
      if (iequals(take_until(alternatives, '='), word)) return canonical;
  }
  return std::nullopt;
}

Expected<Value> parse_choice(const Option& option, std::string_view text) {
  std::string word = without_blanks(text);
  std::string suffix;
  if (option.has(srtcp_suffix)) {
    const auto comma = word.find(',');
    if (comma != std::string::npos) {
      const auto tail = std::string_view(word).substr(comma + 1);
      if (!iequals(tail, "uec") && !iequals(tail, "unencrypted_srtcp"))
        return refuse(option, text, "ends in something else than ,UEC");
      suffix = ",UEC";
      word.resize(comma);
    }
  }
  if (const auto canonical = find_choice(option.choices, word))
    return Value(std::string(*canonical) + suffix);
  return refuse(option, text, "is not one of the accepted values");
}

// "10", "10 MB": a number, blanks, a unit in lower case.
struct Quantity {
  std::uint64_t count = 0;
  std::string unit;
};
std::optional<Quantity> parse_quantity(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto count = parse_number<std::uint64_t>(text.substr(0, digits));
  if (!count) return std::nullopt;
  Quantity quantity{*count, {}};
  if (digits != std::string_view::npos)
    for (const char c : trim(text.substr(digits))) quantity.unit += ascii_lower(c);
  return quantity;
}

Expected<Value> parse_size(const Option& option, std::string_view text) {
  if (iequals(text, "false")) return Value(LogSegment{});
  const auto quantity = parse_quantity(text);
  constexpr std::uint64_t count_max = 1U << 20;  // 1 TB in MB: more is a slip of the pen
  if (!quantity || quantity->count == 0 || quantity->count > count_max)
    return refuse(option, text, "is not a size");
  if (quantity->unit.empty() || quantity->unit == "kb")
    return Value(LogSegment{LogSegment::Unit::bytes, quantity->count * 1024});
  if (quantity->unit == "mb")
    return Value(LogSegment{LogSegment::Unit::bytes, quantity->count * 1024 * 1024});
  if (quantity->unit == "hr") return Value(LogSegment{LogSegment::Unit::hours, quantity->count});
  return refuse(option, text, "has an unknown unit");
}

Expected<Value> parse_expiry(const Option& option, std::string_view text) {
  if (iequals(text, "false")) return Value(LogExpire{});
  const auto quantity = parse_quantity(text);
  if (!quantity) return refuse(option, text, "is not a number of files or days");
  const bool days = quantity->unit == "day" || quantity->unit == "days";
  if (!days && !quantity->unit.empty() && quantity->unit != "file" && quantity->unit != "files")
    return refuse(option, text, "has an unknown unit");
  if (quantity->count < 1 || quantity->count > (days ? 100U : 1000U))
    return refuse(option, text, "is out of range");
  return Value(LogExpire{days ? LogExpire::Unit::days : LogExpire::Unit::files,
                         static_cast<std::uint32_t>(quantity->count)});
}

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  char quote = 0;
  std::size_t depth = 0;
  const auto flush = [&] {
    const auto trimmed = trim(item);
    if (!trimmed.empty()) items.emplace_back(trimmed);
    item.clear();
  };
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (c == ',' && depth == 0) {
      flush();
      continue;
    }
    item += c;
  }
  flush();
  return items;
}

Expected<Value> parse_value(const Option& option, std::string_view text) {
  const auto trimmed = trim(text);
  switch (option.type) {
    case OptionType::bool01: return parse_bool(option, trimmed);
    case OptionType::integer:
    case OptionType::port:
    case OptionType::seconds:
    case OptionType::milliseconds: return parse_whole(option, trimmed);
    case OptionType::real: return parse_real(option, trimmed);
    case OptionType::enumeration: return parse_choice(option, trimmed);
    case OptionType::secret:
      return Value(Secret<std::string>(std::string(text)));  // blanks may be part of it
    case OptionType::string:
    case OptionType::path: return Value(std::string(trimmed));
    case OptionType::regex:
      // A bound for whoever compiles the pattern; device names have at most some hundred characters.
      if (trimmed.size() > 1000) return refuse(option, trimmed, "is longer than 1000 characters");
      return Value(std::string(trimmed));
    case OptionType::list: return Value(split_list(trimmed));
    case OptionType::size: return parse_size(option, trimmed);
    case OptionType::expiry: return parse_expiry(option, trimmed);
  }
  return refuse(option, trimmed, "has no known type");
}

}  // namespace sidetone::config
