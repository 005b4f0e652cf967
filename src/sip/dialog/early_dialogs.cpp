#include "sip/dialog/early_dialogs.h"

#include <algorithm>

namespace sidetone::sip {

EarlyDialog* EarlyDialogs::find(std::string_view remote_tag) {
  const auto at = std::find_if(branches_.begin(), branches_.end(),
                               [&](const auto& early) { return early.dialog->remote_tag() == remote_tag; });
  return at == branches_.end() ? nullptr : &*at;
}

EarlyDialog* EarlyDialogs::find(BranchId branch) {
  const auto at = std::find_if(branches_.begin(), branches_.end(),
                               [&](const auto& early) { return early.branch == branch; });
  return at == branches_.end() ? nullptr : &*at;
}

EarlyDialog* EarlyDialogs::add(BranchId branch, std::shared_ptr<Dialog> dialog) {
  if (branches_.size() >= branches_max) return nullptr;
  branches_.push_back({branch, std::move(dialog), {}, {}});
  return &branches_.back();
}

void EarlyDialogs::remove(std::string_view remote_tag) {
  std::erase_if(branches_, [&](const auto& early) { return early.dialog->remote_tag() == remote_tag; });
}

}  // namespace sidetone::sip
