// The back-to-back user agent (RFC 7092 §3: a signalling-only one): a call is two dialogs and more, and what
// happens on one is done on the other. Session descriptions pass through untouched, as long as third-party
// control does not join others (told_description.h).
//
// Who ends whom: a leg that ends takes its party with it; a call of fewer than two parties ends (BYE, CANCEL
// or a final response, whatever a leg's state asks for); the call is over, and recorded, when the stack
// reported the end of every leg.
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
#include "labserver/call_watcher.h"
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
  void set_watcher(CallWatcher& watcher) { watcher_ = &watcher; }

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

  // Ends every call on all sides.
  void end_all(Time now);

  [[nodiscard]] std::size_t active_calls() const { return calls_.size(); }
  [[nodiscard]] std::vector<CallFacts> calls() const;  // oldest first
  [[nodiscard]] const std::deque<CallRecord>& records() const { return records_; }
  struct Counters {
    std::uint64_t calls = 0, answered = 0, refused = 0, cancelled = 0, over = 0;
    std::uint64_t offers_relayed = 0, offers_refused = 0, requests_relayed = 0, legs_lost = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

  // --- for third-party control
  struct Target {
    std::string uri;
    sip::NextHop next_hop;
  };
  [[nodiscard]] std::vector<Target> targets(const std::string& dn, Time now) const;
  [[nodiscard]] const Route* route(std::string_view dn) const;
  [[nodiscard]] Call* call(CallKey key);
  [[nodiscard]] Leg* leg(sip::SessionId session);
  Call& start_call(std::string from, std::string to, Time now);
  Leg& add_leg(Call& call, sip::SessionId session, std::string dn);
  void move_leg(Leg& leg, Call& to);
  // Its next re-INVITE says that it belongs to `call` (X-Genesys-CallUUID), ahead of move_leg() or after it.
  void name_call(const Leg& leg, const Call& call);
  Party& add_party(Call& call, Party party);
  void remove_party(Call& call, const Party& party);
  [[nodiscard]] const std::vector<CallKey>& calls_of_dn(std::string_view dn) const;  // oldest first
  void join(Leg& a, Leg& b);  // from now on each gets what the other one sends
  void part(Leg& leg);        // from its peer
  // A borrowed leg goes back to the call that it is from, where it hears nobody until that is retrieved.
  void give_back(Leg& leg, Time now);
  void end_leg(Leg& leg, std::vector<sip::ExtraHeader> headers, Time now);
  void established(Call& call, Time now);
  void count_refused() { ++counters_.refused; }
  void set_due(Call& call, std::optional<Time> due);
  // Whoever called rings somewhere else now; false: nobody is there.
  bool redirect(Call& call, std::string dn, Time now);
  // Ends what no party is behind any more, and records the call if that was all. `call` may be gone then.
  void settle(CallKey call, std::vector<sip::ExtraHeader> headers, Time now);
  [[nodiscard]] const std::map<CallKey, Call>& all() const { return calls_; }

 private:
  struct RelayedRequest {
    CallKey call;
    sip::ServerRequestId asked;  // none: our own leg check
    sip::SessionId leg;
  };

  // switchboard.cpp
  Call* call_of(sip::SessionId session);
  void log_call(LogLevel level, const Call& call, std::string text, Time now) const;
  void after_leg(Call& call, const Leg& leg, const sip::SessionEnded& event, Time now);
  [[nodiscard]] bool is_over(const Call& call);
  void finish(Call& call, Time now);

  // setup.cpp
  void ring(Call& call, const sip::IncomingInvite& event, Time now);
  bool ring_callees(Call& call, const std::vector<Target>& contacts, Time now);
  void refuse_caller(Call& call, sip::Response response, Time now);
  void callee_refused(Call& call, const sip::SessionEnded& event, Time now);
  [[nodiscard]] bool rings(const Call& call);
  void end_callees(Call& call, sip::SessionId but, const std::vector<sip::ExtraHeader>& headers, Time now);
  void connect_if_confirmed(Call& call, Time now);

  // offers.cpp
  void refuse_exchange(Call& call, int status, Time now);
  void answer_alone(Leg& leg, const std::string& offer, Time now);

  // requests.cpp
  void check_legs(Call& call, Time now);
  void leg_checked(Leg& leg, int status, Time now);
  void answer_orphans(CallKey call, Time now);

  const ServerSettings& settings_;
  sip::Stack& stack_;
  Registrar& registrar_;
  sip::AccountId account_;
  Random& random_;
  LogSink& log_;
  CallWatcher* watcher_ = nullptr;

  IdSource<CallKey> keys_;
  std::map<CallKey, Call> calls_;
  std::unordered_map<sip::SessionId, Leg> legs_;
  std::map<std::string, std::vector<CallKey>, std::less<>> by_dn_;
  std::map<sip::ClientRequestId, RelayedRequest> relayed_;
  std::set<std::pair<Time, CallKey>> due_;
  std::deque<CallRecord> records_;
  Counters counters_;
};

}  // namespace sidetone::lab
