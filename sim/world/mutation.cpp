#include "sim/mutation.h"

namespace sidetone::sim {

namespace {
constexpr std::array<std::string_view, static_cast<std::size_t>(Mutation::count_)> names = {
    "none",
    "no_timer_b",
    "bye_lost",
    "glare_not_retried",
    "stale_answer",
    "wrong_resume_direction",
    "ack_not_resent",
    "cancel_swallowed",
    "mic_open_early",
    "hold_not_enforced",
    "unregister_forgotten",
    "event_dropped",
    "call_id_reused",
    "end_not_relayed",
    "mute_ignored",
    "media_left_open",
    "digits_unreported",
    "answer_ignored",
    "dial_ignored",
    "session_timer_ignored",
    "ttl_ignored",
    "no_failover",
    "guard_off",
    "end_unheard",
    "registration_unheard",
    "timers_too_fast",
    "subscription_kept",
    "two_answers",
    "event_after_end",
    "change_ignored",
    "change_ends_calls"};
}

std::string_view to_string(Mutation mutation) { return names[static_cast<std::size_t>(mutation)]; }

std::optional<Mutation> find_mutation(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Mutation>(i);
  return std::nullopt;
}

}  // namespace sidetone::sim
