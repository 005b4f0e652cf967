// One subscription of a peer to something here (RFC 6665 §4.2), or the implicit one of a peer's REFER
// (RFC 3515 §2.4.4). Its NOTIFYs go out one at a time: over UDP two of them might change places.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "sip/subscription/event_name.h"
#include "sip/subscription/subscription_types.h"
#include "sip/subscription/usage.h"

namespace sidetone::sip {

class Notifier : public std::enable_shared_from_this<Notifier> {
 public:
  Notifier(StackCore& core, SubscriptionId id, EventName event, AccountPtr account, SessionId session);

  // False when the dialog has too many subscriptions. `expires` 0: a single NOTIFY, then the end (§4.4.3).
  bool start(const std::shared_ptr<Dialog>& dialog, std::chrono::seconds expires, bool pending, Time now);
  void await_first_notify(Time now) { ask_for_state(false, now); }
  Expected<void> notify(Notify notify, Time now);
  // A REFER: the status of what it caused; a final one ends the subscription.
  Expected<void> notify_refer(int status, std::string_view reason, Time now);
  // The account goes.
  void abandon(Time now);
  // Our address changed; the subscriber is told by a NOTIFY with the present state.
  void move(SocketId socket, const IpAddress& ip, Time now);

  void note_referred() { usage_.dialog()->note_refer(); }

  // A SUBSCRIBE in the dialog: refresh or end (§4.2.1.3).
  void on_subscribe(ServerTransactionId server, const Flow& flow, const MessagePtr& subscribe, Time now);

  [[nodiscard]] const EventName& event() const { return event_; }
  [[nodiscard]] SubscriptionId id() const { return id_; }
  [[nodiscard]] const AccountPtr& account() const { return account_; }

 private:
  void set_expiry(std::chrono::seconds expires, Time now);
  void ask_for_state(bool last, Time now);
  void queue(Notify notify, Time now);
  void send_next(Time now);
  void on_answer(const Outcome& outcome, Time now);
  void end(std::string reason, int status, Time now);
  [[nodiscard]] std::string state_text(const Notify& notify, Time now) const;

  // Bound: states that wait while a NOTIFY is unanswered; each would be old news.
  static constexpr std::size_t waiting_max = 16;

  StackCore& core_;
  SubscriptionId id_;
  EventName event_;
  AccountPtr account_;
  SessionId session_;
  bool is_refer_ = false;
  Usage usage_;
  Substate state_ = Substate::active;
  bool ending_ = false;    // the last NOTIFY is queued or on its way
  bool last_due_ = false;  // ... or is expected of the user
  bool in_flight_ = false;
  std::deque<Notify> waiting_;
  std::string end_reason_;
  std::chrono::seconds expires_{0};
  Time expires_at_;
  Notify last_;  // REFER: what a refresh is told
  Timer expiry_, due_;
};

}  // namespace sidetone::sip
