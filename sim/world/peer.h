// A user agent of the SIP core alone: whatever the core can do in and around a call happens at random, at
// both ends at once now and then. It answers what it is asked, sooner or later, and watches that the core's
// events are legal in the state that they told of before.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/event_queue.h"
#include "sim/mutation.h"
#include "sim/node.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class Peer final : public Node {
 public:
  Peer(std::string name, IpAddress ip, Network& network, EventQueue& queue, std::uint64_t seed,
       Mutation mutation, Trace& trace, Verdict& verdict);

  void start(std::vector<std::string> others, Time now);
  // Everything is ended from here on.
  void go_home(Time now);
  // One thing done with a session that is established.
  enum class Deed : std::uint8_t { end, offer, empty_offer, info, refer, subscribe, replace, count_ };
  void act(sip::SessionId session, Deed deed, Time now);
  // An established session, by its Call-ID; none: that call is not, or no more.
  [[nodiscard]] sip::SessionId session_of(const std::string& call_id) const;
  [[nodiscard]] std::vector<std::string> established() const;  // Call-IDs

  [[nodiscard]] sip::Stack& stack() override { return stack_; }
  void on_time(Time now) override;
  void drain(Time now) override;
  [[nodiscard]] std::optional<Deadline> deadline() const override { return stack_.deadline(); }

  // "session:accepted" ..., how often.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& seen() const { return seen_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  [[nodiscard]] std::size_t open_refers() const { return refers_.size(); }
  [[nodiscard]] std::size_t open_subscriptions() const { return subscriptions_.size(); }

 private:
  struct Session {
    bool incoming = false, answered = false, confirmed = false;
    bool offer_open = false;  // the peer's offer waits for us
  };

  [[nodiscard]] bool is_repeated(const sip::Event& event) const;
  void live(Time now);
  void invite(Time now, const std::optional<sip::ReplacedDialog>& replaced = {});
  void ring(sip::SessionId session, int step, Time now);
  void later(Duration longest, std::function<void(Time)> what, Time now);
  void count(std::string_view what) { ++seen_[std::string(what)]; }
  [[nodiscard]] std::string sdp();
  Session* known(sip::SessionId session, std::string_view event, Time now);

  void on(const sip::IncomingInvite& event, Time now);
  void on(const sip::ProvisionalReceived& event, Time now);
  void on(const sip::Accepted& event, Time now);
  void on(const sip::Confirmed& event, Time now);
  void on(const sip::OfferReceived& event, Time now);
  void on(const sip::OfferConfirmed& event, Time now);
  void on(const sip::OfferAnswered& event, Time now);
  void on(const sip::OfferRetryDue& event, Time now);
  void on(const sip::RefreshDue& event, Time now);
  void on(const sip::SessionEnded& event, Time now);
  void on(const sip::IncomingRequest& event, Time now);
  void on(const sip::IncomingRefer& event, Time now);
  void on(const sip::IncomingSubscribe& event, Time now);
  void on(const sip::NotifyDue& event, Time now);
  void on(const sip::ReferProgress& event, Time now);
  void on(const sip::SubscriptionChanged& event, Time now);
  template <typename Other>
  void on(const Other&, Time) {}

  EventQueue& queue_;
  Mutation mutation_;
  Verdict& verdict_;
  SeededRandom random_;
  sip::Stack stack_;
  sip::AccountId account_;
  std::vector<std::string> others_;
  std::map<sip::SessionId, Session> sessions_;
  std::set<sip::SessionId> over_;
  std::set<sip::SubscriptionId> refers_, subscriptions_;
  std::map<std::string, std::uint64_t> seen_;
  int versions_ = 0;
  bool going_home_ = false;
};

}  // namespace sidetone::sim
