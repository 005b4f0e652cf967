// Planted bugs: each alters one thing at a seam of the world (bytes, SIP events, media orders, user events,
// settings), as a fault of the production code would show there. The rules must find every one of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sidetone::sim {

enum class Mutation : std::uint8_t {
  none,
  no_timer_b,              // client transactions wait for ever
  bye_lost,                // BYE is never sent
  glare_not_retried,       // the pause after a 491 ends and nothing happens
  stale_answer,            // the answer of an earlier offer is applied again
  wrong_resume_direction,  // resuming offers "sendonly"
  ack_not_resent,          // a repeated 2xx gets no ACK
  cancel_swallowed,        // CANCEL is never sent
  mic_open_early,          // sound leaves while the call still rings
  hold_not_enforced,       // held, but the microphone's packets go on
  unregister_forgotten,    // stopping leaves the registration behind
  event_dropped,           // the user misses a change of a call
  call_id_reused,          // an id comes a second time
  end_not_relayed,         // the server does not tell the other side
  mute_ignored,            // the mute order does not reach the media
  media_left_open,         // ports of an ended call stay open
  digits_unreported,       // nobody hears that the digits were sent
  answer_ignored,          // the user's "answer" is lost
  dial_ignored,            // the user's "dial" is lost
  session_timer_ignored,   // nobody refreshes, and nobody misses it
  ttl_ignored,             // what DNS said once counts for ever
  no_failover,             // only the first of a name's servers is tried
  guard_off,               // requests of strangers are obeyed
  end_unheard,             // the endpoint misses that a dialog is over
  registration_unheard,    // ... that a registration failed
  timers_too_fast,         // requests are repeated each 5 ms
  subscription_kept,       // nobody unsubscribes
  two_answers,             // a 200 comes up twice
  event_after_end,         // a session that is over speaks once more
  change_ignored,          // another configuration is not taken
  change_ends_calls,       // ... is, and the calls go
  count_
};

[[nodiscard]] std::string_view to_string(Mutation mutation);
[[nodiscard]] std::optional<Mutation> find_mutation(std::string_view name);

}  // namespace sidetone::sim
