// The early dialogs of one INVITE of ours: a fork makes several (RFC 3261 §12, §13.2.2.4).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "sip/dialog/dialog.h"
#include "sip/dialog/offer_state.h"

namespace sidetone::sip {

using BranchId = StrongId<struct BranchTag>;

struct EarlyDialog {
  BranchId branch;
  std::shared_ptr<Dialog> dialog;
  std::optional<std::uint32_t> last_rseq;  // RFC 3262 §4: the last one that we PRACKed
  OfferState offers;
};

class EarlyDialogs {
 public:
  // Bound: nobody rings more phones for one caller; beyond it responses are shown without a branch.
  static constexpr std::size_t branches_max = 32;

  [[nodiscard]] EarlyDialog* find(std::string_view remote_tag);
  [[nodiscard]] EarlyDialog* find(BranchId branch);
  // Nullptr when there are too many.
  EarlyDialog* add(BranchId branch, std::shared_ptr<Dialog> dialog);
  void remove(std::string_view remote_tag);
  [[nodiscard]] std::vector<EarlyDialog>& all() { return branches_; }
  [[nodiscard]] const std::vector<EarlyDialog>& all() const { return branches_; }

 private:
  std::vector<EarlyDialog> branches_;
};

}  // namespace sidetone::sip
