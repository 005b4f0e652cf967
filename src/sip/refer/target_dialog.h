// Target-Dialog (RFC 4538 §7): the dialog that gives the sender the right to ask. Its tags are named as the
// *recipient* sees them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/dialog/dialog.h"

namespace sidetone::sip {

struct TargetDialog {
  std::string call_id, local_tag, remote_tag;

  // Nothing when a tag is missing: such a header is to be ignored (§4).
  [[nodiscard]] static std::optional<TargetDialog> parse(std::string_view value);
  // The value for a request to the peer of `dialog`.
  [[nodiscard]] static std::string write(const Dialog& dialog);
};

}  // namespace sidetone::sip
