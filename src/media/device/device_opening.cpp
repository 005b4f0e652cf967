#include "media/device/device_opening.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace sidetone::media {
namespace {

// Each that hangs keeps a thread and a connection: a sound server that leaves that many unanswered is broken.
constexpr unsigned openings_max = 8;

DeviceFailed all_failed(const DeviceChoice& choice, Error why) {
  return {choice.input_used ? choice.input : "", choice.output_used ? choice.output : "", std::move(why)};
}

// A call with one side is better than one with none; and it shows which side is to blame.
OpenedDevice open_one_side(const DeviceChoice& choice, Error why) {
  OpenedDevice result{nullptr, all_failed(choice, std::move(why))};
  if (!choice.input_used || !choice.output_used) return result;
  for (const bool input : {false, true}) {
    auto side = choice;
    side.input_used = input;
    side.output_used = !input;
    auto opened = open_cubeb_device(side);
    if (!opened) continue;
    (input ? result.failed->input : result.failed->output).clear();
    result.device = std::move(*opened);
    break;
  }
  return result;
}

OpenedDevice open(const DeviceChoice& choice) {
  auto opened = open_cubeb_device(choice);
  if (!opened) return open_one_side(choice, std::move(opened.error()));
  return {std::move(*opened), std::nullopt};
}

}  // namespace

struct DeviceOpening::Attempt {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<OpenedDevice> result;
  bool abandoned = false;
};

DeviceOpening::DeviceOpening(DeviceChoice choice, Count count) : attempt_(std::make_shared<Attempt>()) {
  if (++*count > openings_max) {
    --*count;
    attempt_->result = given_up(choice);
    return;
  }
  std::thread([attempt = attempt_, count = std::move(count), choice = std::move(choice)] {
    auto result = open(choice);
    --*count;
    const std::lock_guard lock(attempt->mutex);
    if (!attempt->abandoned) attempt->result = std::move(result);
    attempt->arrived.notify_all();
  }).detach();
}

DeviceOpening::~DeviceOpening() {
  std::optional<OpenedDevice> late;  // closed without the lock
  const std::lock_guard lock(attempt_->mutex);
  attempt_->abandoned = true;
  late.swap(attempt_->result);
}

std::optional<OpenedDevice> DeviceOpening::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock(attempt_->mutex);
  attempt_->arrived.wait_for(lock, patience, [this] { return attempt_->result.has_value(); });
  return std::exchange(attempt_->result, std::nullopt);
}

OpenedDevice DeviceOpening::given_up(const DeviceChoice& choice) {
  return {nullptr, all_failed(choice, {Fault::timeout, Layer::device, "the sound system does not answer",
                                       "choose another device"})};
}

}  // namespace sidetone::media
