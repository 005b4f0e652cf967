#include "sip/subscription/subscriber.h"

#include <fmt/format.h>

#include "sip/subscription/resubscribe.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {

std::string_view to_string(Substate state) {
  switch (state) {
    case Substate::requested: return "requested";
    case Substate::pending: return "pending";
    case Substate::active: return "active";
    case Substate::terminated: return "terminated";
  }
  return "";
}

Subscriber::Subscriber(StackCore& core, SubscriptionId id, Subscribe wish, EventName event,
                       AccountPtr account, SessionId session)
    : core_(core),
      id_(id),
      wish_(std::move(wish)),
      event_(std::move(event)),
      account_(std::move(account)),
      session_(session),
      usage_(core, id),
      wanted_(wish_.expires) {}

Expected<void> Subscriber::start(Time now) {
  started_ = now;
  state_ = Substate::requested;
  leaving_ = leave_next_ = expired_ = refresh_in_flight_ = false;
  brief_answers_ = 0;
  return send_first(now);
}

Expected<void> Subscriber::unsubscribe(Time now) {
  if (leaving_ || leave_next_) return fail(Layer::sip, Fault::state, "the subscription is ending already");
  retry_.stop();
  refresh_.stop();
  if (state_ == Substate::terminated) {  // it waited for its next try
    leaving_ = true;
    end({"unsubscribed", 0, {}}, now);
    return {};
  }
  // Before the dialog is there, and while another request runs in it, the wish has to wait.
  leave_next_ = true;
  if (usage_.dialog() && !in_flight_) send_in_dialog(std::chrono::seconds(0), now);
  return {};
}

void Subscriber::abandon(Time now) {
  const auto keep = shared_from_this();
  wish_.retry = Duration(0);
  if (!leaving_ && !leave_next_) static_cast<void>(unsubscribe(now));
}

bool Subscriber::matches(const EventName& event) const {
  // RFC 3515 §2.4.6: notifications of the first REFER in a dialog may do without an id.
  if (is_refer_ && event.id.empty()) return event.package == event_.package;
  return event == event_;
}

void Subscriber::change(Substate state, std::string reason) {
  if (state_ == state) return;
  state_ = state;
  if (!is_refer_) core_.emit(SubscriptionChanged{id_, state, std::move(reason), 0, {}, forked_from_});
}

void Subscriber::end(End why, Time now) {
  const auto keep = shared_from_this();
  timer_n_.stop();
  refresh_.stop();
  expiry_.stop();
  moved_.stop();
  usage_.leave();
  window_.reset();
  window_end_.stop();
  if (const auto outgoing = outgoing_.lock()) outgoing->cancelled = true;  // no answer to a challenge
  outgoing_.reset();
  in_flight_ = false;
  state_ = Substate::terminated;
  core_.note(
      LogLevel::info, LogTag::call, now, account_ ? account_->id.value : 0, session_.value,
      fmt::format("subscription {} to {} ended: {} {}", id_.value, event_.package, why.status, why.reason));
  const bool may_retry =
      !leaving_ && !leave_next_ && !session_ && !forked_from_ && !is_refer_ && wish_.expires.count() > 0;
  std::optional<Duration> retry_in;
  if (may_retry)
    retry_in = resubscribe_in({why.reason, why.status, why.retry_after, now - started_}, wish_.retry,
                              core_.timer_h());
  if (is_refer_)
    end_refer(why.status, std::move(why.reason), false);
  else
    core_.emit(SubscriptionChanged{id_, state_, std::move(why.reason), why.status, retry_in, forked_from_});
  if (!retry_in) return core_.subscriptions->forget(*this);
  retry_ = core_.timers.start(now + *retry_in, "resubscribe", [this](Time then) {
    const auto self = shared_from_this();
    if (const auto sent = start(then); !sent) end({sent.error().text, 503, {}}, then);
  });
}

void Subscriber::reply(ServerTransactionId server, const Message& notify, int status, Time now) {
  core_.respond(server, core_.response(notify, status, {}, local_tag_), now);
}

}  // namespace sidetone::sip
