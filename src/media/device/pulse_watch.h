// The watch for PulseAudio, and for PipeWire, which speaks its protocol. cubeb tells of devices that come and
// go, but neither of another default nor of the server's end (docs/decisions).
#pragma once

#include <pulse/pulseaudio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include "media/device/device_watch.h"

namespace sidetone::media {

class PulseWatch final : public DeviceWatch {
 public:
  explicit PulseWatch(OnList on_list) : on_list_(std::move(on_list)) {}
  ~PulseWatch() override;
  bool start();  // false: the library does not even start

 private:
  // All below run on the library's thread, under its lock.
  void connect();
  void disconnect();
  void connect_later();
  void on_state();
  void refresh();
  void take(const pa_server_info& info);
  void take(const pa_module_info& info);
  void take(const pa_sink_info& info);
  void take(const pa_source_info& info);
  void finish();
  void tell_without_server();
  void forget(pa_operation* operation);

  OnList on_list_;
  pa_threaded_mainloop* loop_ = nullptr;
  pa_context* context_ = nullptr;
  pa_time_event* retry_ = nullptr;
  unsigned retries_ = 0;
  bool reading_ = false;  // four questions are on their way
  bool stale_ = false;    // ... and their answers are out of date already
  std::string default_sink_, default_source_;
  std::set<std::uint32_t> echo_cancellers_;  // modules
  device::DeviceList list_;
  std::optional<device::DeviceList> told_;  // nothing: no server
  bool absence_told_ = false;
};

}  // namespace sidetone::media
