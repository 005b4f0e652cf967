// The buttons and lamps of a headset, out of its USB report descriptor (Device Class Definition for HID 1.11
// §6.2.2): which bit of which report is the hook switch, which the mute lamp. Usages are those of the HID
// Usage Tables, Telephony page (0x0B) for buttons and LED page (0x08) for lamps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/expected.h"

namespace sidetone::device {

// Page in the upper half, usage in the lower.
enum class HidUsage : std::uint32_t {
  hook_switch = 0x000b'0020,
  flash = 0x000b'0021,
  drop = 0x000b'0026,
  phone_mute = 0x000b'002f,
  lamp_mute = 0x0008'0009,
  lamp_off_hook = 0x0008'0017,
  lamp_ring = 0x0008'0018,
  lamp_hold = 0x0008'0020,
};

struct HidField {
  HidUsage usage = HidUsage::hook_switch;
  std::uint8_t report_id = 0;
  std::uint32_t bit = 0;  // behind the report's id byte
  std::uint8_t bits = 1;
  bool is_relative = false;  // tells a press, not a state
  // Of an array: the value that means this usage. Of a variable: nothing, and anything but 0 is "on".
  std::optional<std::uint32_t> means;
};

class HidTelephony {
 public:
  // Refuses what is no descriptor, and one without a hook switch: that is no headset with call buttons.
  static Expected<HidTelephony> parse(std::span<const std::uint8_t> descriptor);

  // What an input report says of a button; nothing: it does not carry it. `report` begins with its id where
  // reports have one.
  [[nodiscard]] std::optional<bool> button(HidUsage usage, std::span<const std::uint8_t> report) const;
  [[nodiscard]] bool is_relative(HidUsage usage) const;
  [[nodiscard]] bool has_lamp(HidUsage usage) const;

  struct Lamps {
    bool off_hook = false, mute = false, ring = false, hold = false;
    friend bool operator==(const Lamps&, const Lamps&) = default;
  };
  // All output reports that carry lamps, the id (0: none) in front, as hidapi wants them.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> lamp_reports(const Lamps& lamps) const;

 private:
  friend class HidDescriptorReader;
  bool numbered_ = false;
  std::vector<HidField> buttons_, lamps_;
  struct OutputSize {
    std::uint8_t report_id = 0;
    std::uint32_t bits = 0;
  };
  std::vector<OutputSize> output_sizes_;
};

}  // namespace sidetone::device
