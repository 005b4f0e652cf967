// Session descriptions that nobody speaks to: hold with silence, and third-party control's placeholders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sidetone::lab {

// c=0.0.0.0 (RFC 3264 §8.4's older form of hold) is what every phone understands; a=inactive beside it only
// where the description had a direction, since not all do. Empty when `sdp` cannot be read.
[[nodiscard]] std::string silenced(std::string_view sdp);
// An answer to `offer` that takes its formats and sends nothing anywhere: all zeros, as SIP Server writes it
// when the other side of a delayed offer never came.
[[nodiscard]] std::string silent_answer(std::string_view offer);
// What a phone would say of itself if it were not on hold, from what it said last.
[[nodiscard]] std::string awakened(std::string_view sdp);
// Whether it says, by its direction, that its sender does not take part in both ways.
[[nodiscard]] bool is_hold(std::string_view sdp);
// Whether two descriptions differ in more than their origin.
[[nodiscard]] bool describe_the_same(std::string_view a, std::string_view b);
// An offer for a phone that is to wait (RFC 3725 §4.2, "black hole").
[[nodiscard]] std::string placeholder_offer(std::uint64_t session_id);

}  // namespace sidetone::lab
