// Which session, registration or user each transaction event is for, and what becomes of requests that are
// for nobody (RFC 3261 §8.2, §12.2.2).
#pragma once

#include "sip/stack_core.h"

namespace sidetone::sip {

class StackDispatch {
 public:
  explicit StackDispatch(StackCore& core) : core_(core) {}
  // Until the transactions have nothing more to say.
  void drain(Time now);

 private:
  void on(RequestReceived request, Time now);
  void on(CancelReceived cancel, Time now);
  void on(ResponseReceived response, Time now);
  void on(ClientFailed failure, Time now);
  void on(const AbandonedEnded& ended, Time) { core_.abandoned.erase(ended.id); }
  void on(const ServerFailed& failure, Time now);
  void on(const FlowLost& lost, Time now) { core_.on_flow_lost(lost, now); }

  // False when it was answered here: method, URI scheme, Require (§8.2.1 to §8.2.3).
  bool is_acceptable(const RequestReceived& request, Time now);
  void in_dialog(RequestReceived request, Time now);
  bool in_dialog_of_subscriptions(const RequestReceived& request, Time now);
  void outside_dialog(RequestReceived request, Time now);
  void first_invite(RequestReceived request, Time now);
  void options(const RequestReceived& request, Time now);
  [[nodiscard]] AccountPtr account_for(const Message& request, const Flow& flow) const;
  [[nodiscard]] InviteSession* session_of(const Message& request) const;

  StackCore& core_;
};

}  // namespace sidetone::sip
