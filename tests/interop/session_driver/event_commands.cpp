// Subscriptions, REFER and PUBLISH.
#include "command_result.h"
#include "fields.h"
#include "session_driver.h"

namespace sidetone::interop {
namespace {

sip::Substate substate(std::string_view text) {
  for (const auto state : {sip::Substate::pending, sip::Substate::terminated})
    if (text == to_string(state)) return state;
  return sip::Substate::active;
}

}  // namespace

SessionDriver::Result SessionDriver::refer(const Fields& fields) {
  sip::Refer refer;
  refer.session = fields.id<sip::SessionId>("session");
  refer.account = fields.id<sip::AccountId>("line");
  refer.target = fields.text("target");
  refer.refer_to = fields.text("refer_to");
  refer.referred_by = fields.text("referred_by");
  refer.notifications = fields.flag("notifications", true);
  refer.target_dialog = fields.id<sip::SessionId>("target_dialog");
  refer.headers = fields.headers();
  // A transfer to a call of ours: its peer shall be called, and replace that very call (RFC 3891 §4).
  if (const auto other = stack_.dialog(fields.id<sip::SessionId>("refer_to_session"))) {
    sip::ReferTo target;
    target.uri = other->remote_target;
    target.replaces = other->call_id + ";to-tag=" + other->remote_tag + ";from-tag=" + other->local_tag;
    refer.refer_to = target.to_uri();
  }
  return made("subscription", stack_.refer(std::move(refer), now()));
}

SessionDriver::Result SessionDriver::accept_refer(const Fields& fields) {
  return made("subscription", stack_.accept_refer(fields.id<sip::ServerRequestId>("id"), now()));
}

SessionDriver::Result SessionDriver::notify_refer(const Fields& fields) {
  return done(stack_.notify_refer(fields.id<sip::SubscriptionId>("subscription"),
                                  static_cast<int>(fields.number("status", 200)), fields.text("reason"),
                                  now()));
}

SessionDriver::Result SessionDriver::subscribe(const Fields& fields) {
  sip::Subscribe subscribe;
  subscribe.account = fields.id<sip::AccountId>("line");
  subscribe.session = fields.id<sip::SessionId>("session");
  subscribe.target = fields.text("target");
  subscribe.event = fields.text("package");
  subscribe.expires = fields.seconds("expires", subscribe.expires);
  subscribe.headers = fields.headers();
  return made("subscription", stack_.subscribe(std::move(subscribe), now()));
}

SessionDriver::Result SessionDriver::unsubscribe(const Fields& fields) {
  return done(stack_.unsubscribe(fields.id<sip::SubscriptionId>("subscription"), now()));
}

SessionDriver::Result SessionDriver::accept_subscription(const Fields& fields) {
  return made("subscription", stack_.accept_subscription(fields.id<sip::ServerRequestId>("id"),
                                                         fields.seconds("expires", std::chrono::hours(1)),
                                                         fields.flag("pending"), now()));
}

SessionDriver::Result SessionDriver::notify(const Fields& fields) {
  return done(stack_.notify(fields.id<sip::SubscriptionId>("subscription"),
                            {.state = substate(fields.text("state", "active")),
                             .body = fields.text("body"),
                             .content_type = fields.text("content_type"),
                             .reason = fields.text("reason"),
                             .headers = fields.headers()},
                            now()));
}

SessionDriver::Result SessionDriver::publish(const Fields& fields) {
  sip::Publish publish;
  publish.account = fields.id<sip::AccountId>("line");
  publish.target = fields.text("target");
  publish.event = fields.text("package");
  publish.body = fields.text("body");
  publish.content_type = fields.text("content_type");
  publish.expires = fields.seconds("expires", publish.expires);
  return made("publication", stack_.publish(std::move(publish), now()));
}

SessionDriver::Result SessionDriver::republish(const Fields& fields) {
  return done(stack_.republish(fields.id<sip::PublicationId>("publication"), fields.text("body"),
                               fields.text("content_type"), now()));
}

SessionDriver::Result SessionDriver::unpublish(const Fields& fields) {
  return done(stack_.unpublish(fields.id<sip::PublicationId>("publication"), now()));
}

}  // namespace sidetone::interop
