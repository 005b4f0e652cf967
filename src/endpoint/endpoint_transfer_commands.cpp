// Commands by which the user sends calls elsewhere, or does something to several at once.
#include <fmt/format.h>

#include "endpoint/dial_target.h"
#include "endpoint/endpoint_core.h"

namespace sidetone::endpoint {

Expected<DialTarget> EndpointCore::resolve(const std::string& target, const CoreLine& line) const {
  if (!line.domain.empty()) return resolve_dial_target(target, line.domain, 0);  // with a port of its own
  return resolve_dial_target(target, line.server_host, line.server_port);
}

Expected<DialTarget> EndpointCore::resolve(const std::string& target, const Call& call) const {
  if (call.line().index >= lines_.size())
    return fail(Layer::engine, Fault::state, "the line of the call is not in the configuration any more");
  return resolve(target, lines_[call.line().index].settings);
}

void EndpointCore::redirect(const Redirect& command, Time now) {
  with_call("redirect", command.call, [&](Call& call) -> Expected<void> {
    auto target = resolve(command.target, call);
    if (!target) return tl::make_unexpected(target.error());
    return call.redirect(std::move(target->uri), now);
  });
}

void EndpointCore::transfer(const Transfer& command, Time now) {
  with_call("transfer", command.call, [&](Call& call) -> Expected<void> {
    auto target = resolve(command.target, call);
    if (!target) return tl::make_unexpected(target.error());
    return transfers_.begin_blind(call, std::move(target->uri), now);
  });
}

void EndpointCore::complete_transfer(const CompleteTransfer& command, Time now) {
  with_call("complete_transfer", command.call, [&](Call& call) -> Expected<void> {
    const Call* consult = find(command.consult);
    if (consult == nullptr)
      return fail(Layer::engine, Fault::not_found, fmt::format("there is no call {}", command.consult.value));
    return transfers_.begin_attended(call, *consult, now);
  });
}

void EndpointCore::swap(Time now) {
  Call* held = nullptr;
  Call* active = nullptr;
  bool odd = false;
  for (auto& [id, call] : calls_) {
    if (!call->is_answered()) continue;
    auto& place = call->hold_wanted() ? held : active;
    const bool one_conference = place != nullptr && place->is_in_conference() && call->is_in_conference();
    odd = odd || (place != nullptr && !one_conference);
    place = call.get();
  }
  if (odd || held == nullptr || active == nullptr)
    return command_failed(
        "swap", {},
        Error{Fault::state, Layer::engine, "there is not exactly one held and one active call",
              "hold and resume by name"});
  const auto id = held->id();
  with_call("swap", id, [&](Call& call) { return resume(call, now); });
}

// A conference is resumed as a whole.
Expected<void> EndpointCore::resume(Call& call, Time now) {
  if (call.is_answered()) hold_others(call.id(), now);
  return call.is_in_conference() ? resume_conference(now) : call.hold(false, now);
}

void EndpointCore::hang_up_all(Time now) {
  for (auto& [id, call] : calls_) {
    if (call->state() == CallState::ended) continue;
    touch(id);
    static_cast<void>(call->hang_up(now));
  }
}

bool EndpointCore::is_another_active(CallId but) const {
  for (const auto& [id, call] : calls_)
    if (id != but && call->is_answered() && !call->hold_wanted()) return true;
  return false;
}

void EndpointCore::on(const sip::ReferProgress& event, Time now) {
  transfers_.on_progress({event.id.value, event.status, event.reason, event.finished, event.refused}, now);
}

}  // namespace sidetone::endpoint
