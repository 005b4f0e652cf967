// NOTIFY as its receiver (RFC 6665 §4.1.3), the one that makes the dialog included (§4.4.1).
#include <algorithm>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/subscription/subscriber.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {
namespace {

// Bound: nobody watches one resource at more places through a fork.
constexpr std::size_t forks_bound = 8;

}  // namespace

void Subscriber::on_notify(ServerTransactionId server, const Flow& flow, const MessagePtr& notify, Time now) {
  const auto keep = shared_from_this();
  const auto& dialog = usage_.dialog();
  if (!dialog || tag_of(*notify, HeaderId::from) != dialog->remote_tag()) {
    if (dialog) return fork(server, flow, notify, now);
    return on_first_notify(server, flow, notify, now);
  }
  if (!dialog->in_order(*notify)) return reply(server, *notify, 500, now);  // RFC 3261 §12.2.2
  take(server, notify, now);
}

void Subscriber::on_first_notify(ServerTransactionId server, const Flow& flow, const MessagePtr& notify,
                                 Time now) {
  if (tag_of(*notify, HeaderId::from).empty() || notify->value(HeaderId::contact).empty())
    return reply(server, *notify, 400, now);
  const auto dialog = std::make_shared<Dialog>(Dialog::as_notified(*notify, cseq_, flow));
  const auto half = Dialog::key(dialog->call_id(), dialog->local_tag(), {});
  static_cast<void>(usage_.enter(dialog->key(), dialog));  // a new dialog has room
  if (wish_.forks_max > 1 && !forked_from_) {
    window_ = std::make_unique<Usage>(core_, id_);
    static_cast<void>(window_->enter(half, nullptr));
    window_end_ =
        core_.timers.start(started_ + core_.timer_h(), "timer_n", [this](Time) { window_.reset(); });
  }
  take(server, notify, now);
}

// §4.1.4: each further notifier has a subscription of its own.
void Subscriber::fork(ServerTransactionId server, const Flow& flow, const MessagePtr& notify, Time now) {
  if (forks_ >= std::min(wish_.forks_max, forks_bound) || leaving_ || leave_next_)
    return reply(server, *notify, 481, now);
  const auto other = core_.subscriptions->add_fork(wish_, event_, account_);
  if (!other) return reply(server, *notify, 481, now);
  ++forks_;
  other->forked_from_ = id_;
  other->wanted_ = wanted_;
  other->local_tag_ = local_tag_;
  other->cseq_ = cseq_;
  other->started_ = now;
  other->on_first_notify(server, flow, notify, now);
}

void Subscriber::take(ServerTransactionId server, const MessagePtr& notify, Time now) {
  const auto state = SubscriptionState::parse(notify->value(HeaderId::subscription_state));
  if (!state) return reply(server, *notify, 400, now);  // §4.2.2: it must be there
  usage_.dialog()->refresh_target(*notify);
  auto response = core_.response(*notify, 200, {}, local_tag_);
  core_.add_contact(response, account_.get(), usage_.dialog()->flow());
  core_.respond(server, std::move(response), now);
  if (!leaving_) timer_n_.stop();
  if (is_refer_)
    report_refer(*notify);
  else
    report(notify);
  on_substate(*notify, now);
}

void Subscriber::report(const MessagePtr& notify) {
  core_.emit(NotificationReceived{id_, live_session(), event_.package,
                                  std::string(notify->value(HeaderId::content_type)),
                                  std::string(notify->body()), notify});
}

void Subscriber::on_substate(const Message& notify, Time now) {
  const auto state = SubscriptionState::parse(notify.value(HeaderId::subscription_state));
  if (iequals(state->state, "terminated")) {
    std::optional<Duration> retry_after;
    if (state->retry_after_s) retry_after = std::chrono::seconds(*state->retry_after_s);
    std::string reason(state->reason);
    if (leaving_) reason = "unsubscribed";
    return end({std::move(reason), 0, retry_after}, now);
  }
  if (leaving_) return;
  // §4.1.3: an unknown state is as good as active.
  change(iequals(state->state, "pending") ? Substate::pending : Substate::active, std::string(state->reason));
  // What the notifier says here overrides the response, if it does not lengthen it.
  if (state->expires_s && wanted_.count() > 0)
    granted(std::min(std::chrono::seconds(*state->expires_s), std::max(wanted_, std::chrono::seconds(1))),
            now);
  else if (!expiry_.running() && wanted_.count() > 0)
    granted(wanted_, now);
  if (leave_next_ && !in_flight_) send_in_dialog(std::chrono::seconds(0), now);
}

}  // namespace sidetone::sip
