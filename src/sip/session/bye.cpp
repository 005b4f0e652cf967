// The end of a dialog (RFC 3261 §15) and of the session.
#include <fmt/format.h>

#include "sip/session/failure_scope.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {

void InviteSession::send_bye(const std::vector<ExtraHeader>& headers, EndCause cause, Time now) {
  // An INVITE of ours may still run: its 2xx must have an ACK even so. Its client sees to that, unless the
  // 2xx is here and waits for our answer.
  if (owes_ack_) client_->ack(*dialog_, {}, now);
  owes_ack_ = false;
  glare_.stop();
  drop_offers(now);
  unacknowledged_.clear();
  timer_.stop();
  state_ = State::ending;
  end_cause_ = cause;
  core_.send_bye(
      dialog_, headers, account_,
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (!outcome.is_final()) return;
        const auto session = weak.lock();
        if (session && session->state_ == State::ending)
          session->finish(session->end_cause_, 0, {}, outcome.message, then);
      },
      now);
}

void InviteSession::on_bye(ServerTransactionId server, const MessagePtr& request, Time now) {
  reply(server, *request, 200, now);
  if (!dialog_ && early_.all().size() > 1) {
    // One branch of a fork has gone without a final response; the others go on.
    const auto tag = tag_of(*request, HeaderId::from);
    if (auto* early = early_.find(tag)) {
      drop_offer(early->offers, 487, now);
      unindex(early->dialog->key());
    }
    return early_.remove(tag);
  }
  const auto [status, text] = reason_of(*request);
  const auto cause = state_ == State::ending       ? end_cause_
                     : state_ == State::cancelling ? cancel_cause_
                                                   : EndCause::bye_received;
  finish(cause, status, text, request, now);
}

// For a peer that is gone as far as we can tell: the session ends at once, its BYE is a last attempt.
void InviteSession::end_with_stray_bye(EndCause cause, int status, std::string text, MessagePtr message,
                                       std::vector<ExtraHeader> headers, Time now) {
  if (dialog_) core_.send_bye(dialog_, std::move(headers), account_, [](const Outcome&, Time) {}, now);
  finish(cause, status, std::move(text), std::move(message), now);
}

void InviteSession::on_request_failed(Method method, const Outcome& outcome, Time now) {
  if (state_ != State::confirmed) return;
  const bool timed_out = !outcome.message && outcome.status == 408;
  const bool whole = failure_scope(outcome.status) == FailureScope::dialog;
  // RFC 5057 §5.3: only INFO is part of the call; MESSAGE and OPTIONS are of no usage, REFER of its own. 405
  // and 501 mean that one request (§5.1 note 3).
  const bool call_lost = method == Method::info && (outcome.status == 481 || timed_out);
  if (!outcome.message && !call_lost) return;
  if (whole || call_lost)
    end_with_stray_bye(timed_out ? EndCause::timeout : EndCause::dialog_gone, outcome.status, outcome.text,
                       outcome.message, {}, now);
}

void InviteSession::finish(EndCause cause, int status, std::string text, MessagePtr message, Time now) {
  if (state_ == State::ended) return;
  const auto keep = shared_from_this();
  // §15.1.2: requests of the peer that still wait get 487.
  if (state_ == State::incoming && core_.answered(first_.server))
    reply(first_.server, *first_.request, 487, now);
  drop_offers(now);
  if (owes_ack_) client_->ack(*dialog_, {}, now);
  owes_ack_ = false;
  // One that got only provisional responses would wait for ever (§17.1.1.2); a CANCEL bounds it.
  if (client_) client_->cancel({}, now);
  client_.reset();
  state_ = State::ended;
  core_.drop_requests(id_, now);
  unacknowledged_.clear();
  reliable_.repeater.stop();
  glare_.stop();
  progress_.stop();
  timer_.stop();
  first_.minute.stop();
  first_.unanswered.stop();
  core_.note(LogLevel::info, LogTag::call, now, account_ ? account_->id.value : 0, id_.value,
             fmt::format("session ended: {} {} {}", to_string(cause), status, text));
  core_.emit(SessionEnded{id_, cause, status, std::move(text), std::move(message)});
  core_.forget(*this);
}

}  // namespace sidetone::sip
