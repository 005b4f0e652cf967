// Third-party call control by REFER (RFC 3515): the line's server has us call somebody, without asking the
// user. Whose REFER comes up here the stack's guard decides, as for NOTIFY. The call that a REFER came in
// goes on until its peer ends it, or the new one is answered (RFC 5589 §6).
#include <fmt/format.h>

#include "endpoint/dial_target.h"
#include "endpoint/endpoint_core.h"
#include "endpoint/referred_way.h"
#include "sip/message/replaces.h"
#include "sip/message/uri.h"

namespace sidetone::endpoint {
namespace {

constexpr int not_that_method = 603, not_that_scheme = 416, broken = 400;

// The header that says who asked (RFC 3892): the one that the REFER carries goes before one in Refer-To.
std::vector<sip::ExtraHeader> headers_of(const sip::IncomingRefer& refer) {
  std::vector<sip::ExtraHeader> headers;
  if (!refer.referred_by.empty()) headers.push_back({"Referred-By", refer.referred_by});
  for (const auto& header : refer.refer_to.headers)
    if (refer.referred_by.empty() || sip::find_header(header.name) != sip::HeaderId::referred_by)
      headers.push_back(header);
  return headers;
}

std::string uuid_of(const sip::IncomingRefer& refer) {
  for (const auto& header : refer.refer_to.headers)
    if (sip::find_header(header.name) == sip::HeaderId::x_genesys_calluuid) return header.value;
  return std::string(refer.request->value(sip::HeaderId::x_genesys_calluuid));
}

}  // namespace

// refer_to_proxy. None: by the line's server.
std::optional<sip::NextHop> EndpointCore::way_of_referred_call(const std::string& target,
                                                               const CoreLine& line) const {
  if (settings_->refer_to_proxy) return std::nullopt;
  return way_past_the_server(target, line);
}

Expected<sip::Invite, int> EndpointCore::invite_of(const sip::IncomingRefer& refer, const Line& line) const {
  const auto& to = refer.refer_to;
  if (to.method != sip::Method::invite) return tl::make_unexpected(not_that_method);
  const auto uri = sip::Uri::parse(to.uri);
  if (!uri) return tl::make_unexpected(broken);
  sip::Invite invite;
  invite.target = to.uri;
  if (uri->scheme == sip::Uri::Scheme::tel) {
    const auto target = resolve(to.uri, line.settings);
    if (!target) return tl::make_unexpected(broken);
    invite.target = target->uri;
  } else if (uri->scheme == sip::Uri::Scheme::other) {
    return tl::make_unexpected(not_that_scheme);
  }
  invite.headers = headers_of(refer);
  invite.next_hop = way_of_referred_call(invite.target, line.settings);
  if (!to.replaces.empty()) {
    const auto replaces = sip::Replaces::parse(to.replaces);
    if (!replaces) return tl::make_unexpected(broken);
    invite.replaces = sip::ReplacedDialog{std::string(replaces->call_id), std::string(replaces->to_tag),
                                          std::string(replaces->from_tag), replaces->early_only};
  }
  return invite;
}

void EndpointCore::on(const sip::IncomingRefer& event, Time now) {
  const auto refuse = [&](int status) {
    static_cast<void>(stack_.respond(event.id, {.status = status}, now));
  };
  const auto line = line_of(event.account);
  if (stop_by_ || !line) return refuse(480);
  if (calls_.size() >= settings_->calls_max) return refuse(486);
  if (const auto verdict = devices_.may_call(); !verdict.may_call) {
    refuse_call_in_words(fmt::format("to {}, which the server asked for,", event.refer_to.uri),
                         {devices_.refusal_status(), verdict.reason});
    return refuse(devices_.refusal_status());
  }
  const auto& home = lines_[line->index];
  auto invite = invite_of(event, home);
  if (!invite) return refuse(invite.error());
  const auto asker = stack_.accept_refer(event.id, now);
  if (!asker) return refuse(500);

  CallParties parties;
  parties.direction = CallDirection::outgoing;
  parties.line = *line;
  parties.remote_uri = invite->target;
  parties.remote_name = event.refer_to.display;
  if (const auto uri = sip::Uri::parse(invite->target)) parties.remote_number = sip::unescape(uri->user);
  parties.call_uuid = uuid_of(event);
  const Call* from = find(event.session);
  if (from != nullptr) parties.related_call = from->id();
  const auto related = parties.related_call;
  Call& call = start_call(std::move(parties), std::move(*invite), now, related);
  referred_[call.id()] = {*asker, from != nullptr ? from->id() : CallId{}, 100};
}

void EndpointCore::tell_referrer(CallId id, int status, std::string_view reason, Time now) {
  const auto found = referred_.find(id);
  if (found == referred_.end() || status <= 100) return;
  auto& referred = found->second;
  if (status < 200 && status == referred.told) return;
  referred.told = status;
  // RFC 4488: nobody wants to know, or: the subscription is gone.
  if (referred.asker)
    static_cast<void>(stack_.notify_refer(referred.asker, status, std::string(reason), now));
  if (status < 200) return;
  Call* left = status < 300 ? find(referred.from) : nullptr;
  referred_.erase(found);
  if (left != nullptr) left->step_aside(now);
}

// However it has ended: nobody waits for it for ever.
void EndpointCore::tell_referrer_of_end(const Call& call, Time now) {
  if (call.state() != CallState::ended || !referred_.contains(call.id())) return;
  const auto shown = call.snapshot();
  int status = shown.status;
  if (status < 300)
    status = shown.end_reason == EndReason::hung_up_here ? 487
             : shown.end_reason == EndReason::no_answer  ? 408
                                                         : 503;
  tell_referrer(call.id(), status, {}, now);
}

}  // namespace sidetone::endpoint
