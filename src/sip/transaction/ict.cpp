#include <algorithm>

#include "sip/message/headers.h"
#include "sip/message/parser.h"
#include "sip/transaction/core.h"
#include "sip/transaction/hop_requests.h"

namespace sidetone::sip::transaction::ict {
namespace {

// RFC 6026 §8.4: an absolute minimum, because the T1 of the server is not known here.
constexpr Duration timer_d_min = std::chrono::seconds(32);
// As long as a proxy lets a phone ring (timer C, RFC 3261 §16.6): a 180 that was lost is not repeated, and
// then the 2xx is the first that is heard of it.
constexpr Duration late_answer = std::chrono::minutes(3);

void send_cancel(Core& core, Client& invite, Time now) {
  invite.cancel_sent = true;
  core.arm(invite, TimerKind::cancel, core.t1_64(), now);
  const auto cancel = make_cancel(*invite.bytes, invite.cancel_reason);
  if (!cancel) return;
  const std::string_view branch = invite.key;  // an INVITE's key is its branch
  Client& transaction = core.add_client(Method::cancel, branch, now);
  transaction.own_cancel = true;
  transaction.flow = invite.flow;
  transaction.bytes = cancel;
  nict::start(core, transaction, now);
  core.transport.resend(transaction.flow, transaction.bytes, now);
  nict::on_sent(core, transaction, now);
}

// Given up by Timer B, and answered all the same: the INVITE was on its way, or its server slow. Somebody's
// phone rings for a call that nobody makes any more, so it is cancelled, and whoever was quicker is hung up
// (RFC 3261 §13.2.2.4 asks for the latter; that every 2xx needs an ACK knows no deadline).
void late_provisional(Core& core, Client& transaction, Time now) {
  core.took(Transition::ict_abandoned_ringing);
  if (transaction.cancel_sent) return;
  core.stop_timers(transaction);
  send_cancel(core, transaction, now);
}

void provisional(Core& core, Client& transaction, const Flow& flow, Message response, Time now) {
  if (transaction.state == State::abandoned) return late_provisional(core, transaction, now);
  if (transaction.state == State::calling) {
    core.took(Transition::ict_calling_proceeding);
    transaction.state = State::proceeding;
    core.stop_timers(transaction);
  } else if (transaction.state != State::proceeding) {
    return;
  }
  core.events.emplace_back(ResponseReceived{transaction.id, flow, std::move(response)});
  // §9.1: a CANCEL waits for the first provisional response.
  if (transaction.cancel_wanted && !transaction.cancel_sent) send_cancel(core, transaction, now);
}

void accepted(Core& core, Client& transaction, const Flow& flow, Message response, Time now) {
  if (transaction.state == State::completed) return;
  if (transaction.state != State::accepted) {
    core.took(transaction.state == State::calling     ? Transition::ict_calling_accepted
              : transaction.state == State::abandoned ? Transition::ict_abandoned_accepted
                                                      : Transition::ict_proceeding_accepted);
    transaction.state = State::accepted;
    transaction.bytes.reset();
    core.stop_timers(transaction);
    core.arm(transaction, TimerKind::m, core.t1_64(), now);
  }
  // Repeated ones and those of other branches, too: their ACK is the user's (RFC 6026 §7.2).
  core.events.emplace_back(ResponseReceived{transaction.id, flow, std::move(response)});
}

void refused(Core& core, Client& transaction, const Flow& flow, Message response, Time now) {
  if (transaction.state == State::accepted) return;
  if (transaction.state == State::completed) {
    ++core.counters.retransmissions_absorbed;
    core.retransmit(transaction.flow, transaction.bytes, now);
    return;
  }
  const bool abandoned = transaction.state == State::abandoned;
  core.took(transaction.state == State::calling ? Transition::ict_calling_completed
            : abandoned                         ? Transition::ict_abandoned_completed
                                                : Transition::ict_proceeding_completed);
  transaction.state = State::completed;
  core.stop_timers(transaction);
  transaction.bytes = make_ack(*transaction.bytes, response);
  if (transaction.bytes) core.transport.resend(transaction.flow, transaction.bytes, now);
  if (!abandoned) core.events.emplace_back(ResponseReceived{transaction.id, flow, std::move(response)});
  if (is_reliable(transaction.flow)) {
    core.took(Transition::ict_completed_end);
    core.finish(transaction);
  } else {
    core.arm(transaction, TimerKind::d, std::max(timer_d_min, core.t1_64()), now);
  }
}

}  // namespace

void start(Core& core, Client& transaction, Time now) {
  core.took(Transition::ict_start);
  transaction.state = State::calling;
  transaction.interval = core.timers.t1;
  core.arm(transaction, TimerKind::b, core.first_answer(), now);
}

void on_sent(Core& core, Client& transaction, Time now) {
  transaction.sent = true;
  if (!is_reliable(transaction.flow)) core.arm(transaction, TimerKind::a, transaction.interval, now);
}

void on_response(Core& core, Client& transaction, const Flow& flow, Message response, Time now) {
  if (!transaction.sent) return;  // nothing that we asked can be answered yet
  const int status = response.status();
  if (status < 200)
    provisional(core, transaction, flow, std::move(response), now);
  else if (status < 300)
    accepted(core, transaction, flow, std::move(response), now);
  else
    refused(core, transaction, flow, std::move(response), now);
}

void on_timer(Core& core, Client& transaction, TimerKind kind, Time now) {
  switch (kind) {
    case TimerKind::a:  // §17.1.1.2: doubled each time, without the T2 bound of the others
      core.retransmit(transaction.flow, transaction.bytes, now);
      transaction.interval *= 2;
      core.arm(transaction, TimerKind::a, transaction.interval, now);
      return;
    case TimerKind::b:
      core.took(Transition::ict_calling_timeout);
      core.failed(transaction, ClientFailed::Why::timeout, "No answer to INVITE");
      transaction.state = State::abandoned;
      transaction.abandoned = true;
      core.stop_timers(transaction);  // A
      core.arm(transaction, TimerKind::late, late_answer, now);
      return;
    case TimerKind::late: core.took(Transition::ict_abandoned_end); break;
    case TimerKind::cancel:  // §9.1
      if (transaction.state == State::abandoned) {
        core.took(Transition::ict_abandoned_end);
        break;
      }
      core.took(Transition::ict_proceeding_cancelled);
      core.failed(transaction, ClientFailed::Why::timeout, "No final response to INVITE after CANCEL");
      break;
    case TimerKind::m: core.took(Transition::ict_accepted_end); break;
    default: core.took(Transition::ict_completed_end); break;
  }
  core.finish(transaction);
}

void on_transport_error(Core& core, Client& transaction, std::string why) {
  if (transaction.state != State::calling) return;  // somebody answered: the way is good
  core.took(Transition::ict_calling_transport);
  core.failed(transaction, ClientFailed::Why::transport, std::move(why));
  core.finish(transaction);
}

bool cancel(Core& core, Client& transaction, std::string reason, Time now) {
  if (transaction.state != State::calling && transaction.state != State::proceeding) return false;
  if (!transaction.sent) {  // it still waits for a name or a connection: it need not leave at all
    core.took(Transition::ict_calling_cancelled);
    core.failed(transaction, ClientFailed::Why::timeout, "Cancelled before it was sent");
    core.finish(transaction);
    return true;
  }
  transaction.cancel_wanted = true;
  transaction.cancel_reason = std::move(reason);
  if (transaction.state == State::proceeding && !transaction.cancel_sent) send_cancel(core, transaction, now);
  return true;
}

}  // namespace sidetone::sip::transaction::ict
