// Which usages live in each dialog: at most one INVITE session, and subscriptions (RFC 5057 §2). A dialog is
// there while one of its usages is: a call that ends leaves the subscription of its REFER alive.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/strong_id.h"
#include "sip/dialog/dialog.h"

namespace sidetone::sip {

using SessionId = StrongId<struct InviteSessionTag>;
using SubscriptionId = StrongId<struct SubscriptionTag>;

struct DialogEntry {
  // Null: a SUBSCRIBE of ours whose first NOTIFY is awaited; that NOTIFY makes the dialog (RFC 6665 §4.4.1).
  std::shared_ptr<Dialog> dialog;
  SessionId session;  // none: no call in it, or no longer
  std::vector<SubscriptionId> subscriptions;
};

class DialogUsages {
 public:
  // Bound: subscriptions in one dialog, each of which a message for the dialog may have to be compared with.
  static constexpr std::size_t subscriptions_max = 16;

  // Keys are those of Dialog::key(). Nullptr: no such dialog.
  [[nodiscard]] const DialogEntry* find(const std::string& key) const;
  [[nodiscard]] SessionId session_of(const std::string& key) const;

  // False when a session is in it already.
  bool add_session(const std::shared_ptr<Dialog>& dialog, SessionId session);
  void remove_session(const std::string& key);
  // False when there are too many in it. `dialog` may be null, see DialogEntry.
  bool add_subscription(const std::string& key, const std::shared_ptr<Dialog>& dialog, SubscriptionId id);
  void remove_subscription(const std::string& key, SubscriptionId id);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  void drop_if_unused(std::unordered_map<std::string, DialogEntry>::iterator entry);

  std::unordered_map<std::string, DialogEntry> entries_;
};

}  // namespace sidetone::sip
