// One third-party request under way: what its flow has in hand, what it waits for, and how it ends.
//
// While it runs, the legs that it holds answer to it alone (their phones' own offers get 491, RFC 3261
// §14.2), and each wait has a limit. A wait ends early when a watched leg is over or the flow is stopped;
// the flow then cleans up, and says in exactly one place whether it succeeded.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "labserver/call_events.h"
#include "labserver/flow.h"
#include "labserver/switchboard.h"
#include "sip/stack.h"
#include "tlib/request.h"

namespace sidetone::lab {

// What flows wait for that comes from elsewhere than their legs.
struct Awaited {
  using CallerAndCalled = std::pair<std::string, std::string>;
  std::map<CallerAndCalled, FlowId> invites;
  std::map<CallerAndCalled, Time> unwanted;  // until then: phones that will call though their flow is over
  std::map<sip::SubscriptionId, FlowId> refers;
  std::map<sip::ClientRequestId, FlowId> requests;
};

// What all flows work with.
struct Desk {
  const ServerSettings& settings;
  sip::Stack& stack;
  const Registrar& registrar;
  Switchboard& board;
  CallEvents& events;
  sip::AccountId account;
  Random& random;
  Awaited& awaited;
};

enum class Woken {
  ready,
  gone,     // a watched leg is over
  stopped,  // another request ends this one
  timeout,
};

class FlowRun;

// What co_await is given; see FlowRun's waits.
class Wait {
 public:
  Wait(FlowRun& run, std::function<bool()> ready, Duration limit);
  [[nodiscard]] bool await_ready();
  void await_suspend(std::coroutine_handle<> flow);
  Woken await_resume();

 private:
  FlowRun& run_;
  std::function<bool()> ready_;
  Duration limit_;
};

// The longest that any request of ours stays without a final response: its transaction's 32 s (RFC 3261
// §17.1), and some more where a provisional response stops that clock.
inline constexpr Duration answer_max = std::chrono::seconds(40);

class FlowRun {
 public:
  FlowRun(Desk& desk, FlowId id, tlib::Request request, Time now);

  // --- for Control
  void start(Flow flow);
  [[nodiscard]] bool done() const { return flow_ && flow_->done(); }
  [[nodiscard]] bool waits() const { return static_cast<bool>(waiting_); }
  // Something happened: goes on if that is what it waits for, and returns whether it did.
  bool wake(Time now);
  void stop() { stopped_ = true; }
  [[nodiscard]] std::optional<Time> limit() const { return waiting_ ? limit_ : std::nullopt; }
  void leg_over(sip::SessionId session);
  void request_finished(sip::ClientRequestId request, int status) { finished_[request] = status; }
  void refer_told(const sip::ReferProgress& progress) { refer_ = progress; }
  // The call that it rings for shall ring somewhere else.
  CallKey take_invite() {
    invited_ = true;
    return expecting_;
  }
  void take_invite(const sip::IncomingInvite& event) {
    invited_ = true;
    invite_ = event;
  }
  [[nodiscard]] bool is_quiet() const { return quiet_; }
  [[nodiscard]] std::size_t events_before() const { return events_before_; }
  void be_quiet() { quiet_ = true; }  // nobody is told of its failure
  void redirect(std::string dn) { redirected_to_ = std::move(dn); }
  void set_calls(CallKey call, CallKey other) {
    call_ = call;
    other_ = other;
  }
  // Gives back what it holds, and ends calls that came to nothing.
  void release(Time now);

  // --- for flows
  [[nodiscard]] const tlib::Request& request() const { return request_; }
  [[nodiscard]] Desk& desk() { return desk_; }
  [[nodiscard]] CallEvents& events() { return desk_.events; }
  [[nodiscard]] const ServerSettings& settings() const { return desk_.settings; }
  [[nodiscard]] const DnOptions& options(std::string_view dn) const { return desk_.settings.options_of(dn); }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] FlowId id() const { return id_; }

  // What the request is about, as Control has found it.
  [[nodiscard]] Call& call() { return *desk_.board.call(call_); }
  [[nodiscard]] Call* find_call() { return desk_.board.call(call_); }
  [[nodiscard]] Call& other_call() { return *desk_.board.call(other_); }
  [[nodiscard]] const std::string& dn() const { return request_.this_dn; }
  [[nodiscard]] const std::set<CallKey>& held_calls() const { return calls_; }

  // Holds a call with all its legs. Calls stay until the flow's end, so references to them and their legs do.
  void hold_call(Call& call);
  void hold_legs(Call& call);
  void let_go(Call& call);  // before its end
  Call& start_call(const std::string& from, const std::string& to, tlib::CallType type);
  [[nodiscard]] Leg* leg(sip::SessionId session) { return desk_.board.leg(session); }
  [[nodiscard]] bool alive(sip::SessionId session);
  void watch(sip::SessionId session) { watched_.insert(session); }
  void unwatch(sip::SessionId session) { watched_.erase(session); }

  struct Invitation {
    std::string dn, from;     // whom, and as who
    std::string sdp;          // empty: delayed offer
    bool originates = false;  // a phone that is to make a call: Alert-Info, NOTIFY talk
  };
  Expected<sip::SessionId> invite(Call& call, const Invitation& invitation);
  // The ACK that a reply waits for, with the answer to the offer in it.
  void ack(sip::SessionId session, const std::string& sdp);
  void end(sip::SessionId session, int cause = 0, std::string_view text = {});
  void join(sip::SessionId a, sip::SessionId b);
  void part(sip::SessionId leg);  // from whoever is its peer
  // ... if it still has this one.
  void part_from(sip::SessionId leg, sip::SessionId peer);
  // The party leaves, with its events, then its leg ends: the BYE goes out first, as the ladders have it.
  void drop(Call& call, const std::string& dn);
  // A NOTIFY or INFO within a dialog; status_of() tells what became of it, 0: nothing yet.
  sip::ClientRequestId notify(sip::SessionId leg, std::string_view package, std::string body = {},
                              std::string type = {});
  [[nodiscard]] int status_of(sip::ClientRequestId request) const;
  [[nodiscard]] const std::optional<sip::ReferProgress>& refer_progress() const { return refer_; }
  Expected<void> refer(sip::Refer refer);
  // The next INVITE of this phone for that DN belongs to `call`.
  void expect_invite(Call& call, const std::string& from, const std::string& to);
  void forget_expected();
  void refuse_expected();  // it may come though nobody waits for it any more
  [[nodiscard]] bool invited() const { return invited_; }
  // With Replaces, to be answered by the flow.
  [[nodiscard]] const std::optional<sip::IncomingInvite>& invite_taken() const { return invite_; }
  [[nodiscard]] std::string take_redirect() { return std::exchange(redirected_to_, {}); }
  // Is told of what happens to the call without holding it.
  void attend(Call& call);

  // --- waits
  // For whatever the leg was asked: take_reply() has it.
  Wait reply(sip::SessionId session, Duration limit = answer_max);
  Wait ringing(sip::SessionId session, Duration limit);  // or replied
  Wait pause(Duration span);
  Wait until(std::function<bool()> ready, Duration limit);
  Reply take_reply(sip::SessionId session);

  // --- how it ends; the first one counts
  void succeed() { settled_ = true; }
  void fail(tlib::ErrorCode code, int status, std::string text);
  [[nodiscard]] bool settled() const { return settled_; }

 private:
  friend class Wait;
  // Being stopped or left is told once: what cleans up afterwards waits like any other.
  [[nodiscard]] std::optional<Woken> look(const std::function<bool()>& ready);

  Desk& desk_;
  FlowId id_;
  tlib::Request request_;
  Time now_;
  std::size_t events_before_;  // told of its reference_id
  std::set<CallKey> calls_;
  CallKey call_, other_;
  std::set<CallKey> attended_;
  std::map<sip::ClientRequestId, int> finished_;
  std::optional<sip::ReferProgress> refer_;
  sip::SubscriptionId referral_;
  std::pair<std::string, std::string> expected_;
  CallKey expecting_;
  bool invited_ = false, quiet_ = false;
  std::optional<sip::IncomingInvite> invite_;
  std::string redirected_to_;
  std::set<sip::SessionId> watched_;
  bool gone_ = false, stopped_ = false, settled_ = false;

  std::function<bool()> ready_;
  std::optional<Time> limit_;
  std::coroutine_handle<> waiting_;
  Woken woken_ = Woken::ready;
  std::optional<Flow> flow_;  // last: its frame refers to all the rest
};

}  // namespace sidetone::lab
