#include "sip/refer/target_dialog.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/read.h"

namespace sidetone::sip {

std::optional<TargetDialog> TargetDialog::parse(std::string_view value) {
  const auto end = value.find(';');
  if (end == std::string_view::npos) return std::nullopt;
  ParamList params;
  const char* at = value.data() + end;
  if (read_params(at, value.data() + value.size(), value.data(), params)) return std::nullopt;
  TargetDialog dialog{std::string(trim(value.substr(0, end))), std::string(params.get("local-tag")),
                      std::string(params.get("remote-tag"))};
  if (dialog.call_id.empty() || dialog.local_tag.empty() || dialog.remote_tag.empty()) return std::nullopt;
  return dialog;
}

std::string TargetDialog::write(const Dialog& dialog) {
  return fmt::format("{};local-tag={};remote-tag={}", dialog.call_id(), dialog.remote_tag(),
                     dialog.local_tag());
}

}  // namespace sidetone::sip
