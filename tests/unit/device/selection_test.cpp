// "Audio device selection" of the guide, and the options that take part in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/device_policy.h"

namespace sidetone::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Device savi_mic{"savi.in", "Plantronics Savi Mono", "usb1"};
const Device savi_speaker{"savi.out", "Plantronics Savi Stereo", "usb1"};
const Device jabra_mic{"jabra.in", "Headset Microphone (Jabra EVOLVE 20)", "usb2"};
const Device jabra_speaker{"jabra.out", "Headset Earphone (Jabra EVOLVE 20)", "usb2"};
const Device camera_mic{"camera.in", "HD Webcam", "usb3"};
const Device screen{"hdmi.out", "HDMI Screen", "pci1"};
const Device realtek_mic{"pci.in", "Realtek Audio", "pci2"};
const Device realtek_speaker{"pci.out", "Realtek Audio", "pci2"};
const Device jack_mic{"jack.in", "External Mic", ""};
const Device jack_speaker{"jack.out", "Headphones", ""};
const Device monitor{"hdmi.out.monitor", "Monitor of HDMI Screen", "pci1", false, true};

Device as_default(Device device) {
  device.is_default = true;
  return device;
}

std::string id_of(const std::optional<Chosen>& chosen) { return chosen ? chosen->device.id : "-"; }

struct Row {
  std::string_view what;
  DeviceSettings settings;
  DeviceList devices;
  std::string_view microphone, speaker, ringer;
  bool headset_available;
};

DeviceSettings headsets(std::vector<std::string> names) {
  DeviceSettings settings;
  settings.use_headset = true;
  settings.headset_name = std::move(names);
  return settings;
}
DeviceSettings single(std::vector<std::string> in, std::vector<std::string> out) {
  DeviceSettings settings;
  settings.audio_in_device = std::move(in);
  settings.audio_out_device = std::move(out);
  return settings;
}
DeviceSettings including(DeviceSettings settings, std::vector<HeadsetPair> pairs) {
  settings.include_headset = std::move(pairs);
  return settings;
}
DeviceSettings excluding(DeviceSettings settings, std::string pattern) {
  settings.exclude_headset = {std::move(pattern)};
  return settings;
}
DeviceSettings ringing(DeviceSettings settings, std::vector<std::string> names) {
  settings.ringer_device = std::move(names);
  return settings;
}

const DeviceList all{{camera_mic, realtek_mic, jabra_mic, savi_mic, monitor},
                     {screen, realtek_speaker, jabra_speaker, savi_speaker}};
const DeviceList poor{{camera_mic, realtek_mic}, {screen, realtek_speaker}};
const DeviceList jacks{{camera_mic, jack_mic}, {screen, jack_speaker}};

const Row rows[] = {
    // headset_name
    {"headset_name: the first entry that is there", headsets({"Epos", "Plantronics", "Jabra"}), all,
     "savi.in", "savi.out", "hdmi.out", true},
    {"headset_name: order is priority", headsets({"Jabra", "Plantronics"}), all, "jabra.in", "jabra.out",
     "hdmi.out", true},
    {"headset_name: one expression; the sound system's order decides", headsets({"Plantronics|Jabra"}), all,
     "jabra.in", "jabra.out", "hdmi.out", true},
    {"headset_name: a proper name with brackets", headsets({"Headset Microphone (Jabra EVOLVE 20)"}), all,
     "camera.in", "hdmi.out", "hdmi.out", false},
    {"headset_name: the model in brackets", headsets({"(Jabra EVOLVE 20)"}), all, "jabra.in", "jabra.out",
     "hdmi.out", true},
    {"headset_name: * is any headset, but a camera and a screen are none", headsets({"*"}), all, "pci.in",
     "pci.out", "hdmi.out", true},
    {"headset_name: * with no hardware in common",
     headsets({"*"}),
     {{camera_mic}, {screen}},
     "camera.in",
     "hdmi.out",
     "hdmi.out",
     false},
    {"headset_name: none is there: the system's order", headsets({"Epos"}), all, "camera.in", "hdmi.out",
     "hdmi.out", false},
    {"headset_name: empty list", headsets({}), all, "camera.in", "hdmi.out", "hdmi.out", false},
    {"headset_name: the system's default comes first in its order",
     headsets({"Epos"}),
     {{camera_mic, as_default(realtek_mic)}, {screen, as_default(realtek_speaker)}},
     "pci.in",
     "pci.out",
     "pci.out",
     false},
    {"headset_name: a loopback is never a headset's microphone",
     headsets({"HDMI"}),
     {{monitor}, {screen}},
     "-",
     "hdmi.out",
     "hdmi.out",
     false},
    {"headset_name: audio_in_device and audio_out_device are ignored",
     [] {
       auto settings = headsets({"Epos"});
       settings.audio_in_device = {"Jabra"};
       settings.audio_out_device = {"Jabra"};
       return settings;
     }(),
     all, "camera.in", "hdmi.out", "hdmi.out", false},
    // include_headset
    {"include_headset: a pair is a headset", including(headsets({}), {{"External Mic", "Headphones"}}), jacks,
     "jack.in", "jack.out", "hdmi.out", true},
    {"include_headset: parts of names", including(headsets({}), {{"external", "phones"}}), jacks, "jack.in",
     "jack.out", "hdmi.out", true},
    {"include_headset: one of the pair is missing", including(headsets({}), {{"External Mic", "Epos"}}),
     jacks, "camera.in", "hdmi.out", "hdmi.out", false},
    {"include_headset: behind a listed headset", including(headsets({"Jabra"}), {{"Webcam", "HDMI"}}), all,
     "jabra.in", "jabra.out", "hdmi.out", true},
    {"include_headset: with the priority of the entry that names it",
     including(headsets({"HDMI", "Jabra"}), {{"Webcam", "HDMI"}}), all, "camera.in", "hdmi.out", "hdmi.out",
     true},
    {"include_headset: the second pair", including(headsets({}), {{"Epos", "Epos"}, {"Webcam", "HDMI"}}), all,
     "camera.in", "hdmi.out", "hdmi.out", true},
    {"include_headset: acts only with use_headset=1",
     including(single({}, {}), {{"External Mic", "Headphones"}}), jacks, "camera.in", "hdmi.out", "hdmi.out",
     false},
    // exclude_headset
    {"exclude_headset: not recognised as a headset", excluding(headsets({"*"}), "Realtek"), poor, "camera.in",
     "hdmi.out", "hdmi.out", false},
    {"exclude_headset: its parts are the last resort",
     excluding(headsets({"*"}), "Realtek"),
     {{realtek_mic}, {realtek_speaker}},
     "pci.in",
     "pci.out",
     "pci.out",
     false},
    {"exclude_headset: though it is listed by name", excluding(headsets({"Realtek", "Jabra"}), "realtek"),
     all, "jabra.in", "jabra.out", "hdmi.out", true},
    {"exclude_headset: not in a pair either",
     excluding(including(headsets({}), {{"Realtek", "HDMI"}}), "Realtek"), poor, "camera.in", "hdmi.out",
     "hdmi.out", false},
    {"exclude_headset: nothing to do with use_headset=0", excluding(single({}, {}), "Webcam|HDMI"), poor,
     "camera.in", "hdmi.out", "hdmi.out", false},
    // audio_in_device, audio_out_device
    {"audio_in_device, audio_out_device: first match of the best pattern",
     single({"Epos", "Realtek", "Webcam"}, {"Jabra|Plantronics"}), all, "pci.in", "jabra.out", "hdmi.out",
     false},
    {"audio_in_device alone: the speaker by order", single({"Plantronics"}, {}), all, "savi.in", "hdmi.out",
     "hdmi.out", false},
    {"audio_in_device: without a match the first", single({"Epos"}, {"Epos"}), all, "camera.in", "hdmi.out",
     "hdmi.out", false},
    {"audio_in_device: headset_name is not looked at",
     [] {
       auto settings = headsets({"Jabra"});
       settings.use_headset = false;
       return settings;
     }(),
     all, "camera.in", "hdmi.out", "hdmi.out", false},
    {"audio_in_device: a loopback by its very name", single({"Monitor of HDMI Screen"}, {}), all,
     "hdmi.out.monitor", "hdmi.out", "hdmi.out", false},
    {"audio_in_device: a loopback by a part of its name: no", single({"Monitor"}, {}), all, "camera.in",
     "hdmi.out", "hdmi.out", false},
    {"audio_out_device: by id", single({}, {"savi.out"}), all, "camera.in", "savi.out", "hdmi.out", false},
    // ringer_device
    {"ringer_device: by name", ringing(headsets({"Jabra"}), {"Epos", "Realtek"}), all, "jabra.in",
     "jabra.out", "pci.out", true},
    {"ringer_device: by expression, with use_headset=0", ringing(single({}, {}), {"^Plan.*Stereo$"}), all,
     "camera.in", "hdmi.out", "savi.out", false},
    {"ringer_device: none there: the system's", ringing(single({}, {}), {"Epos"}), poor, "camera.in",
     "hdmi.out", "hdmi.out", false},
};

TEST(Selection, FollowsTheRules) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    DevicePolicy policy(row.settings);
    policy.set_devices(row.devices);
    EXPECT_EQ(id_of(policy.route().microphone), row.microphone);
    EXPECT_EQ(id_of(policy.route().speaker), row.speaker);
    EXPECT_EQ(id_of(policy.route().ringer), row.ringer);
    EXPECT_EQ(policy.headset_available(), row.headset_available);
    EXPECT_THAT(policy.take_warnings(), ElementsAre());
  }
}

TEST(Selection, IsDoneAnewWheneverADeviceComesOrGoes) {
  DevicePolicy policy(headsets({"Plantronics", "Jabra"}));
  EXPECT_TRUE(policy.set_devices(poor));
  EXPECT_FALSE(policy.headset_available());
  EXPECT_FALSE(policy.set_devices(poor)) << "nothing has changed";
  auto devices = poor;
  devices.microphones.push_back(jabra_mic);
  EXPECT_FALSE(policy.set_devices(devices)) << "half a headset";
  devices.speakers.push_back(jabra_speaker);
  EXPECT_TRUE(policy.set_devices(devices));
  EXPECT_TRUE(policy.headset_available());
  EXPECT_EQ(policy.route().microphone->by, ChosenBy::headset_name);
  devices.microphones.push_back(savi_mic);
  devices.speakers.push_back(savi_speaker);
  EXPECT_TRUE(policy.set_devices(devices)) << "a better one came";
  EXPECT_EQ(id_of(policy.route().microphone), "savi.in");
  EXPECT_TRUE(policy.set_devices({}));
  EXPECT_EQ(policy.route(), Route{});
}

TEST(Selection, ByHandWinsWhileItIsThereAndMakesNoHeadset) {
  DevicePolicy policy(headsets({"Jabra"}));
  policy.set_devices(all);
  EXPECT_TRUE(policy.choose({"camera.in", ""}));
  EXPECT_EQ(id_of(policy.route().microphone), "camera.in");
  EXPECT_EQ(policy.route().microphone->by, ChosenBy::hand);
  EXPECT_EQ(id_of(policy.route().speaker), "jabra.out");
  EXPECT_TRUE(policy.headset_available()) << "it is there, whatever is used";
  auto devices = all;
  devices.microphones.erase(devices.microphones.begin());
  EXPECT_TRUE(policy.set_devices(devices));
  EXPECT_EQ(id_of(policy.route().microphone), "jabra.in");
  EXPECT_TRUE(policy.set_devices(all));
  EXPECT_EQ(id_of(policy.route().microphone), "camera.in");
  EXPECT_TRUE(policy.choose({}));
  EXPECT_EQ(id_of(policy.route().microphone), "jabra.in");
  policy.set_devices(poor);
  policy.choose({"pci.in", "pci.out"});
  EXPECT_FALSE(policy.headset_available());
}

TEST(Selection, AnUnusableDeviceIsPassedOverUntilItIsPluggedInAgain) {
  DevicePolicy policy(headsets({"Jabra", "Plantronics"}));
  policy.set_devices(all);
  EXPECT_TRUE(policy.set_unusable("jabra.in"));
  EXPECT_EQ(id_of(policy.route().microphone), "savi.in");
  EXPECT_EQ(id_of(policy.route().speaker), "savi.out");
  EXPECT_FALSE(policy.set_devices(all));
  EXPECT_TRUE(policy.set_devices(poor));
  EXPECT_TRUE(policy.set_devices(all));
  EXPECT_EQ(id_of(policy.route().microphone), "jabra.in");
  EXPECT_FALSE(policy.set_unusable("no such device"));
}

TEST(Selection, WarnsOfPatternsThatAreNone) {
  DeviceSettings settings = headsets({"Jabra (", "(a+)+$b"});
  DevicePolicy policy(settings);
  policy.set_devices({{{"1", std::string(100, 'a'), ""}}, {{"2", std::string(100, 'a'), ""}}});
  EXPECT_THAT(policy.take_warnings(),
              ElementsAre("policy.device.headset_name: 'Jabra (' is no regular expression",
                          HasSubstr("policy.device.headset_name: '(a+)+$b' takes too many steps")));
  EXPECT_THAT(policy.take_warnings(), ElementsAre()) << "once";
  EXPECT_FALSE(policy.headset_available());
}

TEST(Selection, FilesTakeADevicesPlace) {
  DeviceSettings settings;
  settings.microphone_needed = false;
  DevicePolicy policy(settings);
  policy.set_devices({{}, {screen}});
  EXPECT_EQ(policy.should_answer(true).answer, ShouldAnswer::yes);
  policy.set_devices({{camera_mic}, {}});
  EXPECT_EQ(policy.should_answer(true).answer, ShouldAnswer::unknown);
}

TEST(Selection, MoreThanAMachineHasIsNotLookedAt) {
  DeviceList devices;
  for (int i = 0; i < 5000; ++i) {
    devices.microphones.push_back({"in" + std::to_string(i), "Mic", "", i == 4000});
    devices.speakers.push_back({"out" + std::to_string(i), "Speaker", ""});
  }
  DeviceSettings settings = headsets(std::vector<std::string>(5000, "Epos"));
  DevicePolicy policy(settings);
  policy.set_devices(devices);
  EXPECT_EQ(policy.devices().microphones.size(), 128u);
  EXPECT_THAT(policy.take_warnings(),
              ElementsAre("policy.device.headset_name: only the first 64 names are used"));
}

}  // namespace
}  // namespace sidetone::device
