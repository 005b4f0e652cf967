// Every step that a machine can take, so that a simulation can say which ones it has seen.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sidetone::sip::transaction {

// clang-format off
#define SIDETONE_TRANSITIONS(X)                                      \
  X(ict_start,                "ict:start>calling")                   \
  X(ict_calling_proceeding,   "ict:calling>proceeding")              \
  X(ict_calling_accepted,     "ict:calling>accepted")                \
  X(ict_calling_completed,    "ict:calling>completed")               \
  X(ict_calling_timeout,      "ict:calling>abandoned:timer_b")       \
  X(ict_abandoned_ringing,    "ict:abandoned>abandoned:1xx")         \
  X(ict_abandoned_accepted,   "ict:abandoned>accepted")              \
  X(ict_abandoned_completed,  "ict:abandoned>completed")             \
  X(ict_abandoned_end,        "ict:abandoned>terminated:timer_late") \
  X(ict_calling_cancelled,    "ict:calling>terminated:cancelled")    \
  X(ict_calling_transport,    "ict:calling>terminated:transport")    \
  X(ict_proceeding_accepted,  "ict:proceeding>accepted")             \
  X(ict_proceeding_completed, "ict:proceeding>completed")            \
  X(ict_proceeding_cancelled, "ict:proceeding>terminated:timer_cancel") \
  X(ict_accepted_end,         "ict:accepted>terminated:timer_m")     \
  X(ict_completed_end,        "ict:completed>terminated:timer_d")    \
  X(nict_start,               "nict:start>trying")                   \
  X(nict_trying_proceeding,   "nict:trying>proceeding")              \
  X(nict_trying_completed,    "nict:trying>completed")               \
  X(nict_trying_timeout,      "nict:trying>terminated:timer_f")      \
  X(nict_trying_transport,    "nict:trying>terminated:transport")    \
  X(nict_proceeding_completed,"nict:proceeding>completed")           \
  X(nict_proceeding_timeout,  "nict:proceeding>terminated:timer_f")  \
  X(nict_completed_end,       "nict:completed>terminated:timer_k")   \
  X(ist_start,                "ist:start>proceeding")                \
  X(ist_proceeding_accepted,  "ist:proceeding>accepted")             \
  X(ist_proceeding_completed, "ist:proceeding>completed")            \
  X(ist_completed_confirmed,  "ist:completed>confirmed")             \
  X(ist_completed_timeout,    "ist:completed>terminated:timer_h")    \
  X(ist_confirmed_end,        "ist:confirmed>terminated:timer_i")    \
  X(ist_accepted_end,         "ist:accepted>terminated:timer_l")     \
  X(nist_start,               "nist:start>trying")                   \
  X(nist_trying_proceeding,   "nist:trying>proceeding")              \
  X(nist_trying_completed,    "nist:trying>completed")               \
  X(nist_proceeding_completed,"nist:proceeding>completed")           \
  X(nist_completed_end,       "nist:completed>terminated:timer_j")
// clang-format on

enum class Transition : std::uint8_t {
#define SIDETONE_ENUM(id, name) id,
  SIDETONE_TRANSITIONS(SIDETONE_ENUM)
#undef SIDETONE_ENUM
      count_
};
inline constexpr std::size_t transition_count = static_cast<std::size_t>(Transition::count_);

inline constexpr std::array<std::string_view, transition_count> transition_names = {
#define SIDETONE_NAME(id, name) name,
    SIDETONE_TRANSITIONS(SIDETONE_NAME)
#undef SIDETONE_NAME
};

}  // namespace sidetone::sip::transaction
