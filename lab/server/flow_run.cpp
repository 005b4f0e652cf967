#include "labserver/flow_run.h"

#include <fmt/format.h>

#include "labserver/ring_limit.h"
#include "labserver/silence.h"
#include "sip/message/headers.h"

namespace sidetone::lab {

Wait::Wait(FlowRun& run, std::function<bool()> ready, Duration limit)
    : run_(run), ready_(std::move(ready)), limit_(limit) {}

bool Wait::await_ready() {
  run_.limit_ = run_.now_ + limit_;
  const auto seen = run_.look(ready_);
  if (seen) run_.woken_ = *seen;
  return seen.has_value();
}

void Wait::await_suspend(std::coroutine_handle<> flow) {
  run_.ready_ = std::move(ready_);
  run_.waiting_ = flow;
}

Woken Wait::await_resume() { return run_.woken_; }

FlowRun::FlowRun(Desk& desk, FlowId id, tlib::Request request, Time now)
    : desk_(desk),
      id_(id),
      request_(std::move(request)),
      now_(now),
      events_before_(desk.events.begin_counting(request_.reference_id)) {}

void FlowRun::start(Flow flow) {
  flow_.emplace(std::move(flow));
  flow_->begin();
}

std::optional<Woken> FlowRun::look(const std::function<bool()>& ready) {
  if (ready && ready()) return Woken::ready;
  if (std::exchange(stopped_, false)) return Woken::stopped;
  if (std::exchange(gone_, false)) return Woken::gone;
  if (limit_ && *limit_ <= now_) return Woken::timeout;
  return std::nullopt;
}

bool FlowRun::wake(Time now) {
  now_ = now;
  if (!waiting_) return false;
  const auto seen = look(ready_);
  if (!seen) return false;
  woken_ = *seen;
  ready_ = nullptr;
  std::exchange(waiting_, {}).resume();
  return true;
}

void FlowRun::leg_over(sip::SessionId session) {
  if (watched_.contains(session)) gone_ = true;
}

void FlowRun::hold_call(Call& call) {
  calls_.insert(call.key);
  call.flow = id_;
  call.reference_id = request_.reference_id;
  if (!call.exchange) hold_legs(call);
}

void FlowRun::hold_legs(Call& call) {
  for (const auto session : call.legs) desk_.board.leg(session)->flow = id_;
}

void FlowRun::attend(Call& call) {
  attended_.insert(call.key);
  call.bystanders.push_back(id_);
}

sip::ClientRequestId FlowRun::notify(sip::SessionId session, std::string_view package, std::string body,
                                     std::string type) {
  const auto sent = desk_.stack.request(session, sip::Method::notify,
                                        {{"Event", std::string(package)}, {"Subscription-State", "active"}},
                                        std::move(body), std::move(type), now_);
  if (!sent) return {};
  desk_.awaited.requests.emplace(*sent, id_);
  return *sent;
}

Expected<void> FlowRun::refer(sip::Refer refer) {
  const auto sent = desk_.stack.refer(std::move(refer), now_);
  if (!sent) return tl::make_unexpected(sent.error());
  referral_ = *sent;
  desk_.awaited.refers.emplace(referral_, id_);
  return {};
}

void FlowRun::expect_invite(Call& call, const std::string& from, const std::string& to) {
  expected_ = {from, to};
  expecting_ = call.key;
  desk_.awaited.invites[expected_] = id_;
}

void FlowRun::forget_expected() {
  const auto found = desk_.awaited.invites.find(expected_);
  if (found != desk_.awaited.invites.end() && found->second == id_) desk_.awaited.invites.erase(found);
}

void FlowRun::refuse_expected() {
  if (expecting_ && !invited_) {
    std::erase_if(desk_.awaited.unwanted, [&](const auto& entry) { return entry.second <= now_; });
    desk_.awaited.unwanted[expected_] = now_ + answer_max;
  }
  forget_expected();
}

int FlowRun::status_of(sip::ClientRequestId request) const {
  const auto found = finished_.find(request);
  return found == finished_.end() ? 0 : found->second;
}

Call& FlowRun::start_call(const std::string& from, const std::string& to, tlib::CallType type) {
  Call& call = desk_.board.start_call(from, to, now_);
  call.type = type;
  hold_call(call);
  return call;
}

bool FlowRun::alive(sip::SessionId session) {
  const Leg* found = leg(session);
  return found && !found->ended && !found->ending;
}

Expected<sip::SessionId> FlowRun::invite(Call& call, const Invitation& wish) {
  const auto places = desk_.board.targets(wish.dn, now_);
  if (places.empty())
    return sidetone::fail(Layer::lab, Fault::not_found, fmt::format("{} is nowhere", wish.dn));
  sip::Invite invite;
  invite.account = desk_.account;
  invite.target = places.front().uri;
  invite.next_hop = places.front().next_hop;
  invite.from_uri = fmt::format("sip:{}@{}", sip::escape_user(wish.from), settings().realm);
  invite.to_uri = fmt::format("sip:{}@{}", sip::escape_user(wish.dn), settings().realm);
  invite.reliable_provisionals = false;  // an offer in one of them would be one too many
  invite.headers.push_back({"X-Genesys-CallUUID", call.uuid});
  invite.headers.push_back(ring_limit(settings()));
  const auto& alert_info = options(wish.dn).make_call_alert_info;
  if (wish.originates && !alert_info.empty()) invite.headers.push_back({"Alert-Info", alert_info});
  ToldDescription told;
  told.own();
  invite.sdp = told.tell(wish.sdp);
  const auto session = desk_.stack.invite(std::move(invite), now_);
  if (!session) return tl::make_unexpected(session.error());
  Leg& leg = desk_.board.add_leg(call, *session, wish.dn);
  leg.flow = id_;
  leg.told = std::move(told);
  leg.talk_when_ringing = wish.originates && options(wish.dn).sip_cti_control.talk;
  return *session;
}

void FlowRun::ack(sip::SessionId session, const std::string& sdp) {
  Leg* acked = leg(session);
  if (!acked || acked->ended) return;
  acked->told.own();
  acked->reply.reset();
  acked->confirmed = true;
  static_cast<void>(desk_.stack.ack(session, acked->told.tell(sdp), now_));
}

void FlowRun::end(sip::SessionId session, int cause, std::string_view text) {
  unwatch(session);
  Leg* ended = leg(session);
  if (!ended) return;
  std::vector<sip::ExtraHeader> headers;
  if (cause != 0)  // RFC 3326
    headers.push_back({"Reason", text.empty() ? fmt::format("SIP;cause={}", cause)
                                              : fmt::format("SIP;cause={};text=\"{}\"", cause, text)});
  desk_.board.end_leg(*ended, std::move(headers), now_);
}

void FlowRun::join(sip::SessionId a, sip::SessionId b) {
  Leg* first = leg(a);
  Leg* second = leg(b);
  if (first && second) desk_.board.join(*first, *second);
}

void FlowRun::part(sip::SessionId session) {
  if (Leg* parted = leg(session)) desk_.board.part(*parted);
}

void FlowRun::part_from(sip::SessionId session, sip::SessionId peer) {
  if (Leg* parted = leg(session); parted && parted->peer == peer) desk_.board.part(*parted);
}

void FlowRun::drop(Call& call, const std::string& dn) {
  Party* party = call.party(dn);
  if (!party) return;
  if (party->leg) end(party->leg);
  events().leaves(call, *party, false, now_);
}

Wait FlowRun::reply(sip::SessionId session, Duration limit) {
  return {*this,
          [this, session] {
            const Leg* asked = leg(session);
            return !asked || asked->reply || asked->ended;
          },
          limit};
}

Wait FlowRun::ringing(sip::SessionId session, Duration limit) {
  return {*this,
          [this, session] {
            const Leg* asked = leg(session);
            return !asked || asked->rings || asked->reply || asked->ended;
          },
          limit};
}

Wait FlowRun::pause(Duration span) { return {*this, nullptr, span}; }

Wait FlowRun::until(std::function<bool()> ready, Duration limit) { return {*this, std::move(ready), limit}; }

Reply FlowRun::take_reply(sip::SessionId session) {
  Leg* asked = leg(session);
  if (!asked) return {481, {}, false};
  if (!asked->reply) return {asked->ended ? 487 : 408, {}, false};
  // One that waits for its ACK stays known as such until ack().
  if (asked->reply->needs_ack) return *asked->reply;
  return *std::exchange(asked->reply, std::nullopt);
}

void FlowRun::fail(tlib::ErrorCode code, int status, std::string text) {
  if (settled_) return;
  settled_ = true;
  if (quiet_) return;
  events().error(request_, code, status, std::move(text), now_);
}

void FlowRun::release(Time now) {
  now_ = now;
  watched_.clear();
  forget_expected();
  desk_.awaited.refers.erase(referral_);
  std::erase_if(desk_.awaited.requests, [&](const auto& entry) { return entry.second == id_; });
  for (const auto key : attended_)
    if (Call* attended = desk_.board.call(key)) {
      std::erase(attended->bystanders, id_);
      if (Party* party = attended->party(request_.this_dn); party && party->answering == id_) {
        party->answering = {};
        party->reference_id = 0;
      }
    }
  for (const auto key : std::set(calls_))
    if (Call* held = desk_.board.call(key)) let_go(*held);
}

void FlowRun::let_go(Call& call) {
  calls_.erase(call.key);
  if (call.flow != id_) return;
  for (const auto session : call.legs) {
    Leg& mine = *leg(session);
    if (mine.flow != id_) continue;
    mine.flow = {};
    // Nobody will answer it any more: silence does (RFC 3261 §13.2.2.4 wants an ACK in any case).
    if (mine.reply && mine.reply->needs_ack && !mine.ended)
      ack(session, mine.acks_late ? std::string{} : silent_answer(mine.reply->sdp));
    mine.reply.reset();
    if (std::exchange(mine.refresh_due, false) && !mine.ended)
      static_cast<void>(desk_.stack.repeat_offer(session, now_));
  }
  // A call of ours that never connected ends with the flow that made it.
  if (!call.connected && !call.treatment) {
    while (!call.parties.empty()) drop(call, std::string(call.parties.front().dn));
    for (const auto session : std::vector(call.legs)) end(session);
  }
  call.flow = {};
  call.reference_id = 0;
  desk_.board.settle(call.key, {}, now_);
}

}  // namespace sidetone::lab
