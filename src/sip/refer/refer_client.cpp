// A REFER of ours (RFC 3515 §2.4.1): what is different from a subscription that a SUBSCRIBE makes.
#include <fmt/format.h>

#include "base/text.h"
#include "sip/refer/sipfrag.h"
#include "sip/subscription/subscriber.h"

namespace sidetone::sip {

void Subscriber::refer(Message request, NextHop hop, std::shared_ptr<Dialog> dialog, Time now) {
  is_refer_ = true;
  started_ = now;
  cseq_ = cseq_of(request);
  in_flight_ = true;
  auto on_answer = [weak = weak_from_this()](const Outcome& outcome, Time then) {
    if (const auto self = weak.lock()) self->on_response(outcome, then);
  };
  if (dialog) {
    local_tag_ = dialog->local_tag();
    static_cast<void>(usage_.enter(dialog->key(), dialog));  // the caller has looked for room
    outgoing_ = core_.send_in_dialog(dialog, std::move(request), account_, std::move(on_answer), now);
  } else {
    local_tag_ = std::string(tag_of(request, HeaderId::from));
    static_cast<void>(usage_.enter(Dialog::key(request.value(HeaderId::call_id), local_tag_, {}), nullptr));
    outgoing_ = core_.send(
        std::move(request), std::move(hop), account_,
        [weak = weak_from_this()] {
          const auto self = weak.lock();
          return self ? ++self->cseq_ : 2;
        },
        std::move(on_answer), now);
  }
  await_notify(now);
}

void Subscriber::on_refer_success(const Outcome& outcome, Time now) {
  const auto& response = *outcome.message;
  // The id of its notifications is the CSeq of the REFER that was answered: a challenge has changed it.
  if (event_.id.empty() && usage_.dialog()) event_.id = std::to_string(cseq_of(response));
  const auto refer_sub = TokenParams::parse(response.value(HeaderId::refer_sub));
  if (refer_sub && iequals(refer_sub->token, "false")) {  // RFC 4488 §4: no subscription was made
    last_status_ = outcome.status;
    last_reason_ = outcome.text;
    return end({}, now);
  }
  if (last_status_ == 0)  // else NOTIFYs were faster
    core_.emit(ReferProgress{id_, live_session(), outcome.status, outcome.text, false, false});
  if (const auto& dialog = usage_.dialog()) dialog->refresh_target(response);
  if (!timer_n_.running() && state_ == Substate::requested) await_notify(now);
  if (leave_next_ && usage_.dialog()) send_in_dialog(std::chrono::seconds(0), now);
}

void Subscriber::report_refer(const Message& notify) {
  const auto fragment = read_sipfrag(notify.body());
  if (!fragment) return;  // its Subscription-State may say something all the same
  last_status_ = fragment->status;
  last_reason_ = fragment->reason;
  const auto state = SubscriptionState::parse(notify.value(HeaderId::subscription_state));
  if (iequals(state->state, "terminated")) return;  // told at the end
  core_.emit(ReferProgress{id_, live_session(), last_status_, last_reason_, false, false});
}

// What was learned last is what became of it. A subscription that ends without a final status leaves that
// open: the status is then a provisional one, or 0.
void Subscriber::end_refer(int status, std::string reason, bool refused) {
  if (refused) {
    core_.emit(ReferProgress{id_, live_session(), status, std::move(reason), true, true});
    return;
  }
  if (last_status_ == 0) last_reason_ = std::move(reason);
  core_.emit(ReferProgress{id_, live_session(), last_status_, last_reason_, true, false});
}

}  // namespace sidetone::sip
