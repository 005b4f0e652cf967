// What third-party control learns from the switchboard, each time before the switchboard acts on it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "labserver/call.h"

namespace sidetone::lab {

class CallWatcher {
 public:
  virtual ~CallWatcher() = default;
  // A phone's INVITE: the call that it belongs to, when a flow has asked for it. None: a call of its own.
  virtual std::optional<CallKey> expected_in(const std::string& from, const std::string& to) = 0;
  // A phone's INVITE with Replaces (RFC 3891) for a leg of ours; false: it is a call like any other.
  virtual bool takes_over(const sip::IncomingInvite& event, const std::string& from, const std::string& to,
                          Time now) = 0;
  // A phone's INVITE that a REFER of ours has caused, for which nobody waits any more.
  virtual bool is_unwanted(const sip::IncomingInvite& event, const std::string& from, const std::string& to,
                           Time now) = 0;
  virtual void dials(Call& call, Time now) = 0;
  virtual void rings(Call& call, sip::SessionId leg, Time now) = 0;
  virtual void connects(Call& call, Time now) = 0;       // the callee's 200 has gone to the caller
  virtual void speaks(Call& call, Time now) = 0;         // all have confirmed it
  virtual void exchange_over(Call& call, Time now) = 0;  // an offer of a phone has its answer
  virtual void refused(Call& call, int status, Time now) = 0;
  // A leg is over: by itself, or because we ended it.
  virtual void leg_over(Call& call, const Leg& leg, const sip::SessionEnded& event, Time now) = 0;
  // The call goes on without this party; its leg is ended afterwards.
  virtual void leaves(Call& call, Party& party, Time now) = 0;
  // A call is over and forgotten; `bystanders` waited for something to happen to it.
  virtual void over(const std::vector<FlowId>& bystanders, Time now) = 0;
};

}  // namespace sidetone::lab
