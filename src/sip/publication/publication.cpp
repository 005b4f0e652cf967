#include "sip/publication/publication.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/message/headers.h"
#include "sip/publication/publications.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {
namespace {

// Bound: corrections (412, 423) in a row; a server that always finds something new is out of order.
constexpr int tries_max = 3;
constexpr Duration retry_max = std::chrono::hours(24);

std::optional<std::chrono::seconds> seconds_in(const Message& message, HeaderId header) {
  const auto* field = message.find(header);
  const auto number = field ? parse_delta(field->value, field->name) : Expected<std::uint32_t>(0);
  if (!field || !number) return std::nullopt;
  return std::chrono::seconds(*number);
}

}  // namespace

Publication::Publication(StackCore& core, PublicationId id, Publish wish, AccountPtr account)
    : core_(core), id_(id), wish_(std::move(wish)), account_(std::move(account)), wanted_(wish_.expires) {}

Expected<void> Publication::start(Time now) { return send(What::initial, now); }

// RFC 3903 §4.1 to §4.5, table 1: which of them carry If-Match, a body, an Expires of 0.
Expected<void> Publication::send(What what, Time now) {
  const auto& target = wish_.target.empty() && account_ ? account_->account.uri : wish_.target;
  auto start = core_.start_request("PUBLISH", wish_.account, target, wish_.from_display, wish_.from_uri,
                                   wish_.next_hop);
  if (!start) return tl::make_unexpected(start.error());
  auto& message = start->message;
  message.remove(HeaderId::contact);  // §4: makes no dialog
  message.add(HeaderId::event, wish_.event);
  const auto expires = what == What::remove ? std::chrono::seconds(0) : wanted_;
  message.add(HeaderId::expires, std::to_string(expires.count()));
  if (what != What::initial) message.add(HeaderId::sip_if_match, entity_tag_);
  add_headers(message, wish_.headers);
  if (what == What::initial || what == What::modify) message.set_body(wish_.body, wish_.content_type);
  timer_.stop();
  running_ = what;
  in_flight_ = true;
  if (what != What::remove) modify_next_ = false;
  core_.send(
      std::move(message), std::move(start->hop), account_,
      [cseq = std::uint32_t{1}]() mutable { return ++cseq; },
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (const auto self = weak.lock()) self->on_response(outcome, then);
      },
      now);
  return {};
}

void Publication::send_or_fail(What what, Time now) {
  if (const auto sent = send(what, now); !sent) finish(PublicationState::failed, 0, sent.error().text);
}

Expected<void> Publication::modify(std::string body, std::string content_type, Time now) {
  if (removing_) return wrong_state("the publication is being removed");
  wish_.body = std::move(body);
  if (!content_type.empty()) wish_.content_type = std::move(content_type);
  // §4: one at a time, for each needs the entity-tag of the one before.
  modify_next_ = true;
  if (!in_flight_) next(now);
  return {};
}

Expected<void> Publication::remove(Time now) {
  if (removing_) return wrong_state("the publication is being removed");
  removing_ = true;
  if (!in_flight_) next(now);
  return {};
}

void Publication::next(Time now) {
  if (removing_) {
    if (entity_tag_.empty()) return finish(PublicationState::removed, 0, {});
    return send_or_fail(What::remove, now);
  }
  if (modify_next_) send_or_fail(entity_tag_.empty() ? What::initial : What::modify, now);
}

void Publication::on_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final() || done_) return;
  const auto keep = shared_from_this();
  in_flight_ = false;
  if (running_ == What::remove) return finish(PublicationState::removed, outcome.status, outcome.text);
  if (outcome.is_success()) return on_success(*outcome.message, now);
  if (!try_again(outcome, now)) on_failure(outcome, now);
}

void Publication::on_success(const Message& response, Time now) {
  tries_ = 0;
  entity_tag_ = std::string(response.value(HeaderId::sip_etag));
  const auto expires = seconds_in(response, HeaderId::expires).value_or(wanted_);
  if (!wish_.refresh) return finish(PublicationState::published, response.status(), {});
  core_.emit(PublicationChanged{id_, PublicationState::published, response.status(), {}, expires, {}});
  const auto after = std::max<Duration>(Duration(expires) * 2 / 3, std::chrono::seconds(1));
  timer_ = core_.timers.start(now + after, "publication_refresh", [this](Time then) {
    const auto keep = shared_from_this();
    // A server that gave no tag cannot be refreshed: the state is said anew (§4.1: it must give one).
    send_or_fail(entity_tag_.empty() ? What::initial : What::refresh, then);
  });
  next(now);
}

bool Publication::try_again(const Outcome& outcome, Time now) {
  if (!outcome.message || removing_ || tries_ >= tries_max) return false;
  if (outcome.status == 412) {  // §4.1: the server knows the tag no more
    ++tries_;
    entity_tag_.clear();
    send_or_fail(What::initial, now);
    return true;
  }
  const auto least = seconds_in(*outcome.message, HeaderId::min_expires);
  if (outcome.status != 423 || !least || *least <= wanted_) return false;
  ++tries_;
  wanted_ = *least;
  send_or_fail(running_, now);
  return true;
}

void Publication::on_failure(const Outcome& outcome, Time now) {
  tries_ = 0;
  entity_tag_.clear();
  const int status = outcome.message ? outcome.status : 0;
  if (removing_) return finish(PublicationState::removed, status, outcome.text);
  const bool for_good = status == 489 || status == 405 || status == 501;  // §6: not spoken there
  if (wish_.retry <= Duration(0) || for_good) return finish(PublicationState::failed, status, outcome.text);
  auto retry_in = wish_.retry;
  if (outcome.message)
    if (const auto after = seconds_in(*outcome.message, HeaderId::retry_after))
      retry_in = std::clamp<Duration>(*after, retry_in, std::max(retry_in, retry_max));
  core_.emit(PublicationChanged{id_, PublicationState::failed, status, outcome.text, {}, retry_in});
  timer_ = core_.timers.start(now + retry_in, "publication_retry", [this](Time then) {
    const auto keep = shared_from_this();
    send_or_fail(What::initial, then);
  });
}

void Publication::finish(PublicationState state, int status, std::string text) {
  const auto keep = shared_from_this();
  done_ = true;
  timer_.stop();
  core_.emit(PublicationChanged{id_, state, status, std::move(text), wanted_, {}});
  core_.publications->forget(*this);
}

}  // namespace sidetone::sip
