#include "device/headset_buttons.h"

namespace sidetone::device {

std::vector<std::vector<std::uint8_t>> HeadsetButtons::set_calls(const HeadsetCalls& calls) {
  if (calls.off_hook && !calls_.off_hook) hook_echoed_ = hook_;
  calls_ = calls;
  const HidTelephony::Lamps lamps{calls.off_hook, calls.off_hook && calls.muted, calls.ringing, calls.held};
  if (lamps_ == lamps) return {};
  lamps_ = lamps;
  return telephony_.lamp_reports(lamps);
}

// Usages of buttons are momentary (HID Usage Tables §3.4.1): the press counts, the release does not.
bool HeadsetButtons::pressed(HidUsage usage, std::span<const std::uint8_t> report, bool& was_down) {
  const auto down = telephony_.button(usage, report);
  if (!down) return false;
  const bool press = *down && !was_down;
  was_down = *down;
  return press;
}

std::vector<HeadsetAction> HeadsetButtons::take_report(std::span<const std::uint8_t> report) {
  std::vector<HeadsetAction> actions;
  const auto act = [&](std::optional<HeadsetAction> action) {
    if (action) actions.push_back(*action);
  };
  const bool flash = pressed(HidUsage::flash, report, flash_down_);
  const bool drop = pressed(HidUsage::drop, report, drop_down_);
  const auto mute = telephony_.button(HidUsage::phone_mute, report);
  const bool mute_changes =
      mute && *mute != (telephony_.is_relative(HidUsage::phone_mute) ? mute_down_
                                                                     : mute_state_.value_or(calls_.muted));
  if (const auto hook = telephony_.button(HidUsage::hook_switch, report)) {
    if (!telephony_.is_relative(HidUsage::hook_switch)) {
      act(on_hook(*hook, flash || drop || mute_changes));
    } else if (pressed(HidUsage::hook_switch, report, hook_down_)) {
      if (calls_.ringing)
        act(HeadsetAction::answer);
      else if (calls_.off_hook)
        act(HeadsetAction::hang_up);
    }
  }
  if (mute) act(on_mute(*mute));
  if (flash && (calls_.off_hook || calls_.ringing)) act(HeadsetAction::flash);
  if (drop && calls_.ringing)
    act(HeadsetAction::reject);
  else if (drop && calls_.off_hook)
    act(HeadsetAction::hang_up);
  return actions;
}

// The hook switch tells a state. Off the hook while we are is an echo of our lamp; on the hook while we are
// not, too. Some headsets never echo: then "on the hook" is only believed when no other button explains the
// report.
std::optional<HeadsetAction> HeadsetButtons::on_hook(bool hook, bool other_button) {
  const bool was = std::exchange(hook_, hook);
  if (hook) {
    if (calls_.off_hook) hook_echoed_ = true;
    if (was || !calls_.ringing) return std::nullopt;
    return HeadsetAction::answer;
  }
  if (!calls_.off_hook) return std::nullopt;
  if (!hook_echoed_ && other_button) return std::nullopt;
  if (hook_echoed_ && !was) return std::nullopt;  // said before
  hook_echoed_ = false;
  return HeadsetAction::hang_up;
}

std::optional<HeadsetAction> HeadsetButtons::on_mute(bool mute) {
  const auto wish = [](bool muted) { return muted ? HeadsetAction::mute : HeadsetAction::unmute; };
  if (telephony_.is_relative(HidUsage::phone_mute)) {
    const bool press = mute && !std::exchange(mute_down_, mute);
    mute_down_ = mute;
    if (!press || !calls_.off_hook) return std::nullopt;
    return wish(!calls_.muted);
  }
  if (mute_state_ == mute) return std::nullopt;
  mute_state_ = mute;
  if (!calls_.off_hook || mute == calls_.muted) return std::nullopt;  // its echo of our lamp
  return wish(mute);
}

}  // namespace sidetone::device
