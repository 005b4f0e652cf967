// Third-party call control: takes requests, runs their flows, and tells desktops what becomes of calls, also
// of those that phones make by themselves.
//
// A call has one flow at a time; a second request for it gets EventError busy. The exceptions: answering and
// sending digits need no exchange of descriptions and go beside; releasing stops what runs.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

#include "labserver/call_events.h"
#include "labserver/call_watcher.h"
#include "labserver/flow_run.h"

namespace sidetone::lab {

// Bound: each flow holds a call or waits for a phone; more than the stack has sessions is an attack.
inline constexpr std::size_t flows_max = 20000;

class Control final : public CallWatcher {
 public:
  Control(const ServerSettings& settings, sip::Stack& stack, Registrar& registrar, Switchboard& board,
          sip::AccountId account, Random& random, LogSink& log);

  void request(const tlib::Request& request, Time now);
  std::optional<tlib::Event> poll_event() { return events_.poll(); }
  // True: a flow's, nobody else shall see it.
  bool handle(const sip::Event& event, Time now);
  void service_changed(const std::string& dn, bool in_service, Time now);

  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;
  [[nodiscard]] std::size_t flows() const { return runs_.size(); }

  // --- CallWatcher
  std::optional<CallKey> expected_in(const std::string& from, const std::string& to) override;
  bool takes_over(const sip::IncomingInvite& event, const std::string& from, const std::string& to,
                  Time now) override;
  bool is_unwanted(const sip::IncomingInvite& event, const std::string& from, const std::string& to,
                   Time now) override;
  void dials(Call& call, Time now) override;
  void rings(Call& call, sip::SessionId leg, Time now) override;
  void connects(Call& call, Time now) override;
  void speaks(Call& call, Time now) override;
  void exchange_over(Call& call, Time now) override;
  void refused(Call& call, int status, Time now) override;
  void leg_over(Call& call, const Leg& leg, const sip::SessionEnded& event, Time now) override;
  void leaves(Call& call, Party& party, Time now) override;
  void over(const std::vector<FlowId>& bystanders, Time now) override;

 private:
  // Each returns whether the event is a flow's.
  bool on(const sip::ProvisionalReceived& event, Time now);
  bool on(const sip::Accepted& event, Time now);
  bool on(const sip::Confirmed& event, Time now);
  bool on(const sip::OfferReceived& event, Time now);
  bool on(const sip::OfferConfirmed& event, Time now);
  bool on(const sip::OfferAnswered& event, Time now);
  bool on(const sip::OfferFailed& event, Time now);
  bool on(const sip::OfferGlare& event, Time now);
  bool on(const sip::OfferRetryDue& event, Time now);
  bool on(const sip::RequestFinished& event, Time now);
  bool on(const sip::ReferProgress& event, Time now);

  // requests_taken.cpp
  using FlowFunction = Flow (*)(FlowRun&);
  using Suits = bool (*)(const Party&);
  void refuse(const tlib::Request& request, tlib::ErrorCode code, std::string text, Time now);
  [[nodiscard]] bool refuse_unknown(const tlib::Request& request, const std::string& dn, Time now);
  // The call that the request means, in which this_dn is as `suits` wants; nullptr: refused.
  Call* find_call(const tlib::Request& request, const std::string& conn_id, Suits suits, Time now);
  struct Pair {
    Call* main = nullptr;
    Call* consulted = nullptr;
  };
  Pair find_pair(const tlib::Request& request, Suits suits, Time now);
  [[nodiscard]] bool refuse_busy(const tlib::Request& request, const Call& call, Time now);
  void make_call(const tlib::Request& request, Time now);
  void in_call(const tlib::Request& request, Suits suits, FlowFunction flow, Time now);
  void with_consult_call(const tlib::Request& request, FlowFunction flow, Time now);
  void beside(const tlib::Request& request, Suits suits, bool CtiControl::* needs, FlowFunction flow,
              Time now);
  void release_call(const tlib::Request& request, Time now);
  void single_step_transfer(const tlib::Request& request, Time now);
  void reconnect_call(const tlib::Request& request, Time now);
  void alternate_call(const tlib::Request& request, Time now);
  void redirect_call(const tlib::Request& request, Time now);

  struct Concerns {
    Call* call = nullptr;
    Call* other = nullptr;
    bool holds = true;
    const sip::IncomingInvite* invite = nullptr;  // a phone's, instead of a desktop's request
  };
  void start(const tlib::Request& request, FlowFunction flow, Concerns concerns, Time now);
  void stir(Call& call, Time now);  // who holds it and who attends it looks again
  void wake(FlowId flow, Time now);
  void after(FlowId flow, Time now);  // it has run: done, or waits until another time
  void replied(Leg& leg, Reply reply, Time now);

  const ServerSettings& settings_;
  sip::Stack& stack_;
  Registrar& registrar_;
  Switchboard& board_;
  CallEvents events_;
  Awaited awaited_;
  Desk desk_;
  IdSource<FlowId> flow_ids_;
  struct Running {
    std::unique_ptr<FlowRun> run;
    std::optional<Time> due;
  };
  std::unordered_map<FlowId, Running> runs_;
  std::set<std::pair<Time, FlowId>> due_;
};

}  // namespace sidetone::lab
