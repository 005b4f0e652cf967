// One subscription of ours (RFC 6665 §4.1), or the implicit one of a REFER of ours (RFC 3515 §2.4.4).
//
//   requested -> pending/active (refreshed at two thirds of what was granted) -> terminated -> requested ...
//
// One file per concept: subscriber (start, end), subscriber_request (SUBSCRIBE and its answers),
// subscriber_notify (NOTIFY), refer/refer_client (what is different for a REFER).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sip/refer/refer_types.h"
#include "sip/subscription/event_name.h"
#include "sip/subscription/subscription_types.h"
#include "sip/subscription/usage.h"

namespace sidetone::sip {

class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  Subscriber(StackCore& core, SubscriptionId id, Subscribe wish, EventName event, AccountPtr account,
             SessionId session);

  // --- commands
  Expected<void> start(Time now);
  // A REFER of ours, ready to be sent, with the dialog that it goes into (null: it makes its own).
  void refer(Message request, NextHop hop, std::shared_ptr<Dialog> dialog, Time now);
  Expected<void> unsubscribe(Time now);
  // The account goes: nothing is retried.
  void abandon(Time now);

  // Our address changed; the notifier is told by a refresh.
  void move(SocketId socket, const IpAddress& ip, Time now);

  // --- inputs; `dialog` is null for the NOTIFY that makes the dialog
  [[nodiscard]] bool matches(const EventName& event) const;
  void on_notify(ServerTransactionId server, const Flow& flow, const MessagePtr& notify, Time now);

  [[nodiscard]] SubscriptionId id() const { return id_; }
  [[nodiscard]] const AccountPtr& account() const { return account_; }

 private:
  // subscriber_request.cpp
  Expected<void> send_first(Time now);
  void send_in_dialog(std::chrono::seconds expires, Time now);
  void complete(Message& subscribe, std::chrono::seconds expires) const;
  void on_response(const Outcome& outcome, Time now);
  void on_success(const Outcome& outcome, Time now);
  void on_failure(const Outcome& outcome, Time now);
  void on_too_brief(const Outcome& outcome, Time now);
  void granted(std::chrono::seconds expires, Time now);
  void refresh_later(Time now);
  void await_notify(Time now);  // timer N
  void tell_move(Time now);
  // subscriber_notify.cpp
  void on_first_notify(ServerTransactionId server, const Flow& flow, const MessagePtr& notify, Time now);
  void fork(ServerTransactionId server, const Flow& flow, const MessagePtr& notify, Time now);
  void take(ServerTransactionId server, const MessagePtr& notify, Time now);
  void report(const MessagePtr& notify);
  void on_substate(const Message& notify, Time now);
  // refer/refer_client.cpp
  void on_refer_success(const Outcome& outcome, Time now);
  void report_refer(const Message& notify);
  void end_refer(int status, std::string reason, bool refused);

  void change(Substate state, std::string reason);
  // None after the call has ended: its SessionEnded was the last event of it.
  [[nodiscard]] SessionId live_session() const {
    return core_.sessions.contains(session_) ? session_ : SessionId{};
  }
  struct End {
    std::string reason;
    int status = 0;
    std::optional<Duration> retry_after;
  };
  void end(End why, Time now);
  void reply(ServerTransactionId server, const Message& notify, int status, Time now);

  StackCore& core_;
  SubscriptionId id_;
  Subscribe wish_;
  EventName event_;
  AccountPtr account_;
  SessionId session_;
  SubscriptionId forked_from_;
  bool is_refer_ = false;
  Usage usage_;
  std::unique_ptr<Usage> window_;  // our half of the dialog, for NOTIFYs of further notifiers until timer N
  std::size_t forks_ = 1;

  Substate state_ = Substate::requested;
  std::string local_tag_;
  std::uint32_t cseq_ = 1;  // of the first request, which challenges raise
  std::weak_ptr<Outgoing> outgoing_;
  std::chrono::seconds wanted_;  // raised by 423
  int brief_answers_ = 0;
  bool in_flight_ = false, leaving_ = false, leave_next_ = false, expired_ = false;
  bool refresh_in_flight_ = false;
  Time started_, expires_at_;
  Timer timer_n_, window_end_, refresh_, expiry_, retry_, moved_;
  // REFER
  int last_status_ = 0;
  std::string last_reason_;
};

}  // namespace sidetone::sip
