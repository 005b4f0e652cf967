#include "sip/subscription/notifier.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/message/headers.h"
#include "sip/refer/sipfrag.h"
#include "sip/session/invite_session.h"
#include "sip/subscription/subscriptions.h"
#include "sip/subscription/usage_end.h"

namespace sidetone::sip {

Notifier::Notifier(StackCore& core, SubscriptionId id, EventName event, AccountPtr account, SessionId session)
    : core_(core),
      id_(id),
      event_(std::move(event)),
      account_(std::move(account)),
      session_(session),
      is_refer_(event_.package == refer_package),
      usage_(core, id) {}

bool Notifier::start(const std::shared_ptr<Dialog>& dialog, std::chrono::seconds expires, bool pending,
                     Time now) {
  if (!usage_.enter(dialog->key(), dialog)) return false;
  state_ = pending ? Substate::pending : Substate::active;
  last_due_ = expires.count() == 0;
  set_expiry(expires, now);
  return true;
}

void Notifier::set_expiry(std::chrono::seconds expires, Time now) {
  expires_ = expires;
  expires_at_ = now + expires;
  expiry_.stop();
  if (expires.count() == 0) return;
  expiry_ = core_.timers.start(expires_at_, "subscription_expiry", [this](Time then) {
    // §4.2.2: told to the subscriber, who may be there still.
    auto last = last_;
    last.state = Substate::terminated;
    last.reason = "timeout";
    queue(std::move(last), then);
  });
}

Expected<void> Notifier::notify(Notify notify, Time now) {
  if (ending_) return wrong_state("the subscription is ending");
  if (notify.state == Substate::requested)
    return fail(Layer::sip, Fault::range, "a NOTIFY says pending, active or terminated");
  if (waiting_.size() >= waiting_max)
    return fail(Layer::sip, Fault::limit, "the subscriber does not answer as fast as its state changes");
  if (last_due_ && notify.state != Substate::terminated) {
    notify.state = Substate::terminated;
    notify.reason = "timeout";  // §4.2.1.4
  }
  queue(std::move(notify), now);
  return {};
}

Expected<void> Notifier::notify_refer(int status, std::string_view reason, Time now) {
  if (!is_refer_) return wrong_state("this subscription is no REFER's");
  if (status < 100 || status > 699) return fail(Layer::sip, Fault::range, "a status is 100 to 699");
  Notify notify;
  notify.body = write_sipfrag(status, reason);
  notify.content_type = sipfrag_type;
  if (status >= 200) {
    notify.state = Substate::terminated;
    notify.reason = "noresource";  // RFC 3515 §2.4.7
  }
  last_ = notify;
  // A provisional status that nobody has time for is soon replaced.
  if (status < 200 && waiting_.size() >= waiting_max) return {};
  if (status >= 200 && waiting_.size() >= waiting_max) waiting_.pop_back();
  return this->notify(std::move(notify), now);
}

void Notifier::abandon(Time now) {
  if (ending_) return;
  Notify last = last_;
  last.state = Substate::terminated;
  last.reason = "noresource";
  queue(std::move(last), now);
}

void Notifier::move(SocketId socket, const IpAddress& ip, Time now) {
  usage_.dialog()->move(socket, ip);
  if (ending_ || last_due_ || is_refer_) return;
  ask_for_state(false, now);
  core_.emit(NotifyDue{id_, false});
}

void Notifier::ask_for_state(bool last, Time now) {
  last_due_ = last_due_ || last;
  if (is_refer_) {
    auto again = last_;
    if (last) {
      again.state = Substate::terminated;
      again.reason = "timeout";
    }
    return queue(std::move(again), now);
  }
  // §4.2.1.2: a NOTIFY must follow, and nobody shall wait for a user that forgot.
  due_ = core_.timers.start(now + core_.settings.timers.t1, "notify_due", [this](Time then) {
    Notify bare;
    bare.state = state_;
    static_cast<void>(notify(std::move(bare), then));
  });
}

void Notifier::queue(Notify notify, Time now) {
  due_.stop();
  state_ = notify.state;
  if (notify.state == Substate::terminated) {
    ending_ = true;
    end_reason_ = notify.reason;
    expiry_.stop();
  }
  waiting_.push_back(std::move(notify));
  send_next(now);
}

std::string Notifier::state_text(const Notify& notify, Time now) const {
  if (notify.state != Substate::terminated) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(std::max(expires_at_ - now, Duration(0)));
    return fmt::format("{};expires={}", to_string(notify.state), left.count());
  }
  std::string text = "terminated";
  if (!notify.reason.empty()) text += fmt::format(";reason={}", notify.reason);
  if (notify.retry_after) text += fmt::format(";retry-after={}", notify.retry_after->count());
  return text;
}

void Notifier::send_next(Time now) {
  if (in_flight_ || waiting_.empty()) return;
  const auto next = std::move(waiting_.front());
  waiting_.pop_front();
  const auto dialog = usage_.dialog();
  auto message = dialog->request(Method::notify);
  core_.add_contact(message, account_.get(), dialog->flow());
  message.add(HeaderId::event,
              event_.id.empty() ? event_.package : fmt::format("{};id={}", event_.package, event_.id));
  message.add(HeaderId::subscription_state, state_text(next, now));
  add_headers(message, next.headers);
  if (!next.body.empty()) message.set_body(next.body, next.content_type);
  in_flight_ = true;
  core_.send_in_dialog(
      dialog, std::move(message), account_,
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (const auto self = weak.lock()) self->on_answer(outcome, then);
      },
      now);
}

void Notifier::on_answer(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) return;
  in_flight_ = false;
  if (outcome.is_success()) usage_.dialog()->refresh_target(*outcome.message);
  // §4.2.2: a subscriber that does not answer, or does not know the subscription, has none any more.
  const bool gone = !outcome.message || ends_subscription(outcome.status);
  if (gone) return end(outcome.text, outcome.status, now);
  if (!waiting_.empty()) return send_next(now);
  if (ending_) end(end_reason_, 0, now);
}

void Notifier::on_subscribe(ServerTransactionId server, const Flow& flow, const MessagePtr& subscribe,
                            Time now) {
  const auto dialog = usage_.dialog();
  const auto reply = [&](int status, std::vector<ExtraHeader> headers) {
    auto response = core_.response(*subscribe, status, {}, dialog->local_tag());
    if (status == 200) core_.add_contact(response, account_.get(), flow);
    add_headers(response, headers);
    core_.respond(server, std::move(response), now);
  };
  if (!dialog->in_order(*subscribe)) return reply(500, {});
  if (ending_ || last_due_) return reply(481, {});
  const auto* field = subscribe->find(HeaderId::expires);
  const auto wanted = field ? parse_delta(field->value, "Expires") : Expected<std::uint32_t>(0);
  if (!wanted) return reply(400, {});
  const auto expires = core_.subscriptions->granted(field ? std::chrono::seconds(*wanted) : expires_);
  if (!expires) return reply(423, {{"Min-Expires", std::to_string(expires.error().count())}});
  dialog->refresh_target(*subscribe);
  reply(200, {{"Expires", std::to_string(expires->count())}});
  set_expiry(*expires, now);
  const bool last = expires->count() == 0;
  ask_for_state(last, now);
  if (!is_refer_) core_.emit(NotifyDue{id_, last});
}

void Notifier::end(std::string reason, int status, Time now) {
  const auto keep = shared_from_this();
  due_.stop();
  expiry_.stop();
  waiting_.clear();
  ending_ = true;
  state_ = Substate::terminated;
  usage_.leave();
  core_.note(
      LogLevel::info, LogTag::call, now, account_ ? account_->id.value : 0, session_.value,
      fmt::format("subscription {} of a peer to {} ended: {} {}", id_.value, event_.package, status, reason));
  core_.emit(SubscriptionChanged{id_, Substate::terminated, std::move(reason), status, {}, {}});
  core_.subscriptions->forget(*this);
}

}  // namespace sidetone::sip
