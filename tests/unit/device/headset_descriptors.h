// Report descriptors as headsets of different makes have them, written out item by item.
#pragma once

#include <cstdint>
#include <vector>

namespace sidetone::device {

using Bytes = std::vector<std::uint8_t>;

// With report ids; buttons in report 1: hook switch (absolute), mute (relative), flash; lamps in report 2.
inline const Bytes common_headset = {
    0x05, 0x0b,              // Usage Page (Telephony)
    0x09, 0x05,              // Usage (Headset)
    0xa1, 0x01,              // Collection (Application)
    0x85, 0x01,              //   Report ID (1)
    0x15, 0x00,              //   Logical Minimum (0)
    0x25, 0x01,              //   Logical Maximum (1)
    0x75, 0x01,              //   Report Size (1)
    0x95, 0x01,              //   Report Count (1)
    0x09, 0x20,              //   Usage (Hook Switch)
    0x81, 0x22,              //   Input (Variable, Absolute, No Preferred State)
    0x09, 0x2f,              //   Usage (Phone Mute)
    0x81, 0x06,              //   Input (Variable, Relative)
    0x09, 0x21,              //   Usage (Flash)
    0x81, 0x22,              //   Input (Variable, Absolute)
    0x95, 0x05,              //   Report Count (5)
    0x81, 0x03,              //   Input (Constant)
    0x85, 0x02,              //   Report ID (2)
    0x05, 0x08,              //   Usage Page (LED)
    0x95, 0x04,              //   Report Count (4)
    0x09, 0x17,              //   Usage (Off-Hook)
    0x09, 0x09,              //   Usage (Mute)
    0x09, 0x18,              //   Usage (Ring)
    0x09, 0x20,              //   Usage (Hold)
    0x91, 0x22,              //   Output (Variable, Absolute)
    0x95, 0x04, 0x91, 0x03,  // Output (Constant)
    0xc0,                    // End Collection
};

// No report ids; volume keys of the Consumer page in front; mute tells a state; drop; extended usages.
inline const Bytes plain_headset = {
    0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01,                          // Consumer Control
    0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02,              //
    0x09, 0xe9, 0x09, 0xea, 0x81, 0x02,                          // Volume up, down
    0x95, 0x01, 0x0b, 0x20, 0x00, 0x0b, 0x00, 0x81, 0x02,        // Usage (Telephony: Hook Switch)
    0x0b, 0x2f, 0x00, 0x0b, 0x00, 0x81, 0x02,                    // Usage (Telephony: Phone Mute)
    0x0b, 0x26, 0x00, 0x0b, 0x00, 0x81, 0x02,                    // Usage (Telephony: Drop)
    0x95, 0x03, 0x81, 0x01,                                      // Constant
    0x05, 0x08, 0x95, 0x02, 0x09, 0x09, 0x09, 0x17, 0x91, 0x02,  // lamps: Mute, Off-Hook
    0x95, 0x06, 0x91, 0x01,                                      //
    0xc0,
};

// Buttons as an array: one byte holds the number of the button that is pressed.
inline const Bytes array_headset = {
    0x05, 0x0b, 0x09, 0x05, 0xa1, 0x01, 0x15, 0x01, 0x25, 0x02, 0x75,
    0x08, 0x95, 0x01, 0x09, 0x20, 0x09, 0x21, 0x81, 0x00, 0xc0,
};

}  // namespace sidetone::device
