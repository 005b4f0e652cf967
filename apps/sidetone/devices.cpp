#include "command.h"
#include "media/device/device_list.h"

namespace sidetone::app {
namespace {

int list() {
  auto devices = media::list_devices();
  if (!devices) return complain(devices.error());
  if (devices->empty()) {
    fmt::print("No sound device was found. Is a sound server (PipeWire or PulseAudio) running?\n");
    return 0;
  }
  for (const auto& device : *devices)
    fmt::print("{} {:<7} {}{}\n", device.direction == media::DeviceInfo::Direction::input ? "in " : "out",
               device.preferred ? "default" : "", device.name,
               device.id == device.name ? "" : fmt::format("  [{}]", device.id));
  return 0;
}

}  // namespace

void add_devices(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("devices", "list microphones and speakers");
  command->callback([&run] { run = list; });
}

}  // namespace sidetone::app
