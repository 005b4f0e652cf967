// One row of the option table: everything that is known about a setting of Softphone.config.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone::config {

enum class OptionType : std::uint8_t {
  bool01,        // 0 or 1
  integer,       // min to max
  real,          // min to max
  port,          // min to max
  seconds,       // duration, min to max
  milliseconds,  // duration, min to max
  enumeration,   // one of `choices`
  string,        // anything
  secret,        // anything, never shown
  regex,         // ECMAScript pattern or plain device name; "*" is any
  list,          // comma separated, quotes and parentheses keep commas together
  path,          // file name, may be empty
  size,          // log_segment: false, n, n KB, n MB, n hr
  expiry,        // log_expire: false, n, n file, n day
};

// When a changed value acts.
enum class Applies : std::uint8_t { now, next_call, next_registration, restart };

using OptionFlags = std::uint32_t;
inline constexpr OptionFlags repeatable = 1U << 0;  // several settings of the name are a priority list
inline constexpr OptionFlags zero_too = 1U << 1;    // 0 is accepted beside min to max
inline constexpr OptionFlags empty_ok = 1U << 2;  // an empty value has a meaning: `fallback`, or the default
inline constexpr OptionFlags lenient = 1U << 3;   // a bad value gives `fallback` or the default, not an error
inline constexpr OptionFlags deprecated = 1U << 4;    // still read
inline constexpr OptionFlags ignored = 1U << 5;       // known, changes nothing
inline constexpr OptionFlags words_ok = 1U << 6;      // true and false beside 1 and 0
inline constexpr OptionFlags srtcp_suffix = 1U << 7;  // may end in ,UEC or ,UNENCRYPTED_SRTCP

struct Option {
  std::string_view path;  // "policy.session.auto_answer"; proxyN and * stand for many sections
  OptionType type = OptionType::string;
  std::int64_t min = 0, max = 0;
  std::string_view choices;       // "no=none|host": alternatives, each with aliases behind '='
  std::string_view default_text;  // as it would stand in the file
  std::string_view fallback;      // for an empty (and, if lenient, a bad) value; empty: the default
  Applies applies = Applies::restart;
  OptionFlags flags = 0;
  std::string_view doc;  // one sentence

  [[nodiscard]] bool has(OptionFlags flag) const { return (flags & flag) != 0; }
  [[nodiscard]] bool is_secret() const { return type == OptionType::secret; }
};

// The one table. Every reader, checker, explanation and live change works from it.
[[nodiscard]] std::span<const Option> option_table();

// Lower case, ':' and '.' alike, "user:0" as "connectivity.user".
[[nodiscard]] std::string canonical_path(std::string_view path);
// The row for a path, proxy numbers and codec names included; null if there is none.
[[nodiscard]] const Option* find_option(std::string_view path);
// The option that was probably meant, as a path to write down; empty if nothing is near.
[[nodiscard]] std::string nearest_option(std::string_view path);

// "0 or 1", "a whole number from 5 to 150, or 0", "config or offer"
[[nodiscard]] std::string accepted_values(const Option& option);
// A few lines about one option, for a person at a terminal.
[[nodiscard]] Expected<std::string> explain(std::string_view path);
[[nodiscard]] std::string_view to_string(Applies applies);

}  // namespace sidetone::config
