#include "endpoint/transfers.h"

#include <fmt/format.h>

namespace sidetone::endpoint {

Expected<void> Transfers::begin_blind(Call& call, std::string target, Time now) {
  return begin(call, {.target = std::move(target)}, now);
}

Expected<void> Transfers::begin_attended(Call& call, const Call& consult, Time now) {
  if (consult.id() == call.id())
    return fail(Layer::engine, Fault::state, "a call cannot be transferred to itself",
                "name the consult call");
  // RFC 3891 §3: an early dialog can be replaced at the side only that has started it, which is us.
  if (consult.state() != CallState::connected)
    return fail(Layer::engine, Fault::state, "the consult call is not answered yet",
                "wait, or hang it up and transfer without consulting");
  return begin(call, {.consult = consult.id()}, now);
}

Expected<void> Transfers::begin(Call& call, Transfer transfer, Time now) {
  if (call.state() != CallState::connected)
    return fail(Layer::engine, Fault::state,
                fmt::format("call {} cannot be transferred now", call.id().value),
                "wait until it is answered");
  if (is_running(call.id()))
    return fail(Layer::engine, Fault::state, "the call is being transferred already", "wait for the outcome");
  transfer.was_held = call.hold_wanted();
  running_[call.id()] = std::move(transfer);
  if (!call.hold_wanted()) static_cast<void>(call.hold(true, now));
  look_at(call, now);
  return {};
}

void Transfers::look_at(Call& call, Time now) {
  const auto found = running_.find(call.id());
  if (found == running_.end() || found->second.number) return;
  if (call.state() == CallState::ended) return end(call.id(), false, 0, "the call has ended", now);
  // Also when the far end has refused to be held: it hears nothing of us all the same.
  if (call.is_settled()) ask(call, found->second, now);
}

void Transfers::ask(Call& call, Transfer& transfer, Time now) {
  LegTransfer to{transfer.target, {}};
  if (transfer.consult) {
    const Call* consult = around_.find(transfer.consult);
    if (consult == nullptr || consult->state() != CallState::connected)
      return end(call.id(), false, 0, "the consult call has ended", now);
    to.replaces = consult->dialog();
    to.target = to.replaces->remote_target;
  }
  const auto number = call.transfer(to, now);
  if (!number) return end(call.id(), false, 0, number.error().text, now);
  transfer.number = *number;
  by_number_[*number] = call.id();
  outbox_.tell(TransferChanged{call.id(), TransferState::asked, 0, {}});
}

void Transfers::on_progress(const Progress& progress, Time now) {
  const auto found = by_number_.find(progress.number);
  if (found == by_number_.end()) return;
  const auto call = found->second;
  if (progress.finished) {
    // 2xx: the target has answered; without any notification (RFC 4488) that of the REFER is all that there
    // will be. A provisional status or none: nobody knows, and the call is not given up for that.
    const bool succeeded = !progress.refused && progress.status >= 200 && progress.status < 300;
    auto text =
        progress.status < 200 ? std::string("the far end does not tell what became of it") : progress.text;
    return end(call, succeeded, progress.status, std::move(text), now);
  }
  auto& transfer = running_.at(call);
  const auto state =
      progress.status >= 180 && progress.status < 200 ? TransferState::ringing : TransferState::trying;
  if (state <= transfer.told) return;
  transfer.told = state;
  outbox_.tell(TransferChanged{call, state, progress.status, progress.text});
}

void Transfers::end(CallId id, bool succeeded, int status, std::string text, Time now) {
  const auto node = running_.extract(id);
  const auto& transfer = node.mapped();
  if (transfer.number) by_number_.erase(*transfer.number);
  outbox_.tell(TransferChanged{id, succeeded ? TransferState::succeeded : TransferState::failed, status,
                               std::move(text)});
  Call* call = around_.find(id);
  const bool lives = call != nullptr && call->state() != CallState::ended;
  if (!succeeded) {
    if (lives && !transfer.was_held && around_.may_resume(id)) static_cast<void>(call->hold(false, now));
    return;
  }
  if (lives) static_cast<void>(call->hang_up(now, EndReason::transferred));
  Call* consult = transfer.consult ? around_.find(transfer.consult) : nullptr;
  if (consult != nullptr && consult->state() != CallState::ended)
    static_cast<void>(consult->hang_up(now, EndReason::transferred));
}

}  // namespace sidetone::endpoint
