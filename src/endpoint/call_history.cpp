#include "endpoint/call_history.h"

namespace sidetone::endpoint {

void CallHistory::note(const Event& event, WallTime now) {
  if (const auto* added = std::get_if<CallAdded>(&event)) {
    alive_[added->call.call] = {now, {}};
  } else if (const auto* changed = std::get_if<CallChanged>(&event)) {
    const auto alive = alive_.find(changed->call.call);
    if (alive != alive_.end() && !alive->second.answered && changed->call.state == CallState::connected)
      alive->second.answered = now;
  } else if (const auto* ended = std::get_if<CallEnded>(&event)) {
    end(*ended, now);
  }
}

void CallHistory::end(const CallEnded& ended, WallTime now) {
  const auto alive = alive_.extract(ended.call.call);
  CallRecord record;
  record.call = ended.call;
  record.ended = now;
  record.began = alive.empty() ? now : alive.mapped().began;
  if (!alive.empty()) record.answered = alive.mapped().answered;
  records_.push_back(std::move(record));
  if (records_.size() > records_max) records_.pop_front();
}

}  // namespace sidetone::endpoint
