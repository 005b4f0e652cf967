// The dialog event package (RFC 4235): the document application/dialog-info+xml and the table that a
// subscriber keeps from it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace sidetone::sip {

inline constexpr std::string_view dialog_package = "dialog";
inline constexpr std::string_view dialog_info_type = "application/dialog-info+xml";

enum class WatchedState { trying, proceeding, early, confirmed, terminated };  // §3.7.1
[[nodiscard]] std::string_view to_string(WatchedState state);

struct DialogParticipant {  // §4.1.6
  std::string identity;     // URI; empty: not said
  std::string display_name;
  std::string target;  // URI
  bool operator==(const DialogParticipant&) const = default;
};

struct WatchedDialog {  // §4.1.1
  std::string id;
  std::string call_id, local_tag, remote_tag;  // as the notifier's user sees them; may be empty
  std::string direction;                       // "initiator", "recipient" or ""
  WatchedState state = WatchedState::trying;
  std::string event;  // of the state: "cancelled", "rejected", "replaced", "local-bye", ...
  int code = 0;       // response that caused it; 0: none
  DialogParticipant local, remote;
  bool operator==(const WatchedDialog&) const = default;
};

struct DialogInfo {
  // Bound: calls of one line; more of them than a person can see.
  static constexpr std::size_t dialogs_max = 64;

  std::uint32_t version = 0;
  bool full = true;
  std::string entity;
  std::vector<WatchedDialog> dialogs;
  bool operator==(const DialogInfo&) const = default;
};

[[nodiscard]] Expected<DialogInfo> read_dialog_info(std::string_view body);
[[nodiscard]] std::string write_dialog_info(const DialogInfo& info);

// What a subscriber knows (§4.3). A partial document that follows a gap is taken, but the whole state must be
// asked for.
class DialogTable {
 public:
  enum class Outcome { taken, taken_with_gap, old };
  Outcome take(const DialogInfo& info);
  // A new subscription counts from the beginning.
  void reset() { *this = {}; }
  [[nodiscard]] const std::map<std::string, WatchedDialog>& dialogs() const { return dialogs_; }

 private:
  bool has_version_ = false;
  std::uint32_t version_ = 0;
  std::map<std::string, WatchedDialog> dialogs_;  // by id; those that live
};

}  // namespace sidetone::sip
