// Codec sections (codecs."iLBC/8000".payload_type) folded into the enabled list, so that one text tells all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sidetone::config {

struct CodecSection {
  std::string name;                // "opus/48000/2", lower case
  std::string payload_type, fmtp;  // empty: not set
};

// Adds to each item of `enabled` what a section of its name has and the item itself does not: the inline
// value wins. A section fits an item when the item's name/rate/channels begin the section's.
[[nodiscard]] std::string merge_codec_sections(std::string_view enabled,
                                               const std::vector<CodecSection>& sections);

}  // namespace sidetone::config
