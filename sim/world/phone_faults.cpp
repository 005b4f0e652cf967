#include "sim/phone_faults.h"

#include <functional>

namespace sidetone::sim {

namespace {

bool starts_with(std::string_view text, std::string_view word) { return text.substr(0, word.size()) == word; }

// A request inside a dialog has a tag in its To header.
bool is_in_dialog(std::string_view text) {
  const auto to = text.find("\r\nTo:");
  if (to == std::string_view::npos) return false;
  const auto line = text.substr(to + 2, text.find("\r\n", to + 2) - to - 2);
  return line.find(";tag=") != std::string_view::npos;
}

// Same length, so that Content-Length stays true.
sip::Bytes with_wrong_direction(const sip::Bytes& bytes) {
  constexpr std::string_view right = "a=sendrecv", wrong = "a=sendonly";
  std::string changed = *bytes;
  if (const auto at = changed.find(right); at != std::string::npos) changed.replace(at, right.size(), wrong);
  return std::make_shared<const std::string>(std::move(changed));
}

}  // namespace

void PhoneFaults::settings(sip::StackSettings& settings) const {
  if (is(Mutation::no_timer_b)) settings.timers.client_timeout = std::chrono::hours(10);
  if (is(Mutation::guard_off)) settings.guard.accept_from = sip::AcceptFrom::anyone;
  if (is(Mutation::timers_too_fast)) {
    settings.timers.t1 = settings.timers.t2 = std::chrono::milliseconds(5);
    settings.timers.client_timeout = std::chrono::seconds(32);
  }
  if (is(Mutation::session_timer_ignored)) settings.session_timer.enabled = false;
}

void PhoneFaults::dns_answer(sip::DnsAnswer& answer) const {
  if (is(Mutation::ttl_ignored))
    for (auto& record : answer.answers) record.ttl = std::chrono::hours(24);
  if (is(Mutation::no_failover) && answer.answers.size() > 1) answer.answers.resize(1);
}

sip::Bytes PhoneFaults::outgoing(sip::Bytes bytes, Time) {
  const std::string_view text = *bytes;
  switch (mutation_) {
    case Mutation::bye_lost: return starts_with(text, "BYE ") ? nullptr : bytes;
    case Mutation::cancel_swallowed: return starts_with(text, "CANCEL ") ? nullptr : bytes;
    case Mutation::ack_not_resent:
      if (!starts_with(text, "ACK ")) return bytes;
      return acks_sent_.insert(std::hash<std::string_view>{}(text)).second ? bytes : nullptr;
    case Mutation::wrong_resume_direction:
      return starts_with(text, "INVITE ") && is_in_dialog(text) ? with_wrong_direction(bytes) : bytes;
    case Mutation::unregister_forgotten:
      if (starts_with(text, "REGISTER ") && (text.find("\r\nExpires: 0\r\n") != std::string_view::npos ||
                                             text.find(";expires=0\r\n") != std::string_view::npos))
        return nullptr;
      return bytes;
    default: return bytes;
  }
}

bool PhoneFaults::sip_event(sip::Event& event) {
  if (is(Mutation::glare_not_retried) && std::holds_alternative<sip::OfferRetryDue>(event)) return false;
  if (is(Mutation::stale_answer))
    if (auto* answered = std::get_if<sip::OfferAnswered>(&event)) {
      auto [known, fresh] = first_answer_.emplace(answered->session, answered->sdp);
      if (!fresh) answered->sdp = known->second;
    }
  if (is(Mutation::end_unheard) && std::holds_alternative<sip::SessionEnded>(event)) return ++ends_ % 6 != 0;
  if (is(Mutation::registration_unheard))
    if (const auto* line = std::get_if<sip::RegistrationChanged>(&event))
      return line->state != sip::RegistrationState::failed;
  return true;
}

bool PhoneFaults::media_order(endpoint::MediaOrder& order) {
  if (auto* apply = std::get_if<endpoint::ApplyPlan>(&order))
    if (is(Mutation::hold_not_enforced) && !apply->plan.receive) apply->plan.send = true;
  if (is(Mutation::mute_ignored) && std::holds_alternative<endpoint::SetMuted>(order)) return false;
  if (is(Mutation::media_left_open) && std::holds_alternative<endpoint::CloseMedia>(order))
    return ++ends_ % 5 != 0;
  return true;
}

std::optional<endpoint::MediaOrder> PhoneFaults::extra_order(const endpoint::MediaOrder& order) {
  const auto* open = std::get_if<endpoint::OpenMedia>(&order);
  if (!is(Mutation::mic_open_early) || !open || open->direction != CallDirection::incoming)
    return std::nullopt;
  endpoint::ApplyPlan plan;
  plan.call = open->call;
  plan.plan.send = true;
  return plan;
}

bool PhoneFaults::user_event(Event& event) {
  if (is(Mutation::event_dropped) && std::holds_alternative<CallChanged>(event)) return ++changes_ % 20 != 0;
  if (is(Mutation::call_id_reused)) {
    // A counter of two bits.
    const auto shrink = [](CallId& id) { id.value = (id.value - 1) % 4 + 1; };
    if (auto* added = std::get_if<CallAdded>(&event)) shrink(added->call.call);
    if (auto* changed = std::get_if<CallChanged>(&event)) shrink(changed->call.call);
    if (auto* ended = std::get_if<CallEnded>(&event)) shrink(ended->call.call);
  }
  return true;
}

bool PhoneFaults::command(const Command& command) {
  if (is(Mutation::answer_ignored) && std::holds_alternative<Answer>(command)) return ++answers_ % 4 != 0;
  if (is(Mutation::dial_ignored) && std::holds_alternative<Dial>(command)) return ++dials_ % 4 != 0;
  return true;
}

}  // namespace sidetone::sim
