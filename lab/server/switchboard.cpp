#include "labserver/switchboard.h"

#include <fmt/format.h>

#include <algorithm>

#include "labserver/relayed_headers.h"

namespace sidetone::lab {

Switchboard::Switchboard(const ServerSettings& settings, sip::Stack& stack, Registrar& registrar,
                         sip::AccountId account, Random& random, LogSink& log)
    : settings_(settings),
      stack_(stack),
      registrar_(registrar),
      account_(account),
      random_(random),
      log_(log) {}

Call* Switchboard::call_of(sip::SessionId session) {
  const auto key = by_session_.find(session);
  if (key == by_session_.end()) return nullptr;
  return &calls_.at(key->second);
}

void Switchboard::log_call(LogLevel level, const Call& call, std::string text, Time now) const {
  if (!log_.wants(LogTag::lab, level)) return;
  log_.write({now, level, LogTag::lab, {}, call.key.value,
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
  Call* call = call_of(event.session);
  if (!call) return;  // an INVITE that was refused before it became a call
  Leg& leg = *call->leg(event.session);
  leg.ended = true;
  if (call->exchange && call->exchange->to == event.session)
    refuse_exchange(*call, 487, now);  // RFC 3261 §15.1.2: pending requests of a dialog that ends
  if (&leg == &call->caller) {
    if (call->outcome == CallOutcome::open) {
      call->outcome = CallOutcome::cancelled;
      call->status = 487;
      ++counters_.cancelled;
    }
    call->exchange.reset();
    end_other_callees(*call, {}, reasons_of(event.message), now);
  } else if (call->answered_by == event.session) {
    call->exchange.reset();
    end_leg(call->caller, reasons_of(event.message), now);
  } else {
    callee_refused(*call, event, now);
  }
  if (call->over()) finish(*call, now);
}

void Switchboard::finish(Call& call, Time now) {
  log_call(LogLevel::info, call, fmt::format("over, {}", call.status), now);
  ++counters_.over;
  answer_orphans(call.key, now);
  set_due(call, std::nullopt);
  by_session_.erase(call.caller.session);
  for (const auto& callee : call.callees) by_session_.erase(callee.session);
  records_.push_back({call.uuid, call.from, call.to, call.outcome, call.status, call.started, now});
  if (records_.size() > call_records_max) records_.pop_front();
  calls_.erase(call.key);
}

void Switchboard::on_time(Time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    Call& call = calls_.at(due_.begin()->second);
    set_due(call, std::nullopt);
    if (call.established()) {
      check_legs(call, now);
    } else if (!call.answered_by) {
      log_call(LogLevel::info, call, "nobody answered", now);
      end_other_callees(call, {}, {}, now);
      refuse_caller(call, {.status = 408, .reason = {}, .headers = {}, .body = {}, .content_type = {}}, now);
    }
  }
}

std::optional<Deadline> Switchboard::deadline() const {
  if (due_.empty()) return std::nullopt;
  return Deadline{due_.begin()->first, "call_check"};
}

std::vector<CallFacts> Switchboard::calls() const {
  std::vector<CallFacts> facts;
  facts.reserve(calls_.size());
  for (const auto& [key, call] : calls_) {
    const auto alive = std::count_if(call.callees.begin(), call.callees.end(),
                                     [](const Leg& callee) { return !callee.ended; });
    facts.push_back({call.uuid, call.from, call.to, call.started, !call.caller.ended,
                     static_cast<std::size_t>(alive), call.established()});
  }
  return facts;
}

void Switchboard::end_all(Time now) {
  for (auto& [key, call] : calls_) {
    end_other_callees(call, {}, {}, now);
    end_leg(call.caller, {}, now);
  }
}

}  // namespace sidetone::lab
