// A subscription's place in its dialog (RFC 5057): found there by the messages that come, and the reason why
// the dialog lives. Whoever owns it leaves the dialog when he goes.
#pragma once

#include <memory>
#include <string>

#include "sip/stack_core.h"

namespace sidetone::sip {

class Usage {
 public:
  explicit Usage(StackCore& core, SubscriptionId id) : core_(core), id_(id) {}
  Usage(const Usage&) = delete;
  Usage& operator=(const Usage&) = delete;
  ~Usage() { leave(); }

  // `dialog` is null while only our half of it is known. False: there are too many in that dialog.
  bool enter(std::string key, std::shared_ptr<Dialog> dialog) {
    leave();
    if (!core_.dialogs.add_subscription(key, dialog, id_)) return false;
    key_ = std::move(key);
    dialog_ = std::move(dialog);
    return true;
  }
  void leave() {
    if (!key_.empty()) core_.dialogs.remove_subscription(key_, id_);
    key_.clear();
    dialog_.reset();
  }
  [[nodiscard]] const std::shared_ptr<Dialog>& dialog() const { return dialog_; }

 private:
  StackCore& core_;
  SubscriptionId id_;
  std::string key_;
  std::shared_ptr<Dialog> dialog_;
};

}  // namespace sidetone::sip
