// One item of include_headset.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone::config {

struct HeadsetPair {
  std::string microphone, speaker;  // names or parts of names
  friend bool operator==(const HeadsetPair&, const HeadsetPair&) = default;
};

// "External Mic:Headphones"; a name with quotes, colons or commas stands in single or double quotes.
[[nodiscard]] Expected<HeadsetPair> parse_headset_pair(std::string_view text);

}  // namespace sidetone::config
