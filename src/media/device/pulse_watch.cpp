#include "media/device/pulse_watch.h"

#include <sys/time.h>

#include <algorithm>
#include <cstdint>

#include "media/device/device_list.h"

namespace sidetone::media {
namespace {

// A server that restarts is back within some hundred milliseconds, and the call waits for it. One that is not
// there at all is looked for every five seconds.
constexpr unsigned long retry_ms_min = 50, retry_ms_max = 5000;
constexpr std::size_t devices_max = 128;  // more than a machine has

PulseWatch* self(void* data) { return static_cast<PulseWatch*>(data); }

std::string text(const char* value) { return value != nullptr ? value : ""; }

// The parts of one piece of hardware are at one place of the bus.
std::string group_of(const pa_proplist* properties) {
  for (const char* key : {"sysfs.path", "device.bus_path", "alsa.card"})
    if (const char* value = pa_proplist_gets(properties, key)) return value;
  return {};
}

// PulseAudio's module calls its source MASTER.echo-cancel; PipeWire's own is no module of PulseAudio's
// protocol, and its source's name begins with echo-cancel.
bool is_echo_canceller(const std::string& name) {
  return name.ends_with(".echo-cancel") || name.starts_with("echo-cancel");
}

// A socket with nothing in it: the card is there, the headset is not.
template <typename Info>
bool unplugged(const Info& info) {
  return info.active_port != nullptr && info.active_port->available == PA_PORT_AVAILABLE_NO;
}

template <typename Info>
device::Device device_of(const Info& info, const std::string& default_name) {
  device::Device device;
  device.id = text(info.name);
  device.name = info.description != nullptr ? info.description : device.id;
  device.group = group_of(info.proplist);
  device.is_default = device.id == default_name;
  return device;
}

// PipeWire wants 25 ms at least, and gives less only with dropouts (measured). PulseAudio's scheduling by
// timers manages 15 ms; what is lost there is counted (bench/mouth_to_ear).
std::chrono::milliseconds latency_of(const pa_server_info& info) {
  const bool pipewire = text(info.server_name).find("PipeWire") != std::string::npos;
  return std::chrono::milliseconds{pipewire ? 25 : 15};
}

// Without PulseAudio's protocol: what the library for streams finds, ALSA most likely.
Expected<device::DeviceList> list_of_another_system() {
  auto found = list_devices();
  if (found && found->empty())
    return fail(Layer::device, Fault::unreachable, "no sound system answers", "start PulseAudio or PipeWire");
  if (!found) return tl::make_unexpected(std::move(found.error()));
  device::DeviceList list;
  for (auto& info : *found) {
    auto& side = info.direction == DeviceInfo::Direction::input ? list.microphones : list.speakers;
    side.push_back({std::move(info.id), std::move(info.name), {}, info.preferred, info.monitor});
  }
  return list;
}

}  // namespace

std::unique_ptr<DeviceWatch> DeviceWatch::start(OnList on_list) {
  auto watch = std::make_unique<PulseWatch>(std::move(on_list));
  return watch->start() ? std::move(watch) : nullptr;
}

bool PulseWatch::start() {
  loop_ = pa_threaded_mainloop_new();
  if (loop_ == nullptr) return false;
  pa_threaded_mainloop_set_name(loop_, "devices");
  auto* api = pa_threaded_mainloop_get_api(loop_);
  // The first attempt too is made on the library's thread: it reads files and looks for the server.
  const timeval now{};
  retry_ = api->time_new(
      api, &now, [](pa_mainloop_api*, pa_time_event*, const timeval*, void* data) { self(data)->connect(); },
      this);
  return retry_ != nullptr && pa_threaded_mainloop_start(loop_) == 0;
}

PulseWatch::~PulseWatch() {
  if (loop_ == nullptr) return;
  pa_threaded_mainloop_stop(loop_);
  disconnect();
  if (retry_ != nullptr) pa_threaded_mainloop_get_api(loop_)->time_free(retry_);
  pa_threaded_mainloop_free(loop_);
}

void PulseWatch::connect() {
  disconnect();
  context_ = pa_context_new(pa_threaded_mainloop_get_api(loop_), "Sidetone devices");
  if (context_ == nullptr) return connect_later();
  pa_context_set_state_callback(context_, [](pa_context*, void* data) { self(data)->on_state(); }, this);
  // Never starts a server: one that is not there has its reason.
  if (pa_context_connect(context_, nullptr, PA_CONTEXT_NOAUTOSPAWN, nullptr) < 0 &&
      pa_context_get_state(context_) == PA_CONTEXT_UNCONNECTED)
    connect_later();
}

void PulseWatch::disconnect() {
  reading_ = stale_ = false;
  if (context_ == nullptr) return;
  pa_context_set_state_callback(context_, nullptr, nullptr);
  pa_context_set_subscribe_callback(context_, nullptr, nullptr);
  pa_context_disconnect(context_);
  pa_context_unref(context_);
  context_ = nullptr;
}

void PulseWatch::connect_later() {
  tell_without_server();
  const auto wait_ms = std::min(retry_ms_max, retry_ms_min << std::min(retries_++, 7U));
  timeval when{};
  pa_timeval_add(pa_gettimeofday(&when), wait_ms * PA_USEC_PER_MSEC);
  pa_threaded_mainloop_get_api(loop_)->time_restart(retry_, &when);
}

void PulseWatch::on_state() {
  switch (pa_context_get_state(context_)) {
    case PA_CONTEXT_READY: {
      retries_ = 0;
      pa_context_set_subscribe_callback(
          context_,
          [](pa_context*, pa_subscription_event_type_t, std::uint32_t, void* data) { self(data)->refresh(); },
          this);
      constexpr auto mask = static_cast<pa_subscription_mask_t>(
          PA_SUBSCRIPTION_MASK_SINK | PA_SUBSCRIPTION_MASK_SOURCE | PA_SUBSCRIPTION_MASK_SERVER);
      forget(pa_context_subscribe(context_, mask, nullptr, nullptr));
      return refresh();
    }
    case PA_CONTEXT_FAILED:
    case PA_CONTEXT_TERMINATED: return connect_later();
    default: return;
  }
}

// The questions are answered in their order; the last answer ends the round.
void PulseWatch::refresh() {
  if (reading_) {
    stale_ = true;
    return;
  }
  reading_ = true;
  list_ = {};
  echo_cancellers_.clear();
  forget(pa_context_get_module_info_list(
      context_,
      [](pa_context*, const pa_module_info* info, int, void* data) {
        if (info != nullptr) self(data)->take(*info);
      },
      this));
  forget(pa_context_get_server_info(
      context_,
      [](pa_context*, const pa_server_info* info, void* data) {
        if (info != nullptr) self(data)->take(*info);
      },
      this));
  forget(pa_context_get_sink_info_list(
      context_,
      [](pa_context*, const pa_sink_info* info, int, void* data) {
        if (info != nullptr) self(data)->take(*info);
      },
      this));
  forget(pa_context_get_source_info_list(
      context_,
      [](pa_context*, const pa_source_info* info, int end, void* data) {
        if (info != nullptr) self(data)->take(*info);
        if (end != 0) self(data)->finish();
      },
      this));
}

void PulseWatch::forget(pa_operation* operation) {
  if (operation != nullptr) pa_operation_unref(operation);
}

void PulseWatch::take(const pa_server_info& info) {
  list_.latency = latency_of(info);
  default_sink_ = text(info.default_sink_name);
  default_source_ = text(info.default_source_name);
}

void PulseWatch::take(const pa_module_info& info) {
  if (text(info.name) == "module-echo-cancel") echo_cancellers_.insert(info.index);
}

void PulseWatch::take(const pa_sink_info& info) {
  if (unplugged(info) || list_.speakers.size() >= devices_max) return;
  list_.speakers.push_back(device_of(info, default_sink_));
}

void PulseWatch::take(const pa_source_info& info) {
  if (unplugged(info) || list_.microphones.size() >= devices_max) return;
  auto device = device_of(info, default_source_);
  device.is_monitor = info.monitor_of_sink != PA_INVALID_INDEX;
  device.cancels_echo =
      !device.is_monitor && (echo_cancellers_.contains(info.owner_module) || is_echo_canceller(device.id));
  list_.microphones.push_back(std::move(device));
}

void PulseWatch::finish() {
  reading_ = false;
  if (std::exchange(stale_, false)) return refresh();
  if (told_ == list_) return;
  told_ = list_;
  absence_told_ = false;
  on_list_(list_);
}

void PulseWatch::tell_without_server() {
  told_.reset();
  if (std::exchange(absence_told_, true)) return;
  on_list_(list_of_another_system());
}

}  // namespace sidetone::media
