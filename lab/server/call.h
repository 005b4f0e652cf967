// One call through the server: the caller's leg, the legs to the callee's contacts, and what passes between.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "base/time.h"
#include "sip/stack.h"

namespace sidetone::lab {

using CallKey = StrongId<struct LabCallTag>;

struct Leg {
  sip::SessionId session;
  bool confirmed = false;  // 2xx and ACK passed
  bool ending = false;     // we asked the stack to end or reject it; SessionEnded is on its way
  bool ended = false;
  sip::ClientRequestId check;  // an OPTIONS is out
  int checks_missed = 0;       // in a row
};

// An offer that came in on one leg and went out on the other, until both have its answer.
struct OfferExchange {
  sip::SessionId from, to;
  bool wants_offer = false;  // came without a description: the answer travels in the ACKs
  bool waits_for_ack = false;
};

enum class CallOutcome { open, answered, refused, cancelled };

struct Call {
  CallKey key;
  std::string uuid;  // X-Genesys-CallUUID
  std::string from, to;
  Leg caller;
  std::vector<Leg> callees;    // more than one while a fork rings
  sip::SessionId answered_by;  // the callee's leg that won
  bool wants_offer = false;    // the INVITE had no description
  std::string offer;
  std::string early_answer;  // the last description in a provisional response
  sip::BranchId unpracked;   // the callee's offer in one waits for the answer in the caller's PRACK
  std::optional<OfferExchange> exchange;
  std::optional<sip::Response> best_refusal;
  CallOutcome outcome = CallOutcome::open;
  int status = 0;
  Time started;
  std::optional<Time> due;  // ring_max, then the next leg check

  [[nodiscard]] Leg* leg(sip::SessionId session);
  [[nodiscard]] Leg* answered_leg() { return answered_by ? leg(answered_by) : nullptr; }
  // The other end of an answered call; nullptr while there is none.
  [[nodiscard]] Leg* opposite(sip::SessionId session);
  [[nodiscard]] bool established() const;
  [[nodiscard]] bool over() const;
  [[nodiscard]] bool rings() const;  // some callee may still answer
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
