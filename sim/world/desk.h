// Agent desktops: they ask the server for anything at any moment in T-Library's words, also for what makes no
// sense, and hold it to what it promises: each request ends in events of success or in one error, and events
// come in an order that a desktop can follow.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "sim/event_queue.h"
#include "sim/server_node.h"
#include "sim/trace.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class Desk {
 public:
  Desk(std::vector<std::string> dns, ServerNode& server, EventQueue& queue, std::uint64_t seed, Trace& trace,
       Verdict& verdict)
      : dns_(std::move(dns)),
        server_(server),
        queue_(queue),
        random_(seed),
        trace_(trace),
        verdict_(verdict) {}

  void start(Time now) { think(now); }
  // No requests any more but those that end calls.
  void go_home() { going_home_ = true; }
  // After anything happened at the server: takes its events.
  void look(Time now);
  // Nobody waits for ever.
  void at_end(Time now);

  enum class Party : std::uint8_t { none, dialing, ringing, talking, held, over };
  // What events have told of a DN in a call.
  [[nodiscard]] Party party(const std::string& dn, const std::string& conn_id) const;
  // The calls that a DN is in, by their ids.
  [[nodiscard]] std::vector<std::string> calls_of(const std::string& dn) const;
  // Was sent to himself once, or came into such a call: his calls can not all be told apart.
  [[nodiscard]] bool was_with_himself(const std::string& dn) const { return with_themselves_.contains(dn); }
  // When anything of the call was last told or asked.
  [[nodiscard]] Time last_change(const std::string& conn_id) const;
  // "request:MakeCall", "event:EventHeld" with counts.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& seen() const { return seen_; }

 private:
  void think(Time now);
  void act(Time now);
  void ask(lab::tlib::Request request, Time now);
  void see(const lab::tlib::Event& event, Time now);
  void answer_soon(const lab::tlib::Event& event, Time now);
  void follow(const lab::tlib::Event& event, Time now);
  void out_of_place(const lab::tlib::Event& event, Party before, Time now);
  [[nodiscard]] std::string any_dn();

  struct Asked {
    lab::tlib::RequestName name;
    Time when;
    std::string dn;
    int events = 0, errors = 0;
    bool overtaken = false;  // another request has done it, and told
  };
  std::vector<std::string> dns_;
  ServerNode& server_;
  EventQueue& queue_;
  SeededRandom random_;
  Trace& trace_;
  Verdict& verdict_;
  bool going_home_ = false;
  std::uint64_t last_reference_ = 0;
  std::map<std::uint64_t, Asked> asked_;
  std::map<std::pair<std::string, std::string>, Party> parties_;  // DN, call
  std::set<std::string> own_calls_, with_themselves_;  // calls of somebody with himself, and who that was
  std::map<std::string, Time> changed_;
  std::map<std::string, int> hooks_;
  std::map<std::string, std::uint64_t> seen_;
};

}  // namespace sidetone::sim
