// Lines, calls and offers.
#include "command_result.h"
#include "fields.h"
#include "session_driver.h"

namespace sidetone::interop {
namespace {

using boost::json::object;

sip::Response response_of(const Fields& fields, int status) {
  return {.status = static_cast<int>(fields.number("status", status)),
          .reason = fields.text("reason"),
          .headers = fields.headers(),
          .body = fields.text("body"),
          .content_type = fields.text("content_type")};
}

sip::ReplacedDialog replaced_of(const Fields& fields) {
  return {.call_id = fields.text("call_id"),
          .to_tag = fields.text("to_tag"),
          .from_tag = fields.text("from_tag"),
          .early_only = fields.flag("early_only")};
}

}  // namespace

SessionDriver::Result SessionDriver::line(const Fields& fields) {
  sip::Account account;
  account.uri = fields.text("uri");
  account.display_name = fields.text("display");
  account.credentials = {.user = fields.text("user"),
                         .password = Secret<std::string>(fields.text("password"))};
  if (fields.has("server")) account.server = fields.next_hop("server", tls_);
  account.register_expires = fields.seconds("register_expires", std::chrono::seconds(0));
  account.register_retry = fields.seconds("register_retry", std::chrono::seconds(0));
  account.instance_urn = fields.text("instance");
  account.outbound = fields.flag("outbound");
  return object{{"line", stack_.add_account(std::move(account), now()).value}};
}

SessionDriver::Result SessionDriver::register_now(const Fields& fields) {
  stack_.register_now(fields.id<sip::AccountId>("line"), now());
  return object{};
}

SessionDriver::Result SessionDriver::unregister(const Fields& fields) {
  stack_.unregister(fields.id<sip::AccountId>("line"), now());
  return object{};
}

SessionDriver::Result SessionDriver::invite(const Fields& fields) {
  sip::Invite invite;
  invite.account = fields.id<sip::AccountId>("line");
  invite.target = fields.text("target");
  invite.sdp = fields.text("sdp");
  invite.headers = fields.headers();
  if (fields.has("next_hop")) invite.next_hop = fields.next_hop("next_hop", tls_);
  if (fields.has("replaces")) invite.replaces = replaced_of(fields.object("replaces"));
  invite.prack_by_user = fields.flag("prack_by_user");
  invite.anonymous = fields.flag("anonymous");
  return made("session", stack_.invite(std::move(invite), now()));
}

SessionDriver::Result SessionDriver::ack(const Fields& fields) {
  return done(stack_.ack(fields.id<sip::SessionId>("session"), fields.text("sdp"), now()));
}

SessionDriver::Result SessionDriver::prack(const Fields& fields) {
  return done(stack_.prack(fields.id<sip::SessionId>("session"), fields.id<sip::BranchId>("branch"),
                           fields.text("sdp"), now()));
}

SessionDriver::Result SessionDriver::provisional(const Fields& fields) {
  return done(stack_.provisional(fields.id<sip::SessionId>("session"),
                                 {.status = static_cast<int>(fields.number("status", 180)),
                                  .reason = fields.text("reason"),
                                  .sdp = fields.text("sdp"),
                                  .reliable = fields.flag("reliable"),
                                  .headers = fields.headers()},
                                 now()));
}

SessionDriver::Result SessionDriver::accept(const Fields& fields) {
  return done(
      stack_.accept(fields.id<sip::SessionId>("session"), fields.text("sdp"), fields.headers(), now()));
}

SessionDriver::Result SessionDriver::reject(const Fields& fields) {
  return done(stack_.reject(fields.id<sip::SessionId>("session"), response_of(fields, 486), now()));
}

SessionDriver::Result SessionDriver::offer(const Fields& fields) {
  return done(stack_.offer(fields.id<sip::SessionId>("session"), fields.text("sdp"), now(),
                           fields.id<sip::BranchId>("branch")));
}

SessionDriver::Result SessionDriver::repeat_offer(const Fields& fields) {
  return done(stack_.repeat_offer(fields.id<sip::SessionId>("session"), now()));
}

SessionDriver::Result SessionDriver::answer_offer(const Fields& fields) {
  return done(stack_.answer_offer(fields.id<sip::SessionId>("session"), fields.text("sdp"), now(),
                                  fields.id<sip::BranchId>("branch")));
}

SessionDriver::Result SessionDriver::refuse_offer(const Fields& fields) {
  return done(stack_.refuse_offer(fields.id<sip::SessionId>("session"), response_of(fields, 488), now(),
                                  fields.id<sip::BranchId>("branch")));
}

SessionDriver::Result SessionDriver::end(const Fields& fields) {
  return done(stack_.end(fields.id<sip::SessionId>("session"), fields.headers(), now()));
}

SessionDriver::Result SessionDriver::request(const Fields& fields) {
  const auto method = sip::find_method(fields.text("method"));
  const auto session = fields.id<sip::SessionId>("session");
  const auto sent = session ? stack_.request(session, method, fields.headers(), fields.text("body"),
                                             fields.text("content_type"), now())
                            : stack_.request({.account = fields.id<sip::AccountId>("line"),
                                              .method = method,
                                              .target = fields.text("target"),
                                              .headers = fields.headers(),
                                              .body = fields.text("body"),
                                              .content_type = fields.text("content_type")},
                                             now());
  return made("id", sent);
}

SessionDriver::Result SessionDriver::respond(const Fields& fields) {
  return done(stack_.respond(fields.id<sip::ServerRequestId>("id"), response_of(fields, 200), now()));
}

SessionDriver::Result SessionDriver::dialog(const Fields& fields) {
  const auto facts = stack_.dialog(fields.id<sip::SessionId>("session"));
  if (!facts) return fail(Layer::sip, Fault::not_found, "no dialog");
  return object{{"call_id", facts->call_id},       {"local_tag", facts->local_tag},
                {"remote_tag", facts->remote_tag}, {"remote_uri", facts->remote_uri},
                {"local_uri", facts->local_uri},   {"remote_target", facts->remote_target},
                {"confirmed", facts->confirmed}};
}

SessionDriver::Result SessionDriver::counters(const Fields&) {
  const auto counters = stack_.counters();
  return object{{"sessions", counters.sessions},
                {"dialogs", counters.dialogs},
                {"subscriptions", counters.subscriptions},
                {"malformed", counters.malformed},
                {"retransmissions", counters.retransmissions}};
}

}  // namespace sidetone::interop
