// SUBSCRIBE and what is answered to it (RFC 6665 §4.1.2).
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/session/invite_session.h"
#include "sip/subscription/subscriptions.h"
#include "sip/subscription/usage_end.h"

namespace sidetone::sip {
namespace {

std::optional<std::chrono::seconds> seconds_in(const Message& message, HeaderId header) {
  const auto* field = message.find(header);
  if (!field) return std::nullopt;
  const auto number = parse_delta(field->value, field->name);
  if (!number) return std::nullopt;
  return std::chrono::seconds(*number);
}

}  // namespace

void Subscriber::complete(Message& subscribe, std::chrono::seconds expires) const {
  subscribe.add(HeaderId::event, wish_.event);
  if (!wish_.accept.empty()) subscribe.add(HeaderId::accept, wish_.accept);
  subscribe.add(HeaderId::expires, std::to_string(expires.count()));
  add_headers(subscribe, wish_.headers);
}

Expected<void> Subscriber::send_first(Time now) {
  if (session_) {
    const auto session = core_.sessions.find(session_);
    if (session == core_.sessions.end() || !session->second->can_send_requests())
      return wrong_state("the call has no dialog");
    const auto dialog = session->second->dialog();
    local_tag_ = dialog->local_tag();
    if (!usage_.enter(dialog->key(), dialog))
      return fail(Layer::sip, Fault::limit, "too many subscriptions in this call");
    send_in_dialog(wanted_, now);
    return {};
  }
  auto start = core_.start_request("SUBSCRIBE", wish_.account, wish_.target, wish_.from_display,
                                   wish_.from_uri, wish_.next_hop);
  if (!start) return tl::make_unexpected(start.error());
  auto& message = start->message;
  core_.add_capabilities(message);
  complete(message, wanted_);
  if (!wish_.body.empty()) message.set_body(wish_.body, wish_.content_type);
  local_tag_ = std::string(tag_of(message, HeaderId::from));
  const auto half = Dialog::key(message.value(HeaderId::call_id), local_tag_, {});
  static_cast<void>(usage_.enter(half, nullptr));  // the Call-ID is new: nobody else is there
  cseq_ = 1;
  in_flight_ = true;
  outgoing_ = core_.send(
      std::move(message), std::move(start->hop), account_,
      [weak = weak_from_this()] {
        const auto self = weak.lock();
        return self ? ++self->cseq_ : 2;
      },
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (const auto self = weak.lock()) self->on_response(outcome, then);
      },
      now);
  await_notify(now);
  return {};
}

void Subscriber::send_in_dialog(std::chrono::seconds expires, Time now) {
  const auto& dialog = usage_.dialog();
  auto subscribe = dialog->request(Method::subscribe);
  core_.add_contact(subscribe, account_.get(), dialog->flow());
  complete(subscribe, expires);
  refresh_.stop();
  in_flight_ = true;
  refresh_in_flight_ = state_ != Substate::requested;
  if (expires.count() == 0 && leave_next_) {
    leave_next_ = false;
    leaving_ = true;
    expiry_.stop();
  }
  outgoing_ = core_.send_in_dialog(
      dialog, std::move(subscribe), account_,
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (const auto self = weak.lock()) self->on_response(outcome, then);
      },
      now);
  await_notify(now);
}

// §4.1.2.4: without a NOTIFY there is no subscription, whatever the response said.
void Subscriber::await_notify(Time now) {
  timer_n_ = core_.timers.start(now + core_.timer_h(), "timer_n", [this](Time then) {
    // The transaction's own end (timer F, or later after a challenge) is at hand and says more.
    if (in_flight_) return;
    if (leaving_) return end({"unsubscribed", 0, {}}, then);
    end({"no NOTIFY came", 0, {}}, then);
  });
}

void Subscriber::on_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) return;
  const auto keep = shared_from_this();
  in_flight_ = false;
  if (state_ == Substate::terminated) return;
  if (outcome.is_success())
    return is_refer_ && !refresh_in_flight_ && !leaving_ ? on_refer_success(outcome, now)
                                                         : on_success(outcome, now);
  on_failure(outcome, now);
}

void Subscriber::on_success(const Outcome& outcome, Time now) {
  const auto& response = *outcome.message;
  brief_answers_ = 0;
  expired_ = false;
  if (const auto& dialog = usage_.dialog()) dialog->refresh_target(response);
  // §4.1.2.1: the notifier may shorten, not lengthen; one that says nothing means what was asked for.
  const auto expires = std::min(seconds_in(response, HeaderId::expires).value_or(wanted_), wanted_);
  if (!leaving_ && wanted_.count() > 0) granted(expires, now);
  if (!timer_n_.running() && (state_ == Substate::requested || leaving_)) await_notify(now);
  if (leave_next_ && usage_.dialog()) send_in_dialog(std::chrono::seconds(0), now);
}

void Subscriber::on_failure(const Outcome& outcome, Time now) {
  const int status = outcome.message ? outcome.status : (outcome.status == 408 ? 408 : 503);
  if (leaving_) return end({"unsubscribed", status, {}}, now);
  if (status == 423 && outcome.message && !is_refer_) return on_too_brief(outcome, now);
  std::optional<Duration> retry_after;
  if (outcome.message)
    if (const auto after = seconds_in(*outcome.message, HeaderId::retry_after)) retry_after = *after;
  const bool first = !refresh_in_flight_;
  if (is_refer_ && first) {
    const auto keep = shared_from_this();
    end_refer(status, outcome.text, true);
    usage_.leave();
    timer_n_.stop();
    state_ = Substate::terminated;
    return core_.subscriptions->forget(*this);
  }
  if (first || ends_subscription(status) || expired_) return end({outcome.text, status, retry_after}, now);
  // §4.1.2.2: any other failure leaves the subscription valid until it expires; a second try may help.
  timer_n_.stop();
  if (leave_next_) return send_in_dialog(std::chrono::seconds(0), now);
  refresh_later(now);
}

void Subscriber::on_too_brief(const Outcome& outcome, Time now) {
  // §4.1.2.1, RFC 3261 §21.4.17. Bound: a notifier that keeps raising its minimum is a failure.
  const auto least = seconds_in(*outcome.message, HeaderId::min_expires);
  if (!least || *least <= wanted_ || ++brief_answers_ > 2) return end({outcome.text, 423, {}}, now);
  wanted_ = *least;
  if (usage_.dialog()) return send_in_dialog(wanted_, now);
  usage_.leave();
  timer_n_.stop();
  if (const auto sent = send_first(now); !sent) end({sent.error().text, 503, {}}, now);
}

void Subscriber::granted(std::chrono::seconds expires, Time now) {
  if (expires.count() == 0) {  // §4.2.2: shortened to nothing; a last NOTIFY says so
    if (!timer_n_.running()) await_notify(now);
    return;
  }
  expires_at_ = now + expires;
  expiry_ = core_.timers.start(expires_at_, "subscription_expiry", [this](Time then) {
    if (in_flight_) {  // the answer to the refresh decides
      expired_ = true;
      return;
    }
    end({"timeout", 0, {}}, then);
  });
  refresh_later(now);
}

// At two thirds of what is left: late enough to be rare, early enough for further tries.
void Subscriber::refresh_later(Time now) {
  // Below that a refresh would not be answered in time.
  constexpr Duration left_min = std::chrono::seconds(1);
  const Duration left = expires_at_ - now;
  if (left < left_min || leaving_) return;
  refresh_ = core_.timers.start(now + left * 2 / 3, "subscription_refresh", [this](Time then) {
    if (!in_flight_ && usage_.dialog()) send_in_dialog(wanted_, then);
  });
}

// RFC 6665 §4.1.2.2: SUBSCRIBE is a target refresh. A REFER's subscription is over soon, and mostly in the
// dialog of a call, whose next offer tells the new address.
void Subscriber::move(SocketId socket, const IpAddress& ip, Time now) {
  if (const auto& dialog = usage_.dialog()) dialog->move(socket, ip);
  if (!is_refer_ && wanted_.count() > 0 && state_ != Substate::terminated) tell_move(now);
}

// After the registration, which a server may ask for before it takes anything from there.
void Subscriber::tell_move(Time now) {
  constexpr Duration delay = std::chrono::milliseconds(500);
  moved_ = core_.timers.start(now + delay, "subscription_move", [this](Time then) {
    if (leaving_ || leave_next_) return;
    if (in_flight_ || !usage_.dialog()) return tell_move(then);
    send_in_dialog(wanted_, then);
  });
}

}  // namespace sidetone::sip
