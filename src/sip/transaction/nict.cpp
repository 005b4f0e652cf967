#include <algorithm>

#include "sip/transaction/core.h"

namespace sidetone::sip::transaction::nict {

void start(Core& core, Client& transaction, Time now) {
  core.took(Transition::nict_start);
  transaction.state = State::trying;
  transaction.interval = core.timers.t1;
  core.arm(transaction, TimerKind::f, core.first_answer(), now);
}

void on_sent(Core& core, Client& transaction, Time now) {
  transaction.sent = true;
  if (!is_reliable(transaction.flow)) core.arm(transaction, TimerKind::e, transaction.interval, now);
}

namespace {

void provisional(Core& core, Client& transaction, Time now) {
  if (transaction.state == State::proceeding) return;
  core.took(Transition::nict_trying_proceeding);
  transaction.state = State::proceeding;
  // client_timeout bounds the wait for the first answer; what follows has the RFC's full timer F.
  if (core.timers.client_timeout)
    core.arm(transaction, TimerKind::f, std::max(Duration{0}, transaction.started + core.t1_64() - now), now);
}

void final_response(Core& core, Client& transaction, Time now) {
  core.took(transaction.state == State::trying ? Transition::nict_trying_completed
                                               : Transition::nict_proceeding_completed);
  transaction.state = State::completed;
  transaction.bytes.reset();
  core.stop_timers(transaction);
  if (is_reliable(transaction.flow)) {
    core.took(Transition::nict_completed_end);
    core.finish(transaction);
  } else {
    core.arm(transaction, TimerKind::k, core.timers.t4, now);
  }
}

}  // namespace

void on_response(Core& core, Client& transaction, const Flow& flow, Message response, Time now) {
  if (!transaction.sent) return;
  if (transaction.state == State::completed) {
    ++core.counters.retransmissions_absorbed;
    return;
  }
  const bool is_final = response.status() >= 200;
  if (!transaction.own_cancel)
    core.events.emplace_back(ResponseReceived{transaction.id, flow, std::move(response)});
  if (is_final)
    final_response(core, transaction, now);
  else
    provisional(core, transaction, now);
}

void on_timer(Core& core, Client& transaction, TimerKind kind, Time now) {
  if (kind == TimerKind::e) {  // §17.1.2.2: doubled up to T2; T2 at once after a provisional response
    core.retransmit(transaction.flow, transaction.bytes, now);
    transaction.interval = transaction.state == State::proceeding
                               ? core.timers.t2
                               : std::min(transaction.interval * 2, core.timers.t2);
    core.arm(transaction, TimerKind::e, transaction.interval, now);
    return;
  }
  if (kind == TimerKind::f) {
    core.took(transaction.state == State::trying ? Transition::nict_trying_timeout
                                                 : Transition::nict_proceeding_timeout);
    core.failed(transaction, ClientFailed::Why::timeout, "No final response");
  } else {
    core.took(Transition::nict_completed_end);
  }
  core.finish(transaction);
}

void on_transport_error(Core& core, Client& transaction, std::string why) {
  if (transaction.state != State::trying) return;
  core.took(Transition::nict_trying_transport);
  core.failed(transaction, ClientFailed::Why::transport, std::move(why));
  core.finish(transaction);
}

}  // namespace sidetone::sip::transaction::nict
