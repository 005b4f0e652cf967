// The back-to-back user agent (RFC 7092 §3: a signalling-only one): each call is two dialogs, and what
// happens on one is done on the other. Session descriptions pass through untouched.
//
// Who ends whom: a leg that ends takes the opposite one with it (BYE, CANCEL or a final response, whatever
// that leg's state asks for); the call is over, and recorded, when the stack reported the end of every leg.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "labserver/call.h"
#include "labserver/registrar.h"
#include "labserver/settings.h"
#include "sip/stack.h"

namespace sidetone::lab {

// Bound: the newest records, enough for any test to look back on.
inline constexpr std::size_t call_records_max = 1000;

class Switchboard {
 public:
  Switchboard(const ServerSettings& settings, sip::Stack& stack, Registrar& registrar, sip::AccountId account,
              Random& random, LogSink& log);

  void on(const sip::IncomingInvite& event, Time now);
  void on(const sip::ProvisionalReceived& event, Time now);
  void on(const sip::Accepted& event, Time now);
  void on(const sip::Confirmed& event, Time now);
  void on(const sip::SessionEnded& event, Time now);
  void on(const sip::OfferReceived& event, Time now);
  void on(const sip::OfferConfirmed& event, Time now);
  void on(const sip::OfferAnswered& event, Time now);
  void on(const sip::OfferFailed& event, Time now);
  void on(const sip::OfferGlare& event, Time now);
  void on(const sip::RefreshDue& event, Time now);
  void on(const sip::IncomingRequest& event, Time now);  // in a dialog
  void on(const sip::RequestFinished& event, Time now);

  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  // Ends every call on both sides.
  void end_all(Time now);

  [[nodiscard]] std::size_t active_calls() const { return calls_.size(); }
  [[nodiscard]] std::vector<CallFacts> calls() const;  // oldest first
  [[nodiscard]] const std::deque<CallRecord>& records() const { return records_; }
  struct Counters {
    std::uint64_t calls = 0, answered = 0, refused = 0, cancelled = 0, over = 0;
    std::uint64_t offers_relayed = 0, offers_refused = 0, requests_relayed = 0, legs_lost = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Target {
    std::string uri;
    sip::NextHop next_hop;
  };
  struct RelayedRequest {
    CallKey call;
    sip::ServerRequestId asked;  // none: our own leg check
    sip::SessionId leg;
  };

  // switchboard.cpp
  Call* call_of(sip::SessionId session);
  void log_call(LogLevel level, const Call& call, std::string text, Time now) const;
  void set_due(Call& call, std::optional<Time> due);
  void end_leg(Leg& leg, std::vector<sip::ExtraHeader> headers, Time now);
  void finish(Call& call, Time now);

  // setup.cpp
  [[nodiscard]] std::vector<Target> targets(const std::string& dn, Time now) const;
  void ring(Call& call, const sip::IncomingInvite& event, Time now);
  void refuse_caller(Call& call, sip::Response response, Time now);
  void callee_refused(Call& call, const sip::SessionEnded& event, Time now);
  void end_other_callees(Call& call, sip::SessionId but, std::vector<sip::ExtraHeader> headers, Time now);
  void established(Call& call, Time now);

  // offers.cpp
  void refuse_exchange(Call& call, int status, Time now);

  // requests.cpp
  void check_legs(Call& call, Time now);
  void leg_checked(Call& call, sip::SessionId leg, int status, Time now);
  void answer_orphans(CallKey call, Time now);

  const ServerSettings& settings_;
  sip::Stack& stack_;
  Registrar& registrar_;
  sip::AccountId account_;
  Random& random_;
  LogSink& log_;

  IdSource<CallKey> keys_;
  std::map<CallKey, Call> calls_;
  std::unordered_map<sip::SessionId, CallKey> by_session_;
  std::map<sip::ClientRequestId, RelayedRequest> relayed_;
  std::set<std::pair<Time, CallKey>> due_;
  std::deque<CallRecord> records_;
  Counters counters_;
};

}  // namespace sidetone::lab
