#include <cstdlib>

#include "command.h"
#include "patient_list.h"

namespace sidetone::app {
namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr int hangs = 2;

int list() {
  auto devices = list_devices_within(patience);
  if (!devices && devices.error().fault == Fault::timeout) {
    complain(devices.error());
    std::fflush(nullptr);
    std::_Exit(hangs);
  }
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
  command->footer(
      "Exit code: 0 they were listed, 1 there is no sound server, 2 the sound server does not answer within "
      "5 s.");
  command->callback([&run] { run = list; });
}

}  // namespace sidetone::app
