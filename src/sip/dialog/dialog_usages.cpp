#include "sip/dialog/dialog_usages.h"

#include "base/shrink.h"

namespace sidetone::sip {

const DialogEntry* DialogUsages::find(const std::string& key) const {
  const auto entry = entries_.find(key);
  return entry == entries_.end() ? nullptr : &entry->second;
}

SessionId DialogUsages::session_of(const std::string& key) const {
  const auto* entry = find(key);
  return entry ? entry->session : SessionId{};
}

bool DialogUsages::add_session(const std::shared_ptr<Dialog>& dialog, SessionId session) {
  auto& entry = entries_[dialog->key()];
  if (entry.session) return false;
  entry.dialog = dialog;
  entry.session = session;
  return true;
}

void DialogUsages::remove_session(const std::string& key) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  entry->second.session = {};
  drop_if_unused(entry);
}

bool DialogUsages::add_subscription(const std::string& key, const std::shared_ptr<Dialog>& dialog,
                                    SubscriptionId id) {
  auto& entry = entries_[key];
  if (entry.subscriptions.size() >= subscriptions_max) return false;
  if (!entry.dialog) entry.dialog = dialog;
  entry.subscriptions.push_back(id);
  return true;
}

void DialogUsages::remove_subscription(const std::string& key, SubscriptionId id) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  std::erase(entry->second.subscriptions, id);
  drop_if_unused(entry);
}

void DialogUsages::drop_if_unused(std::unordered_map<std::string, DialogEntry>::iterator entry) {
  if (entry->second.session || !entry->second.subscriptions.empty()) return;
  entries_.erase(entry);
  shrink_if_sparse(entries_);
}

}  // namespace sidetone::sip
