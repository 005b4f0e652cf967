#include "engine/log/device_dump.h"

#include <fmt/format.h>

#include "engine/log_format.h"

namespace sidetone::engine {
namespace {

std::string marks(const device::Device& device) {
  std::string out;
  if (device.is_default) out += " (default)";
  if (device.is_monitor) out += " (what a speaker plays)";
  return out;
}

void append(std::string& out, std::string_view what, unsigned first,
            const std::vector<device::Device>& devices) {
  for (const auto& device : devices)
    out += fmt::format("\n  {} {:<7} {}{}{}", first++, what, on_one_line(device.name), marks(device),
                       device.id == device.name ? "" : fmt::format("  [{}]", on_one_line(device.id)));
}

}  // namespace

std::string device_dump(const device::DeviceList& devices) {
  std::string out =
      fmt::format("sound devices: {} in, {} out", devices.microphones.size(), devices.speakers.size());
  append(out, "in", 1001, devices.microphones);
  append(out, "out", 2001, devices.speakers);
  unsigned number = 3001;
  for (const auto& microphone : devices.microphones)
    for (const auto& speaker : devices.speakers)
      if (!microphone.group.empty() && microphone.group == speaker.group && !microphone.is_monitor)
        out += fmt::format("\n  {} headset {} : {}", number++, on_one_line(microphone.name),
                           on_one_line(speaker.name));
  return out;
}

}  // namespace sidetone::engine
