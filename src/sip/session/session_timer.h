// The session timer of one dialog (RFC 4028), for both roles: what goes into requests and answers, when to
// refresh, and when a session that nobody refreshed is over. Every 2xx to an INVITE or UPDATE in a confirmed
// dialog starts it anew, whatever that request was for (§7.2, §9).
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "sip/stack.h"
#include "sip/stack_timers.h"

namespace sidetone::sip {

class SessionTimer {
 public:
  using Action = std::function<void(Time)>;
  SessionTimer(StackTimers& timers, const SessionTimerSettings& settings, Action refresh, Action expired);

  // --- a request of ours
  void add_to(Message& request) const;
  // After a 422: true when the request may be sent again, once more asked by add_to().
  bool raise(const Message& response);
  void on_2xx(const Message& response, Time now);

  // --- a request of the peer
  // Min-SE for the 422 that a wish for too short an interval gets.
  [[nodiscard]] std::optional<std::uint32_t> too_short(const Message& request) const;
  void add_to_2xx(const Message& request, Message& response, Time now);

  // A refresh was tried and may fail: the next attempt.
  void try_again(Time now);
  void stop();
  [[nodiscard]] bool running() const { return interval_.count() > 0; }
  [[nodiscard]] bool we_refresh() const { return ours_; }

 private:
  void start(std::chrono::seconds interval, bool ours, Time now);

  StackTimers& timers_;
  const SessionTimerSettings& settings_;
  Action refresh_, expired_;
  std::chrono::seconds interval_{0};  // 0: none runs
  std::chrono::seconds min_{0};       // the largest Min-SE that was seen (§7.4)
  bool ours_ = false;
  int raises_ = 0;
  Time end_;
  Timer refresh_timer_, end_timer_;
};

}  // namespace sidetone::sip
