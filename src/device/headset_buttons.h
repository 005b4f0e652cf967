// What a headset's buttons mean in the state that the calls are in, and what its lamps shall show. Both sides
// may answer, mute and hang up: a headset that only repeats what we told it must not be taken for its user.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "device/hid_telephony.h"

namespace sidetone::device {

enum class HeadsetAction : std::uint8_t { answer, reject, hang_up, mute, unmute, flash };

// The calls, as far as a headset shows them.
struct HeadsetCalls {
  bool ringing = false;   // one waits for its answer
  bool off_hook = false;  // one is answered or being made
  bool muted = false;     // the one that is spoken with
  bool held = false;      // it is on hold
  friend bool operator==(const HeadsetCalls&, const HeadsetCalls&) = default;
};

class HeadsetButtons {
 public:
  explicit HeadsetButtons(HidTelephony telephony) : telephony_(std::move(telephony)) {}

  // Returns the lamp reports to send; none when nothing changes.
  std::vector<std::vector<std::uint8_t>> set_calls(const HeadsetCalls& calls);
  // An input report, its id in front where there are ids.
  std::vector<HeadsetAction> take_report(std::span<const std::uint8_t> report);

 private:
  std::optional<HeadsetAction> on_hook(bool hook, bool other_button);
  std::optional<HeadsetAction> on_mute(bool mute);
  bool pressed(HidUsage usage, std::span<const std::uint8_t> report, bool& was_down);

  HidTelephony telephony_;
  HeadsetCalls calls_;
  std::optional<HidTelephony::Lamps> lamps_;
  bool hook_ = false;         // as the headset said last
  bool hook_echoed_ = false;  // it has said "off hook" in this call
  bool hook_down_ = false, mute_down_ = false, flash_down_ = false, drop_down_ = false;
  std::optional<bool> mute_state_;  // of one that tells a state
};

}  // namespace sidetone::device
