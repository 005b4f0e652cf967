// The text of one setting as a typed value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "base/secret.h"
#include "config/option.h"

namespace sidetone::config {

// log_segment
struct LogSegment {
  enum class Unit : std::uint8_t { unlimited, bytes, hours } unit = Unit::unlimited;
  std::uint64_t count = 0;
  friend bool operator==(const LogSegment&, const LogSegment&) = default;
};

// log_expire
struct LogExpire {
  enum class Unit : std::uint8_t { never, files, days } unit = Unit::never;
  std::uint32_t count = 0;
  friend bool operator==(const LogExpire&, const LogExpire&) = default;
};

// bool01; integer, port and durations; real; enumeration (its canonical word), string, regex and path;
// secret; list; size; expiry.
using Value = std::variant<bool, std::int64_t, double, std::string, Secret<std::string>,
                           std::vector<std::string>, LogSegment, LogExpire>;

// The failure's text says what is wrong (without the value, if it is secret), its remedy what is accepted.
[[nodiscard]] Expected<Value> parse_value(const Option& option, std::string_view text);

// "a,b=(c,d),'e,f'" -> a | b=(c,d) | 'e,f'. Empty items are left out.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

}  // namespace sidetone::config
