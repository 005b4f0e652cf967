#include "endpoint/device_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidetone::endpoint {
namespace {

// A sound server that restarts, or a device that another program had: long enough not to be heard as a
// stutter.
constexpr Duration retry_pause = std::chrono::seconds(2);
// A device that stops has mostly been pulled out, and the new list is on its way: it decides. Where the list
// stays as it is, the same devices are opened again, ever more slowly.
constexpr Duration loss_pause = std::chrono::milliseconds(100);
constexpr unsigned loss_doublings_max = 6;

std::vector<DeviceSnapshot> shown(const std::vector<device::Device>& devices) {
  std::vector<DeviceSnapshot> out;
  for (const auto& device : devices)
    out.push_back({device.id, device.name, device.is_default, device.is_monitor});
  return out;
}

std::string id_of(const std::optional<device::Chosen>& chosen) {
  return chosen ? chosen->device.id : std::string();
}

std::string name_of(const std::optional<device::Chosen>& chosen, std::string_view none) {
  return chosen ? fmt::format("\"{}\"", chosen->device.name) : std::string(none);
}

}  // namespace

DeviceControl::DeviceControl(const std::optional<CoreDevices>& settings, int ringer_volume, Outbox& outbox)
    : settings_(settings),
      outbox_(outbox),
      policy_(settings ? settings->policy : device::DeviceSettings{}),
      use_(settings ? settings->use : device::UseSettings{}),
      ringer_volume_(ringer_volume) {
  if (settings_) configured_voice_ = settings_->voice;
}

void DeviceControl::start() {
  if (!settings_) return;
  shown_.headset_wanted = settings_->policy.use_headset;
  show_voice(shown_);
  voice_ordered_ = {settings_->voice, {}};
  outbox_.order(voice_ordered_);
  shown_.ringer_volume = ringer_volume_;
  if (ringer_volume_ != 100) outbox_.order(UseRingerVolume{ringer_volume_});
}

void DeviceControl::reconfigure(const std::optional<CoreDevices>& settings) {
  if (!settings_ || !settings) return;  // whether there is hardware is not for a file to say
  if (settings->voice != configured_voice_) {
    configured_voice_ = settings->voice;
    process_voice(
        {settings->voice.gain_control, settings->voice.echo_control, settings->voice.noise_suppression});
  }
  next_ = settings;
  if (!use_.calls()) use_next_policy();
}

void DeviceControl::use_next_policy() {
  if (!next_) return;
  const auto voice = settings_->voice;
  settings_ = std::exchange(next_, std::nullopt);
  settings_->voice = voice;
  policy_.use(settings_->policy);
  use_.use(settings_->use);
  order_devices();
  tell();
}

void DeviceControl::set_devices(device::DeviceList devices) {
  if (!settings_) return;
  const bool same_list = known_ && devices == policy_.devices();
  known_ = true;
  policy_.set_devices(std::move(devices));
  if (same_list) return;
  lost_ = false;
  losses_ = 0;
  order_devices();
  tell();
}

void DeviceControl::choose(device::HandChoice choice) {
  policy_.choose(std::move(choice));
  order_devices();
  tell();
}

void DeviceControl::process_voice(const sidetone::ProcessVoice& wanted) {
  auto& voice = settings_->voice;
  const auto before = voice;
  voice.gain_control = wanted.gain_control.value_or(voice.gain_control);
  voice.echo_control = wanted.echo_control.value_or(voice.echo_control);
  voice.noise_suppression = wanted.noise_suppression.value_or(voice.noise_suppression);
  if (voice == before) return;
  order_voice();
  tell();
}

// Two echo cancellers one behind the other: the second one learns what the first one does, which changes all
// the time, and takes speech for echo. The sound system's stays, because other programs may depend on it.
void DeviceControl::order_voice() {
  endpoint::ProcessVoice wanted{settings_->voice, {}};
  const auto& microphone = policy_.route().microphone;
  if (wanted.settings.echo_control && microphone && microphone->device.cancels_echo) {
    wanted.settings.echo_control = false;
    wanted.echo_left_to = microphone->device.name;
  }
  if (wanted == voice_ordered_) return;
  voice_ordered_ = wanted;
  outbox_.order(std::move(wanted));
}

void DeviceControl::show_voice(DevicesSnapshot& shown) const {
  shown.gain_control = settings_->voice.gain_control;
  shown.echo_control = settings_->voice.echo_control;
  shown.noise_suppression = settings_->voice.noise_suppression;
}

void DeviceControl::set_calls(bool any, Time now) {
  if (!settings_ || any == use_.calls()) return;
  if (!any) use_next_policy();
  use_.set_calls(any, now);
  lost_ = false;
  losses_ = 0;
  if (any && policy_.forget_unusable()) tell();  // a new call is a new chance
  order_devices();
}

void DeviceControl::device_failed(const DeviceFailure& failure, Time now) {
  if (!settings_) return;
  const auto before = policy_.route();
  for (const auto& id : {failure.microphone, failure.speaker})
    if (!id.empty()) policy_.set_unusable(id);
  const auto& after = policy_.route();
  const auto warn = [&](std::string_view what, const std::string& failed,
                        const std::optional<device::Chosen>& old_one,
                        const std::optional<device::Chosen>& new_one) {
    if (failed.empty()) return;
    const auto name = old_one && old_one->device.id == failed ? old_one->device.name : failed;
    outbox_.tell(
        Warning{{"device", "io", fmt::format("the {} \"{}\" cannot be used: {}", what, name, failure.why),
                 new_one ? fmt::format("{} is used instead", name_of(new_one, ""))
                         : fmt::format("no other {} is there: it is tried again", what)}});
  };
  warn("microphone", failure.microphone, before.microphone, after.microphone);
  warn("speaker", failure.speaker, before.speaker, after.speaker);
  // What was ordered is not open any more: the same order must go out again when it comes to that.
  if (ordered_.microphone == failure.microphone) ordered_.microphone.clear();
  if (ordered_.speaker == failure.speaker) ordered_.speaker.clear();
  if (!after.microphone || !after.speaker) retry_at_ = now + retry_pause;
  order_devices();
  tell();
}

void DeviceControl::device_lost(const std::string& why, Time now) {
  if (!settings_ || ordered_ == UseDevices{}) return;
  if (losses_ == 0) outbox_.tell(Warning{{"device", "io", why, "the devices are opened again"}});
  ordered_ = {};
  lost_ = true;
  retry_at_ = now + loss_pause * (1 << std::min(losses_++, loss_doublings_max));
}

void DeviceControl::on_time(Time now) {
  use_.on_time(now);
  if (retry_at_ && *retry_at_ <= now) {
    retry_at_.reset();
    lost_ = false;
    if (policy_.forget_unusable()) tell();
  }
  order_devices();
}

std::optional<Deadline> DeviceControl::deadline() const {
  auto next = use_.deadline();
  if (retry_at_) next = earlier(next, Deadline{*retry_at_, "device_retry"});
  return next;
}

device::AnswerVerdict DeviceControl::should_answer(bool auto_answer) const {
  using device::ShouldAnswer;
  if (!settings_) return {auto_answer ? ShouldAnswer::yes : ShouldAnswer::unknown, {}};
  // A sound server that is slow to tell: without a headset that is asked for, nothing is answered unseen.
  if (!known_ && settings_->policy.use_headset)
    return {ShouldAnswer::unknown, "the sound devices are not known yet"};
  if (!known_) return {auto_answer ? ShouldAnswer::yes : ShouldAnswer::unknown, {}};
  return policy_.should_answer(auto_answer);
}

device::CallVerdict DeviceControl::may_call() const {
  return settings_ && known_ ? policy_.may_call() : device::CallVerdict{};
}

AlertDevices DeviceControl::alert_devices() const {
  if (!settings_) return {};
  const auto& route = policy_.route();
  return {ordered_.speaker, id_of(route.speaker),
          route.system_speaker ? route.system_speaker->id : std::string(), id_of(route.ringer)};
}

std::string DeviceControl::speaker_name(const std::string& id) const {
  for (const auto& device : policy_.devices().speakers)
    if (device.id == id) return device.name;
  return id;
}

void DeviceControl::set_ringer_volume(int percent) {
  if (percent == ringer_volume_) return;
  ringer_volume_ = percent;
  outbox_.order(UseRingerVolume{percent});
  tell();
}

void DeviceControl::order_devices() {
  if (!settings_ || lost_) return;
  order_voice();
  UseDevices wanted;
  if (use_.microphone() && settings_->policy.microphone_needed)
    wanted.microphone = id_of(policy_.route().microphone);
  if (use_.speaker() && settings_->policy.speaker_needed) wanted.speaker = id_of(policy_.route().speaker);
  if (wanted == ordered_) return;
  ordered_ = wanted;
  outbox_.order(std::move(wanted));
}

void DeviceControl::tell() {
  for (auto& warning : policy_.take_warnings())
    outbox_.tell(Warning{{"device", "syntax", std::move(warning), "mend the option in the configuration"}});
  DevicesSnapshot now_true;
  now_true.microphones = shown(policy_.devices().microphones);
  now_true.speakers = shown(policy_.devices().speakers);
  now_true.microphone = id_of(policy_.route().microphone);
  now_true.speaker = id_of(policy_.route().speaker);
  now_true.ringer = id_of(policy_.route().ringer);
  now_true.headset_wanted = policy_.wants_headset();
  now_true.headset_available = policy_.headset_available();
  now_true.ringer_volume = ringer_volume_;
  now_true.text = policy_.should_answer(true).reason;
  show_voice(now_true);
  if (now_true == shown_) return;
  shown_ = std::move(now_true);
  outbox_.tell(DevicesChanged{shown_});
}

}  // namespace sidetone::endpoint
