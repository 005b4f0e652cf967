#include "labserver/switchboard.h"

#include <fmt/format.h>

#include <algorithm>

#include "labserver/relayed_headers.h"
#include "labserver/silence.h"

namespace sidetone::lab {

namespace {

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

}  // namespace

Switchboard::Switchboard(const ServerSettings& settings, sip::Stack& stack, Registrar& registrar,
                         sip::AccountId account, Random& random, LogSink& log)
    : settings_(settings),
      stack_(stack),
      registrar_(registrar),
      account_(account),
      random_(random),
      log_(log) {}

Call* Switchboard::call(CallKey key) {
  const auto found = calls_.find(key);
  return found == calls_.end() ? nullptr : &found->second;
}

Leg* Switchboard::leg(sip::SessionId session) {
  const auto found = legs_.find(session);
  return found == legs_.end() ? nullptr : &found->second;
}

Call* Switchboard::call_of(sip::SessionId session) {
  const Leg* found = leg(session);
  return found ? &calls_.at(found->call) : nullptr;
}

Call& Switchboard::start_call(std::string from, std::string to, Time now) {
  Call fresh;
  fresh.key = keys_.next();
  fresh.uuid = upper(random_.token(32));
  fresh.conn_id = fmt::format("{:016x}", random_.next());
  fresh.from = std::move(from);
  fresh.to = std::move(to);
  fresh.started = now;
  ++counters_.calls;
  return calls_.emplace(fresh.key, std::move(fresh)).first->second;
}

Leg& Switchboard::add_leg(Call& call, sip::SessionId session, std::string dn) {
  Leg fresh;
  fresh.session = session;
  fresh.call = call.key;
  fresh.media = route(dn) != nullptr;
  fresh.dn = std::move(dn);
  call.legs.push_back(session);
  name_call(fresh, call);
  return legs_.emplace(session, std::move(fresh)).first->second;
}

void Switchboard::name_call(const Leg& leg, const Call& call) {
  // An error means that the leg is over.
  static_cast<void>(stack_.set_offer_headers(leg.session, {{"X-Genesys-CallUUID", call.uuid}}));
}

void Switchboard::move_leg(Leg& leg, Call& to) {
  std::erase(calls_.at(leg.call).legs, leg.session);
  leg.call = to.key;
  to.legs.push_back(leg.session);
  name_call(leg, to);
}

Party& Switchboard::add_party(Call& call, Party party) {
  by_dn_[party.dn].push_back(call.key);
  return call.parties.emplace_back(std::move(party));
}

void Switchboard::remove_party(Call& call, const Party& party) {
  const auto calls = by_dn_.find(party.dn);
  calls->second.erase(std::find(calls->second.begin(), calls->second.end(), call.key));
  if (calls->second.empty()) by_dn_.erase(calls);
  call.parties.erase(call.parties.begin() + (&party - call.parties.data()));
}

const std::vector<CallKey>& Switchboard::calls_of_dn(std::string_view dn) const {
  static const std::vector<CallKey> none;
  const auto found = by_dn_.find(dn);
  return found == by_dn_.end() ? none : found->second;
}

void Switchboard::join(Leg& a, Leg& b) {
  part(a);
  part(b);
  a.peer = b.session;
  b.peer = a.session;
}

void Switchboard::part(Leg& gone) {
  if (Leg* other = leg(gone.peer); other && other->peer == gone.session) other->peer = {};
  gone.peer = {};
}

void Switchboard::log_call(LogLevel level, const Call& call, std::string text, Time now) const {
  if (!log_.wants(LogTag::lab, level)) return;
  log_.write({now,
              level,
              LogTag::lab,
              {},
              call.key.value,
              fmt::format("{} {} -> {}: {}", call.uuid, call.from, call.to, text)});
}

void Switchboard::set_due(Call& call, std::optional<Time> due) {
  if (call.due) due_.erase({*call.due, call.key});
  call.due = due;
  if (call.due) due_.insert({*call.due, call.key});
}

void Switchboard::end_leg(Leg& leg, std::vector<sip::ExtraHeader> headers, Time now) {
  if (leg.ended || leg.ending) return;
  leg.ending = true;
  // An error means that the stack ended it already; its SessionEnded is in the queue.
  static_cast<void>(stack_.end(leg.session, std::move(headers), now));
}

void Switchboard::on(const sip::SessionEnded& event, Time now) {
  Leg* ended = leg(event.session);
  if (!ended) return;  // an INVITE that was refused before it became a call
  const CallKey key = ended->call;
  Call& ending = calls_.at(key);
  ended->ended = true;
  if (ending.exchange && ending.exchange->to == event.session)
    refuse_exchange(ending, 487, now);  // RFC 3261 §15.1.2: pending requests of a dialog that ends
  if (ending.exchange && ending.exchange->from == event.session) ending.exchange.reset();
  const bool in_flow = static_cast<bool>(ended->flow);
  watcher_->leg_over(ending, *ended, event, now);
  // A flow may have finished the call, which takes its legs with it.
  Call* rest = call(key);
  ended = leg(event.session);
  if (!rest || !ended) return;
  if (!in_flow) after_leg(*rest, *ended, event, now);
  const CallKey lender = ended->lender;
  const std::string dn = ended->dn;
  settle(ended->call, reasons_of(event.message), now);
  // Its only dialog was borrowed: with that the party has left the main call, too.
  Call* main = call(lender);
  Party* party = main ? main->party(dn) : nullptr;
  if (!party || party->leg) return;
  watcher_->leaves(*main, *party, now);
  settle(lender, reasons_of(event.message), now);
}

void Switchboard::give_back(Leg& leg, Time now) {
  Call* main = call(std::exchange(leg.lender, CallKey{}));
  Party* party = main ? main->party(leg.dn) : nullptr;
  if (!party || party->leg || leg.ended || leg.ending) return;
  move_leg(leg, *main);
  part(leg);
  party->leg = leg.session;
  leg.told.own();
  static_cast<void>(stack_.offer(leg.session, leg.told.tell(silenced(leg.told.last())), now));
}

// A leg that no flow has is over.
void Switchboard::after_leg(Call& call, const Leg& leg, const sip::SessionEnded& event, Time now) {
  const auto& setup = call.setup;
  if (setup.connected) return;
  if (leg.session == setup.caller) {
    if (call.outcome == CallOutcome::open) {
      call.outcome = CallOutcome::cancelled;
      call.status = 487;
      ++counters_.cancelled;
    }
    end_callees(call, {}, reasons_of(event.message), now);
  } else if (leg.session == setup.answered_by) {
    if (Leg* caller = this->leg(setup.caller)) end_leg(*caller, reasons_of(event.message), now);
  } else if (std::find(setup.callees.begin(), setup.callees.end(), leg.session) != setup.callees.end()) {
    callee_refused(call, event, now);
  }
}

void Switchboard::settle(CallKey key, std::vector<sip::ExtraHeader> headers, Time now) {
  Call* call = this->call(key);
  if (!call) return;
  if (call->connected && !call->treatment && !call->flow && call->parties.size() < 2) {
    for (const auto session : std::vector(call->legs))
      if (Leg& lent = legs_.at(session); lent.lender) give_back(lent, now);
    while (!call->parties.empty()) watcher_->leaves(*call, call->parties.back(), now);
    for (const auto session : call->legs) end_leg(legs_.at(session), headers, now);
  }
  // What plays and mixes for somebody who has left.
  if (!call->flow)
    for (const auto session : call->legs) {
      Leg& played = legs_.at(session);
      const Leg* listener = leg(played.peer);
      if (played.media && !call->party_of(session) && !call->is_kept_seat(session) && !played.flow &&
          (!listener || listener->ended))
        end_leg(played, {}, now);
    }
  if (is_over(*call)) finish(*call, now);
}

bool Switchboard::is_over(const Call& call) {
  return !call.flow && std::all_of(call.legs.begin(), call.legs.end(),
                                   [&](sip::SessionId session) { return legs_.at(session).ended; });
}

void Switchboard::finish(Call& call, Time now) {
  log_call(LogLevel::info, call, fmt::format("over, {}", call.status), now);
  ++counters_.over;
  if (call.outcome == CallOutcome::open) {
    call.outcome = CallOutcome::cancelled;
    ++counters_.cancelled;
  }
  while (!call.parties.empty()) remove_party(call, call.parties.back());
  answer_orphans(call.key, now);
  set_due(call, std::nullopt);
  for (const auto session : call.legs) {
    part(legs_.at(session));
    legs_.erase(session);
  }
  records_.push_back({call.uuid, call.from, call.to, call.outcome, call.status, call.started, now});
  if (records_.size() > call_records_max) records_.pop_front();
  const auto bystanders = std::move(call.bystanders);
  calls_.erase(call.key);
  watcher_->over(bystanders, now);
}

void Switchboard::on_time(Time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    Call& call = calls_.at(due_.begin()->second);
    set_due(call, std::nullopt);
    if (call.treatment) {
      for (const auto session : call.legs) end_leg(legs_.at(session), {}, now);
    } else if (call.connected) {
      check_legs(call, now);
    } else if (call.setup.caller && !call.setup.answered_by) {
      log_call(LogLevel::info, call, "nobody answered", now);
      end_callees(call, {}, {}, now);
      refuse_caller(call, {.status = 408, .reason = {}, .headers = {}, .body = {}, .content_type = {}}, now);
    }
  }
}

std::optional<Deadline> Switchboard::deadline() const {
  if (due_.empty()) return std::nullopt;
  return Deadline{due_.begin()->first, "call_check"};
}

std::vector<CallFacts> Switchboard::calls() const {
  const auto alive = [&](sip::SessionId session) {
    const auto found = legs_.find(session);
    return found != legs_.end() && !found->second.ended;
  };
  std::vector<CallFacts> facts;
  facts.reserve(calls_.size());
  for (const auto& [key, call] : calls_) {
    const auto& setup = call.setup;
    const auto callees = std::count_if(setup.callees.begin(), setup.callees.end(), alive);
    facts.push_back({call.uuid, call.from, call.to, call.started, alive(setup.caller),
                     static_cast<std::size_t>(callees), call.connected && call.parties.size() > 1});
  }
  return facts;
}

void Switchboard::end_all(Time now) {
  for (auto& [key, call] : calls_)
    for (const auto session : call.legs) end_leg(legs_.at(session), {}, now);
}

}  // namespace sidetone::lab
