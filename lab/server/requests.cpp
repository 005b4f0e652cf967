// Requests inside a call that are not about its session: relayed to the other leg, their final responses
// relayed back. And our own question to a leg: are you still there?
#include "labserver/relayed_headers.h"
#include "labserver/switchboard.h"

namespace sidetone::lab {

namespace {

// Bound: no phone has that many unanswered INFOs in its calls; beyond it somebody floods.
constexpr std::size_t relayed_max = 4096;

constexpr Duration leg_check_again = std::chrono::seconds(1);

sip::Response answer(int status) {
  sip::Response response;
  response.status = status;
  return response;
}

}  // namespace

void Switchboard::on(const sip::IncomingRequest& event, Time now) {
  const Leg* from = leg(event.session);
  const Call* call = from ? &calls_.at(from->call) : nullptr;
  const Leg* other = from ? leg(from->peer) : nullptr;
  if (!other || other->ended || other->ending) {
    static_cast<void>(stack_.respond(event.id, answer(call ? 480 : 481), now));
    return;
  }
  if (relayed_.size() >= relayed_max) {
    static_cast<void>(stack_.respond(event.id, answer(503), now));
    return;
  }
  const auto& request = *event.request;
  const auto sent = stack_.request(other->session, request.method(), relayed_from_request(request),
                                   std::string(request.body()),
                                   std::string(request.value(sip::HeaderId::content_type)), now);
  if (!sent) {
    static_cast<void>(stack_.respond(event.id, answer(480), now));
    return;
  }
  relayed_.emplace(*sent, RelayedRequest{call->key, event.id, other->session});
  ++counters_.requests_relayed;
}

void Switchboard::on(const sip::RequestFinished& event, Time now) {
  const auto found = relayed_.find(event.id);
  if (found == relayed_.end()) return;
  const RelayedRequest request = found->second;
  relayed_.erase(found);
  if (!request.asked) {
    if (Leg* checked = leg(request.leg)) leg_checked(*checked, event.status, now);
    return;
  }
  sip::Response response = answer(event.status < 200 || event.status > 699 ? 500 : event.status);
  if (event.response) {
    response.reason = std::string(event.response->reason());
    response.headers = relayed_from_response(*event.response);
    response.body = std::string(event.response->body());
    response.content_type = std::string(event.response->value(sip::HeaderId::content_type));
  }
  static_cast<void>(stack_.respond(request.asked, std::move(response), now));
}

// A request whose other leg is gone gets its answer from us (RFC 3261 §8.2.7 wants one for each).
void Switchboard::answer_orphans(CallKey call, Time now) {
  for (auto at = relayed_.begin(); at != relayed_.end();) {
    if (at->second.call != call) {
      ++at;
      continue;
    }
    if (at->second.asked) static_cast<void>(stack_.respond(at->second.asked, answer(481), now));
    at = relayed_.erase(at);
  }
}

void Switchboard::check_legs(Call& call, Time now) {
  for (const auto session : call.legs) {
    Leg& checked = legs_.at(session);
    if (checked.check || checked.ending || checked.ended || !checked.confirmed) continue;
    const auto sent = stack_.request(session, sip::Method::options, {}, {}, {}, now);
    if (!sent) continue;
    checked.check = *sent;
    relayed_.emplace(*sent, RelayedRequest{call.key, {}, session});
  }
  set_due(call, now + settings_.leg_check_interval);
}

// RFC 3261 §12.2.1.2 and RFC 5057 §5.1: 481 and 408 (also a made-up one) say that the dialog is gone.
void Switchboard::leg_checked(Leg& checked, int status, Time now) {
  Call& call = calls_.at(checked.call);
  checked.check = {};
  const bool silent = status == 408 || status == 503;
  checked.checks_missed = silent ? checked.checks_missed + 1 : 0;
  // One silence may be a request that went down with its connection; the second one, asked at once, is not.
  if (silent && checked.checks_missed < 2) {
    if (call.connected) set_due(call, now + leg_check_again);
    return;
  }
  if (!silent && status != 481) return;
  ++counters_.legs_lost;
  log_call(LogLevel::warning, call, "a leg does not answer any more", now);
  Leg* other = leg(checked.peer);
  end_leg(checked, {}, now);
  if (other && call.parties.size() <= 2)
    end_leg(*other, {{"Reason", "SIP;cause=408;text=\"Other party lost\""}}, now);
}

}  // namespace sidetone::lab
