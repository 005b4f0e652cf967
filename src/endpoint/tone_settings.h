// The tone options of policy.session, as plain data.
#pragma once

#include <chrono>
#include <cstdint>

namespace sidetone::endpoint {

// ringing_enabled.
enum class RingWhere : std::uint8_t {
  nowhere,
  system,   // the sound system's default device
  headset,  // the device that calls use
  system_and_headset,
  ringer,  // ringer_device
  system_and_ringer,
  headset_once,  // in full length: neither the answer nor ringing_timeout ends it
  system_and_headset_once,
};

struct ToneSettings {
  RingWhere ringing = RingWhere::system;
  std::chrono::seconds ringing_timeout{0};  // 0: no limit
  bool ringing_while_call_held = true;
  bool call_waiting = true;  // callwait_tone_enabled
  int ringback = 2;          // ringback_enabled: 0, 1, 2, 3, 4 or 6
  bool dtmf_feedback = true;
};

}  // namespace sidetone::endpoint
