// One call through the server: its legs, its parties, and what passes between.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "base/time.h"
#include "labserver/leg.h"
#include "labserver/party.h"
#include "sip/stack.h"
#include "tlib/event.h"

namespace sidetone::lab {

// An offer that came in on one leg and went out on the other, until both have its answer.
struct OfferExchange {
  sip::SessionId from, to;
  bool wants_offer = false;  // came without a description: the answer travels in the ACKs
  bool waits_for_ack = false;
};

enum class CallOutcome { open, answered, refused, cancelled };

// How a caller's INVITE becomes a call: one leg that calls, and those that ring for it.
struct Setup {
  sip::SessionId caller;
  std::vector<sip::SessionId> callees;  // more than one while a fork rings
  sip::SessionId answered_by;           // the callee's leg that won
  std::string dn;                       // that was called
  bool wants_offer = false;             // the INVITE had no description
  sip::Invite invite;                   // as its callees get it, but for the place
  std::string early_answer;             // the last description in a provisional response
  sip::BranchId unpracked;  // the callee's offer in one waits for the answer in the caller's PRACK
  std::optional<sip::Response> best_refusal;
  bool connected = false;
};

struct Call {
  CallKey key;
  std::string uuid;  // X-Genesys-CallUUID
  std::string conn_id, previous_conn_id;
  tlib::CallType type = tlib::CallType::unknown;
  std::uint64_t reference_id = 0;  // of the request that its events come from
  std::string from, to;
  std::vector<sip::SessionId> legs;  // all that belong to it, until it is over
  std::vector<Party> parties;
  Setup setup;
  bool connected = false;  // two parties have spoken
  bool treatment = false;  // one party and the media server, for a while
  std::optional<OfferExchange> exchange;
  FlowId flow;                     // under way
  std::vector<FlowId> bystanders;  // wait for something to happen to it, but do not hold it
  CallOutcome outcome = CallOutcome::open;
  int status = 0;
  Time started;
  std::optional<Time> due;  // ring_max, then the next leg check

  [[nodiscard]] Party* party(std::string_view dn);
  // That is called: who calls himself has two.
  [[nodiscard]] Party* callee(std::string_view dn);
  [[nodiscard]] Party* party_of(sip::SessionId leg);
  // A mixer's leg that waits for a party which holds the conference.
  [[nodiscard]] bool is_kept_seat(sip::SessionId leg) const;
  // The other one of a call of two; nullptr when there is none, or several.
  [[nodiscard]] Party* other_party(std::string_view dn);
  // Of a call of two, as others see it: the DN at the other end. Empty: there is none, or there are several.
  [[nodiscard]] std::string other_dn(std::string_view dn) const;
};

// A call under way, as an observer may see it.
struct CallFacts {
  std::string uuid, from, to;
  Time started;
  bool caller_alive = false;
  std::size_t callees_alive = 0;
  bool established = false;
};

// What remains of a call, for statistics and for whoever checks that none got lost.
struct CallRecord {
  std::string uuid, from, to;
  CallOutcome outcome = CallOutcome::open;
  int status = 0;  // the caller's final response
  Time started, ended;
};

}  // namespace sidetone::lab
