#include <algorithm>

#include "sip/message/headers.h"
#include "sip/transaction/core.h"

namespace sidetone::sip::transaction::ist {
namespace {

constexpr Duration trying_after = std::chrono::milliseconds(200);  // §17.2.1

void send_trying(Core& core, Server& transaction, Time now) {
  Message trying = Message::response(*transaction.request, 100, {}, {});
  transaction.bytes = core.transport.send_response(trying, transaction.flow, now);
}

void note_tag(Server& transaction, const Message& response) {
  if (const auto to = NameAddr::parse(response.value(HeaderId::to)); to && !to->tag().empty())
    transaction.to_tag = to->tag();
}

void final_response(Core& core, Server& transaction, int status, Time now) {
  core.stop_timers(transaction);
  transaction.request.reset();
  if (status < 300) {
    core.took(Transition::ist_proceeding_accepted);
    transaction.state = State::accepted;
    core.arm(transaction, TimerKind::l, core.t1_64(), now);
    return;
  }
  core.took(Transition::ist_proceeding_completed);
  transaction.state = State::completed;
  core.arm(transaction, TimerKind::h, core.t1_64(), now);
  transaction.interval = core.timers.t1;
  if (!is_reliable(transaction.flow)) core.arm(transaction, TimerKind::g, transaction.interval, now);
}

}  // namespace

void start(Core& core, Server& transaction, Time now) {
  core.took(Transition::ist_start);
  transaction.state = State::proceeding;
  core.arm(transaction, TimerKind::trying, trying_after, now);
}

void on_retransmission(Core& core, Server& transaction, Time now) {
  ++core.counters.retransmissions_absorbed;
  // RFC 6026 §7.1: in Accepted nothing is sent, the user repeats its 2xx by its own clock.
  if (transaction.state == State::proceeding || transaction.state == State::completed)
    core.retransmit(transaction.flow, transaction.bytes, now);
}

void on_cancel(Core& core, Server& transaction, Message cancel, const Flow& flow, Time now) {
  if (transaction.to_tag.empty()) transaction.to_tag = core.random.token(10);
  // Also when it comes too late: then it has no effect (§9.2).
  core.transport.send_response(Message::response(cancel, 200, {}, transaction.to_tag), flow, now);
  if (transaction.state != State::proceeding || transaction.cancelled) return;
  transaction.cancelled = true;
  core.events.emplace_back(CancelReceived{transaction.id, std::move(cancel)});
}

bool on_ack(Core& core, Server& transaction, Time now) {
  switch (transaction.state) {
    case State::accepted: return false;  // RFC 6026 §7.1: to the user
    case State::completed:
      core.took(Transition::ist_completed_confirmed);
      transaction.state = State::confirmed;
      transaction.bytes.reset();
      core.stop_timers(transaction);
      if (is_reliable(transaction.flow)) {
        core.took(Transition::ist_confirmed_end);
        core.finish(transaction);
      } else {
        core.arm(transaction, TimerKind::i, core.timers.t4, now);
      }
      return true;
    default: return true;
  }
}

bool respond(Core& core, Server& transaction, const Message& response, Time now) {
  const int status = response.status();
  if (transaction.state == State::accepted) {  // RFC 6026 §7.1: a further 2xx goes out, nothing else may
    if (status < 200 || status >= 300) return false;
    transaction.bytes = core.transport.send_response(response, transaction.flow, now);
    return true;
  }
  if (transaction.state != State::proceeding) return false;
  core.heap.cancel(transaction.repeat);  // the 100 is not needed any more
  note_tag(transaction, response);
  transaction.bytes = core.transport.send_response(response, transaction.flow, now);
  if (status >= 200) final_response(core, transaction, status, now);
  return true;
}

bool resend_2xx(Core& core, Server& transaction, Time now) {
  if (transaction.state != State::accepted || !transaction.bytes) return false;
  core.retransmit(transaction.flow, transaction.bytes, now);
  return true;
}

void on_timer(Core& core, Server& transaction, TimerKind kind, Time now) {
  switch (kind) {
    case TimerKind::trying: send_trying(core, transaction, now); return;
    case TimerKind::g:
      core.retransmit(transaction.flow, transaction.bytes, now);
      transaction.interval = std::min(transaction.interval * 2, core.timers.t2);
      core.arm(transaction, TimerKind::g, transaction.interval, now);
      return;
    case TimerKind::h:
      core.took(Transition::ist_completed_timeout);
      core.events.emplace_back(ServerFailed{transaction.id, "No ACK to the final response"});
      break;
    case TimerKind::l: core.took(Transition::ist_accepted_end); break;
    default: core.took(Transition::ist_confirmed_end); break;
  }
  core.finish(transaction);
}

}  // namespace sidetone::sip::transaction::ist
