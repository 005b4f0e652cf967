// What the session timer asks for (RFC 4028 §10). An UPDATE needs no description, so the stack sends it by
// itself. A re-INVITE does (§7.4): the descriptions are the user's, who is asked for it.
#include "sip/message/reason.h"
#include "sip/session/failure_scope.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {

void InviteSession::refresh(Time now) {
  if (state_ != State::confirmed) return;
  timer_.try_again(now);
  // An INVITE or UPDATE that is under way refreshes as well, or is followed by the next attempt.
  if (refresh_runs_ || client_ || offers_.incoming || !unacknowledged_.empty() || glare_.running()) return;
  if (!peer_allows_update_) return core_.emit(RefreshDue{id_});
  auto update = dialog_->request(Method::update);
  core_.add_contact(update, account_.get(), dialog_->flow(), dialog_->is_secure());
  core_.add_capabilities(update);
  timer_.add_to(update);
  refresh_runs_ = true;
  core_.send_in_dialog(
      dialog_, std::move(update), account_,
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (const auto session = weak.lock(); session && outcome.is_final())
          session->on_refresh_response(outcome, then);
      },
      now);
}

void InviteSession::on_refresh_response(const Outcome& outcome, Time now) {
  refresh_runs_ = false;
  if (state_ != State::confirmed) return;
  if (outcome.is_success()) {
    refresh_target(dialog_, *outcome.message, now);
    return timer_.on_2xx(*outcome.message, now);
  }
  if (outcome.status == 422 && timer_.raise(*outcome.message)) return refresh(now);
  if (outcome.message && (outcome.status == 405 || outcome.status == 501)) {
    peer_allows_update_ = false;  // whatever its Allow said
    return refresh(now);
  }
  // Made up for a transport error: the next attempt may find another way.
  const bool transport = !outcome.message && outcome.status != 408;
  if (transport || !ends_invite_usage(outcome.status)) return;  // try_again() has set the next attempt
  end_with_stray_bye(outcome.message ? EndCause::dialog_gone : EndCause::timeout, outcome.status,
                     outcome.text, outcome.message, {}, now);
}

void InviteSession::expire(Time now) {
  if (state_ != State::confirmed) return;
  const auto keep = shared_from_this();
  constexpr std::string_view text = "session timer expired";
  end_with_stray_bye(EndCause::expired, 408, std::string(text), nullptr,
                     {{"Reason", write_reason("SIP", 408, text)}}, now);
}

}  // namespace sidetone::sip
