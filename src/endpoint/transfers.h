// The transfers of our own (RFC 5589): the far end of a call is held, asked by REFER to call somebody else,
// and let go when that has worked. One per call at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/expected.h"
#include "endpoint/call.h"
#include "endpoint/outbox.h"

namespace sidetone::endpoint {

class Transfers {
 public:
  struct Surroundings {
    std::function<Call*(CallId)> find;
    std::function<bool(CallId)> may_resume;  // no other call is active
  };
  Transfers(Surroundings around, Outbox& outbox) : around_(std::move(around)), outbox_(outbox) {}

  Expected<void> begin_blind(Call& call, std::string target, Time now);
  Expected<void> begin_attended(Call& call, const Call& consult, Time now);

  // Something about the call has changed: when its hold is settled, its far end is asked.
  void look_at(Call& call, Time now);

  struct Progress {
    std::uint64_t number = 0;  // of the leg's transfer()
    int status = 0;
    std::string text;
    bool finished = false;
    bool refused = false;  // the far end did not even try
  };
  void on_progress(const Progress& progress, Time now);
  [[nodiscard]] bool is_running(CallId call) const { return running_.contains(call); }

 private:
  struct Transfer {
    CallId consult;      // 0: blind
    std::string target;  // of a blind one
    bool was_held = false;
    std::optional<std::uint64_t> number;  // once the far end is asked
    TransferState told = TransferState::asked;
  };
  Expected<void> begin(Call& call, Transfer transfer, Time now);
  void ask(Call& call, Transfer& transfer, Time now);
  void end(CallId call, bool succeeded, int status, std::string text, Time now);

  Surroundings around_;
  Outbox& outbox_;
  std::unordered_map<CallId, Transfer> running_;
  std::unordered_map<std::uint64_t, CallId> by_number_;
};

}  // namespace sidetone::endpoint
