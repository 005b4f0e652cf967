#include "config/use_srtp.h"

#include "base/assert.h"
#include "base/text.h"
#include "config/value.h"

namespace sidetone::config {
namespace {

SrtpPolicy policy_of(std::string_view word) {
  if (word == "optional") return SrtpPolicy::optional;
  if (word == "elective") return SrtpPolicy::elective;
  if (word == "enabled") return SrtpPolicy::enabled;
  return word == "force" ? SrtpPolicy::force : SrtpPolicy::disabled;
}

}  // namespace

Expected<UseSrtp> parse_use_srtp(std::string_view text) {
  const auto* option = find_option("system.security.use_srtp");
  ST_ASSERT(option != nullptr);
  auto value = parse_value(*option, text);
  if (!value) {
    value.error().text = "use_srtp: " + value.error().text;
    return tl::make_unexpected(std::move(value.error()));
  }
  std::string_view words = std::get<std::string>(*value);
  const auto policy = policy_of(take_until(words, ','));
  return UseSrtp{policy, words == "UEC"};
}

}  // namespace sidetone::config
