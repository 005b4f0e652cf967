// Keeps one address-of-record bound (RFC 3261 §10.2): registers, refreshes at two thirds of what was granted
// (late enough to be rare, early enough for two more tries), tries again after failures, unregisters.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "sip/stack_core.h"

namespace sidetone::sip {

class Registration : public std::enable_shared_from_this<Registration> {
 public:
  Registration(StackCore& core, AccountPtr account);

  void register_now(Time now);
  void unregister(Time now);
  // The account wants another lifetime, or says something else of itself.
  void account_changed(Time now);
  // The line has left the server where it is bound for another one.
  void server_lost(Time now);
  // The flow is lost or the network has changed: once more within the recovery spread, while the line stays
  // what it is.
  void refresh_soon(Time now);
  // We have another address: a new binding, with a new Call-ID.
  void move(Time now);
  // Nothing more will come: unregistered, or never was registered.
  [[nodiscard]] bool is_idle() const { return !in_flight_ && !timer_.running(); }

 private:
  void start_cycle(Time now);
  void again(Time when, std::string_view why);
  void send(std::chrono::seconds expires, Time now);
  void on_response(const Outcome& outcome, Time now);
  void on_registered(const Outcome& outcome, Time now);
  void on_too_brief(const Outcome& outcome, Time now);
  void on_failure(const Outcome& outcome, Time now);
  void on_unproved(const Outcome& outcome, Time now);
  void on_unregistered(const Outcome& outcome, Time now);
  [[nodiscard]] std::chrono::seconds granted(const Message& response) const;
  [[nodiscard]] bool wants_outbound() const {
    return account_->account.outbound && !account_->account.instance_urn.empty() && !outbound_refused_;
  }
  void announce(RegistrationState state, int status, std::string text, std::chrono::seconds expires = {},
                std::optional<Duration> retry_in = {});

  StackCore& core_;
  AccountPtr account_;
  std::string call_id_, from_tag_;  // the same for all REGISTERs of an account (§10.2)
  std::uint32_t cseq_ = 0;
  std::string contact_uri_;
  std::chrono::seconds wanted_{0};  // raised by 423
  bool in_flight_ = false;
  bool unregistering_ = false;  // what is in flight removes the binding
  bool bound_ = false;          // the registrar may hold a binding of ours
  bool unregister_next_ = false, register_next_ = false;
  bool correcting_ = false;  // this cycle mends what the one before told of our address
  int brief_answers_ = 0;
  int failures_ = 0;  // in a row
  int refusals_ = 0;  // of our credentials, in a row: an outage of the server's says nothing about them
  bool outbound_refused_ = false;
  Timer timer_;  // refresh or retry
};

}  // namespace sidetone::sip
