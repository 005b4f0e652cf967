#include "media/device/cubeb_context.h"

#include "media/device/device_list.h"
#include "media/device/pulse_server.h"

namespace sidetone::media {
namespace {

#ifdef __linux__
// Left to itself cubeb asks JACK after PulseAudio, whose library waits for ever on what a killed program has
// left locked in /dev/shm: no device would open until somebody removes it. Named first, ALSA takes its place.
const char* backend() { return pulse_answers() ? "pulse" : "alsa"; }
#else
const char* backend() { return nullptr; }  // the system's own
#endif

}  // namespace

Expected<CubebContext> open_cubeb() {
  cubeb* context = nullptr;
  if (cubeb_init(&context, "Sidetone", backend()) != CUBEB_OK)
    return fail(Layer::device, Fault::unreachable, "no sound system answers",
                "start PulseAudio or PipeWire, or use the null device");
  return CubebContext(context, &cubeb_destroy);
}

CubebCollection::CubebCollection(cubeb* context, cubeb_device_type type)
    : context_(context), known_(cubeb_enumerate_devices(context, type, &devices_) == CUBEB_OK) {}

CubebCollection::~CubebCollection() {
  if (known_) cubeb_device_collection_destroy(context_, &devices_);
}

const cubeb_device_info* CubebCollection::find(const std::string& id) const {
  for (const auto& device : *this)
    if (device.device_id != nullptr && id == device.device_id) return &device;
  return nullptr;
}

const cubeb_device_info* CubebCollection::preferred() const {
  for (const auto& device : *this)
    if (device.preferred != CUBEB_DEVICE_PREF_NONE) return &device;
  return nullptr;
}

Expected<std::vector<DeviceInfo>> list_devices() {
  auto context = open_cubeb();
  if (!context) return tl::make_unexpected(std::move(context.error()));
  std::vector<DeviceInfo> devices;
  for (const auto type : {CUBEB_DEVICE_TYPE_INPUT, CUBEB_DEVICE_TYPE_OUTPUT}) {
    for (const auto& device : CubebCollection(context->get(), type)) {
      if (device.state != CUBEB_DEVICE_STATE_ENABLED || device.device_id == nullptr) continue;
      DeviceInfo info;
      info.direction =
          type == CUBEB_DEVICE_TYPE_INPUT ? DeviceInfo::Direction::input : DeviceInfo::Direction::output;
      info.id = device.device_id;
      info.name = device.friendly_name != nullptr ? device.friendly_name : device.device_id;
      info.preferred = device.preferred != CUBEB_DEVICE_PREF_NONE;
      info.monitor = type == CUBEB_DEVICE_TYPE_INPUT && info.id.ends_with(".monitor");
      devices.push_back(std::move(info));
    }
  }
  return devices;
}

}  // namespace sidetone::media
