#include "sim/shadow.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sim {

std::string_view to_string(CallState state) {
  switch (state) {
    case CallState::dialing: return "dialing";
    case CallState::ringing: return "ringing";
    case CallState::early: return "early";
    case CallState::connecting: return "connecting";
    case CallState::connected: return "connected";
    case CallState::ended: return "ended";
  }
  return "?";
}

namespace {

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::none: return "none";
    case EndReason::hung_up_here: return "hung_up_here";
    case EndReason::hung_up_there: return "hung_up_there";
    case EndReason::cancelled_there: return "cancelled_there";
    case EndReason::rejected_here: return "rejected_here";
    case EndReason::refused: return "refused";
    case EndReason::no_answer: return "no_answer";
    case EndReason::network_failure: return "network_failure";
    case EndReason::shut_down: return "shut_down";
    case EndReason::transferred: return "transferred";
  }
  return "?";
}

std::string_view held_word(const CallSnapshot& call) {
  if (call.held_by_us) return call.held_by_peer ? "held_both" : "held_by_us";
  return call.held_by_peer ? "held_by_peer" : "talking";
}

// Quality has an event of its own and is no part of the comparison.
CallSnapshot without_quality(CallSnapshot call) {
  call.quality = {};
  return call;
}

}  // namespace

std::string describe(const CallSnapshot& call) {
  return fmt::format("{}#{} {} {}{}{}{}{} {} {}", call.direction == CallDirection::incoming ? "in" : "out",
                     call.call.value, call.remote_number, to_string(call.state),
                     call.held_by_us ? " held-by-us" : "", call.held_by_peer ? " held-by-peer" : "",
                     call.hold_wanted ? " hold-wanted" : "", call.muted ? " muted" : "",
                     call.end_reason == EndReason::none ? "" : to_string(call.end_reason),
                     call.status == 0 ? "" : std::to_string(call.status));
}

const CallSnapshot* Shadow::call(CallId id) const {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : &found->second;
}

bool Shadow::line_ready() const {
  for (const auto& [id, line] : lines_)
    if (line.state == LineState::ready) return true;
  return false;
}

bool Shadow::line_refused() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& entry) {
    const int status = entry.second.status;
    return status == 401 || status == 403 || status == 407;
  });
}

void Shadow::see(const Event& event, Time now) {
  if (stopped_) verdict_.broken(now, "event_after_stopped", name_);
  if (const auto* line = std::get_if<LineChanged>(&event)) lines_[line->line.line] = line->line;
  if (const auto* call = std::get_if<CallAdded>(&event)) added(call->call, now);
  if (const auto* call = std::get_if<CallChanged>(&event)) changed(call->call, now);
  if (const auto* call = std::get_if<CallEnded>(&event)) ended(call->call, now);
  if (std::holds_alternative<DtmfSent>(event)) ++counters_.digits;
  if (std::holds_alternative<CommandFailed>(event)) ++counters_.command_failures;
  if (std::holds_alternative<Stopped>(event)) stopped_ = true;
}

void Shadow::added(const CallSnapshot& call, Time now) {
  ++counters_.added;
  if (!seen_.insert(call.call).second)
    verdict_.broken(now, "id_reused", fmt::format("{}: {}", name_, describe(call)));
  ++transitions_[fmt::format("call:{}>{}", call.direction == CallDirection::incoming ? "in" : "out",
                             to_string(call.state))];
  calls_[call.call] = call;
}

void Shadow::changed(const CallSnapshot& call, Time now) {
  const auto known = calls_.find(call.call);
  if (known == calls_.end())
    return verdict_.broken(now, "change_of_unknown_call", fmt::format("{}: {}", name_, describe(call)));
  step(known->second, call);
  known->second = call;
}

void Shadow::ended(const CallSnapshot& call, Time now) {
  ++counters_.ended;
  const auto known = calls_.find(call.call);
  if (known == calls_.end())
    return verdict_.broken(now, "end_of_unknown_call", fmt::format("{}: {}", name_, describe(call)));
  if (call.state != CallState::ended || call.end_reason == EndReason::none)
    verdict_.broken(now, "end_without_reason", fmt::format("{}: {}", name_, describe(call)));
  ++transitions_[fmt::format("call:{}>ended:{}", to_string(known->second.state), to_string(call.end_reason))];
  calls_.erase(known);
}

void Shadow::step(const CallSnapshot& from, const CallSnapshot& to) {
  if (from.state != to.state) {
    ++transitions_[fmt::format("call:{}>{}", to_string(from.state), to_string(to.state))];
    if (to.state == CallState::connected) ++counters_.connected;
  }
  const auto before = held_word(from), after = held_word(to);
  if (before != after) {
    ++transitions_[fmt::format("hold:{}>{}", before, after)];
    ++counters_.held;
  }
}

void Shadow::compare(const Snapshot& snapshot, Time now) {
  if (stopped_) return;  // nobody is told anything any more
  for (const auto& line : snapshot.lines)
    if (lines_[line.line] != line)
      verdict_.broken(now, "snapshot_differs",
                      fmt::format("{}: line {} is {} but was told otherwise", name_, line.line.index,
                                  static_cast<int>(line.state)));
  std::size_t live = 0;
  for (const auto& call : snapshot.calls) {
    const auto known = calls_.find(call.call);
    if (known == calls_.end()) {
      verdict_.broken(now, "snapshot_differs", fmt::format("{}: untold {}", name_, describe(call)));
      continue;
    }
    ++live;
    if (without_quality(known->second) != without_quality(call))
      verdict_.broken(now, "snapshot_differs",
                      fmt::format("{}: is {}, told {}", name_, describe(call), describe(known->second)));
  }
  // A call that is over leaves the snapshot at once and is told as ended when its media are closed, a moment
  // later; then the told ones are more.
  if (live > calls_.size()) verdict_.broken(now, "snapshot_differs", name_ + ": more calls than told");
}

}  // namespace sidetone::sim
