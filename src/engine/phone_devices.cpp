// Sound devices and headset buttons that come and go.
#include <boost/asio/post.hpp>

#include "endpoint/headset_commands.h"
#include "engine/log/device_dump.h"
#include "engine/phone_engine.h"

namespace sidetone::engine {

void PhoneEngine::log_devices(const device::DeviceList& devices) {
  if (logged_devices_ == devices) return;
  logged_devices_ = devices;
  log({.time = host_.now(), .tag = LogTag::report, .text = device_dump(devices)});
}

void PhoneEngine::watch_devices() {
  headset_ = std::make_unique<media::HidrawHeadset>(
      media::HidrawPlaces{},
      [this, alive = std::weak_ptr<int>(alive_)](device::HeadsetAction action) {
        boost::asio::post(io_, [this, alive, action] {
          if (alive.expired()) return;
          if (const auto command = endpoint::headset_command(action, core_->snapshot()))
            core_->handle(*command, host_.now());
          host_.drain();
        });
      },
      log_);
  device_watch_ = media::DeviceWatch::start(
      [this, alive = std::weak_ptr<int>(alive_)](Expected<device::DeviceList> list) {
        boost::asio::post(io_, [this, alive, list = std::move(list)]() mutable {
          if (alive.expired()) return;
          headset_->look();  // its buttons come with its sound card
          if (!list) core_->media_warning(list.error());
          if (list) log_devices(*list);
          if (list) device_latency_ = list->latency;
          core_->set_devices(list ? std::move(*list) : device::DeviceList{}, host_.now());
          host_.drain();
        });
      });
  if (!device_watch_)  // then no list ever comes, and no device is opened
    core_->media_warning({Fault::limit, Layer::device, "sound devices cannot be watched: calls have no sound",
                          "free memory or descriptors (ulimit -n) and start again"});
}

}  // namespace sidetone::engine
