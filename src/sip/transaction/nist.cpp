#include "sip/transaction/core.h"

namespace sidetone::sip::transaction::nist {

void start(Core& core, Server& transaction) {
  core.took(Transition::nist_start);
  transaction.state = State::trying;
}

void on_retransmission(Core& core, Server& transaction, Time now) {
  ++core.counters.retransmissions_absorbed;
  // §17.2.2: in Trying there is nothing to repeat, the request is discarded.
  core.retransmit(transaction.flow, transaction.bytes, now);
}

bool respond(Core& core, Server& transaction, const Message& response, Time now) {
  if (transaction.state == State::completed) return false;
  transaction.bytes = core.transport.send_response(response, transaction.flow, now);
  if (response.status() < 200) {
    if (transaction.state == State::trying) core.took(Transition::nist_trying_proceeding);
    transaction.state = State::proceeding;
    return true;
  }
  core.took(transaction.state == State::trying ? Transition::nist_trying_completed
                                               : Transition::nist_proceeding_completed);
  transaction.state = State::completed;
  transaction.request.reset();
  if (is_reliable(transaction.flow)) {
    core.took(Transition::nist_completed_end);
    core.finish(transaction);
  } else {
    core.arm(transaction, TimerKind::j, core.t1_64(), now);
  }
  return true;
}

void on_timer(Core& core, Server& transaction, TimerKind) {
  core.took(Transition::nist_completed_end);
  core.finish(transaction);
}

}  // namespace sidetone::sip::transaction::nist
