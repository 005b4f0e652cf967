// Tells which sound devices are there, at once and whenever one comes, goes or becomes the default; also when
// the sound server itself goes and comes back. Lives on a thread of the sound system's client library.
#pragma once

#include <functional>
#include <memory>

#include "base/expected.h"
#include "device/device.h"

namespace sidetone::media {

class DeviceWatch {
 public:
  // On the watch's thread: it must only post. An error: no sound system answers (now); a list follows when
  // one does.
  using OnList = std::function<void(Expected<device::DeviceList>)>;
  virtual ~DeviceWatch() = default;  // nothing is told afterwards
  [[nodiscard]] static std::unique_ptr<DeviceWatch> start(OnList on_list);
};

}  // namespace sidetone::media
