// The buttons and lamps of a USB headset by Linux' hidraw. Its thread sleeps until the headset, the calls or
// a change of the devices wakes it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "device/headset_buttons.h"

namespace sidetone::media {

// Elsewhere in tests.
struct HidrawPlaces {
  std::string nodes = "/dev";
  std::string classes = "/sys/class/hidraw";
};

class HidrawHeadset {
 public:
  // On the headset's thread: it must only post.
  using OnAction = std::function<void(device::HeadsetAction)>;
  HidrawHeadset(HidrawPlaces places, OnAction on_action, LogSink& log);
  ~HidrawHeadset();
  HidrawHeadset(const HidrawHeadset&) = delete;
  HidrawHeadset& operator=(const HidrawHeadset&) = delete;

  void look();  // something was plugged in
  void set_calls(const device::HeadsetCalls& calls);

 private:
  void wake();
  void run();
  void work_wishes();
  void find();
  bool open(const std::string& name);
  void read();
  void show();
  void close();
  void log(LogLevel level, std::string text);

  HidrawPlaces places_;
  OnAction on_action_;
  LogSink& log_;
  int wake_[2] = {-1, -1};
  std::mutex mutex_;  // the wishes
  bool ending_ = false, look_ = true;
  device::HeadsetCalls calls_;
  // The thread's own.
  device::HeadsetCalls shown_;
  int node_ = -1;
  unsigned tries_left_ = 0;
  bool refusal_told_ = false;
  std::optional<device::HeadsetButtons> buttons_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace sidetone::media
