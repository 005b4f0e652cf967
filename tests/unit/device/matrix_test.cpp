// The guide's page "Combinations of settings", cell by cell: what is chosen, whether an incoming call is
// answered, and whether one may be made.
#include <gtest/gtest.h>

#include "device/device_policy.h"

namespace sidetone::device {
namespace {

const Device jabra_mic{"jabra.in", "Jabra EVOLVE 20 Mono", "usb1"};
const Device jabra_speaker{"jabra.out", "Jabra EVOLVE 20 Stereo", "usb1"};
const Device built_in_mic{"pci.in", "Built-in Audio", "pci"};
const Device built_in_speaker{"pci.out", "Built-in Audio", "pci"};
const Device monitor{"pci.out.monitor", "Monitor of Built-in Audio", "pci", false, true};

const DeviceList with_headset{{monitor, built_in_mic, jabra_mic}, {built_in_speaker, jabra_speaker}};
const DeviceList without_headset{{monitor, built_in_mic}, {built_in_speaker}};
const DeviceList half_headset{{monitor, built_in_mic}, {built_in_speaker, jabra_speaker}};
const DeviceList without_microphone{{monitor}, {built_in_speaker}};
const DeviceList without_speaker{{built_in_mic}, {}};
const DeviceList nothing{};

constexpr auto yes = ShouldAnswer::yes, unknown = ShouldAnswer::unknown, no = ShouldAnswer::no;

struct Cell {
  std::string_view what;  // the guide's words
  const DeviceList& devices;
  bool use_headset, auto_answer, reject_session_when_headset_na;
  std::string_view microphone, speaker;  // ids; empty: none
  bool headset_available;
  ShouldAnswer answer;
  bool may_call;
  std::string_view reason;
};

const Cell cells[] = {
    // use_headset=1, Headset is Available
    {"available, auto_answer=1: answered automatically, outgoing possible", with_headset, true, true, false,
     "jabra.in", "jabra.out", true, yes, true, ""},
    {"available, auto_answer=0: answered manually", with_headset, true, false, false, "jabra.in", "jabra.out",
     true, unknown, true, ""},
    {"available, auto_answer=1, reject=1: rejection does not apply", with_headset, true, true, true,
     "jabra.in", "jabra.out", true, yes, true, ""},
    {"available, auto_answer=0, reject=1: rejection does not apply", with_headset, true, false, true,
     "jabra.in", "jabra.out", true, unknown, true, ""},
    // use_headset=1, Headset is Not Available: a device is still assigned
    {"not available, reject=1: rejected, outgoing blocked", without_headset, true, false, true, "pci.in",
     "pci.out", false, no, false, "no headset"},
    {"not available, reject=1, auto_answer=1: auto_answer is not used", without_headset, true, true, true,
     "pci.in", "pci.out", false, no, false, "no headset"},
    {"not available, reject=0: manually, outgoing possible", without_headset, true, false, false, "pci.in",
     "pci.out", false, unknown, true, "no headset"},
    {"not available, reject=0, auto_answer=1: auto_answer is not used", without_headset, true, true, false,
     "pci.in", "pci.out", false, unknown, true, "no headset"},
    {"not available, nothing there at all, reject=1", nothing, true, true, true, "", "", false, no, false,
     "no headset"},
    {"not available, nothing there at all, reject=0", nothing, true, true, false, "", "", false, unknown,
     true, "no headset"},
    {"a headset needs both sides: its speaker alone is a fallback device", half_headset, true, true, true,
     "pci.in", "pci.out", false, no, false, "no headset"},
    // use_headset=0, Both microphone and speaker are available
    {"both, auto_answer=1: answered automatically", without_headset, false, true, false, "pci.in", "pci.out",
     false, yes, true, ""},
    {"both, auto_answer=0: answered manually", without_headset, false, false, false, "pci.in", "pci.out",
     false, unknown, true, ""},
    {"both, reject=1: not used", without_headset, false, true, true, "pci.in", "pci.out", false, yes, true,
     ""},
    // use_headset=0, Either microphone or speaker is not available
    {"no microphone, auto_answer=1: not used; a loopback is no microphone", without_microphone, false, true,
     false, "", "pci.out", false, unknown, true, "no usable microphone"},
    {"no speaker, auto_answer=1: not used", without_speaker, false, true, false, "pci.in", "", false, unknown,
     true, "no usable speaker"},
    {"no microphone, auto_answer=0: manually, outgoing possible", without_microphone, false, false, false, "",
     "pci.out", false, unknown, true, "no usable microphone"},
    {"no speaker, reject=1: not used, manually, outgoing possible", without_speaker, false, true, true,
     "pci.in", "", false, unknown, true, "no usable speaker"},
    {"neither, reject=1: not used, manually, outgoing possible", nothing, false, true, true, "", "", false,
     unknown, true, "no usable microphone and no usable speaker"},
};

std::string id_of(const std::optional<Chosen>& chosen) { return chosen ? chosen->device.id : std::string(); }

TEST(Matrix, EveryCellOfTheGuide) {
  for (const auto& cell : cells) {
    SCOPED_TRACE(cell.what);
    DeviceSettings settings;
    settings.use_headset = cell.use_headset;
    settings.headset_name = {"Plantronics", "Jabra EVOLVE"};
    settings.reject_session_when_headset_na = cell.reject_session_when_headset_na;
    DevicePolicy policy(settings);
    policy.set_devices(cell.devices);
    EXPECT_EQ(id_of(policy.route().microphone), cell.microphone);
    EXPECT_EQ(id_of(policy.route().speaker), cell.speaker);
    EXPECT_EQ(policy.headset_available(), cell.headset_available);
    const auto verdict = policy.should_answer(cell.auto_answer);
    EXPECT_EQ(verdict.answer, cell.answer);
    EXPECT_EQ(verdict.reason.empty(), cell.reason.empty()) << verdict.reason;
    EXPECT_NE(verdict.reason.find(cell.reason), std::string::npos) << verdict.reason;
    EXPECT_EQ(policy.may_call().may_call, cell.may_call);
    EXPECT_EQ(policy.may_call().reason.empty(), cell.may_call);
  }
}

// All 32 combinations against the rules as the guide's text states them (not as its table does).
TEST(Matrix, AgreesWithTheRules) {
  for (unsigned bits = 0; bits < 32; ++bits) {
    SCOPED_TRACE(bits);
    const bool use_headset = bits & 1, reject = bits & 2, auto_answer = bits & 4, headset = bits & 8,
               built_in = bits & 16;
    DeviceSettings settings;
    settings.use_headset = use_headset;
    settings.headset_name = {"Jabra"};
    settings.reject_session_when_headset_na = reject;
    DeviceList devices;
    if (built_in) devices = without_headset;
    if (headset) {
      devices.microphones.push_back(jabra_mic);
      devices.speakers.push_back(jabra_speaker);
    }
    DevicePolicy policy(settings);
    policy.set_devices(devices);
    const bool rejected = use_headset && reject && !headset;
    const bool blocked = (use_headset && !headset && !reject) || (!use_headset && !headset && !built_in);
    const auto wanted = rejected ? no : auto_answer && !blocked ? yes : unknown;
    EXPECT_EQ(policy.should_answer(auto_answer).answer, wanted);
    EXPECT_EQ(policy.may_call().may_call, !rejected);
  }
}

}  // namespace
}  // namespace sidetone::device
