#include "device/device_use.h"

#include <gtest/gtest.h>

namespace sidetone::device {
namespace {

using namespace std::chrono_literals;

TEST(DeviceUse, DeferDeviceReleaseKeepsDevicesOpenForAQuickRestart) {
  const Time begin{};
  DeviceUse use({200ms, false, false});
  EXPECT_FALSE(use.microphone() || use.speaker());
  use.set_calls(true, begin);
  EXPECT_TRUE(use.microphone() && use.speaker());
  EXPECT_FALSE(use.deadline());
  use.set_calls(false, begin + 1s);
  EXPECT_TRUE(use.microphone() && use.speaker());
  ASSERT_TRUE(use.deadline());
  EXPECT_EQ(use.deadline()->when, begin + 1200ms);
  use.on_time(begin + 1199ms);
  EXPECT_TRUE(use.microphone());
  use.set_calls(true, begin + 1199ms);  // the quick restart
  use.on_time(begin + 5s);
  EXPECT_TRUE(use.microphone());
  use.set_calls(false, begin + 5s);
  use.on_time(begin + 5200ms);
  EXPECT_FALSE(use.microphone() || use.speaker());
  EXPECT_FALSE(use.deadline());
}

TEST(DeviceUse, DeferDeviceRelease0ClosesAtOnce) {
  DeviceUse use({0ms, false, false});
  use.set_calls(true, Time{});
  use.set_calls(false, Time{1s});
  EXPECT_FALSE(use.microphone() || use.speaker());
  EXPECT_FALSE(use.deadline());
}

TEST(DeviceUse, WebrtcAudioLayerKeepsChannels) {
  const struct {
    bool keep_microphone, keep_speaker;
  } rows[] = {{true, false}, {false, true}, {true, true}};  // 1000, 2000, 3000
  for (const auto& row : rows) {
    DeviceUse use({0ms, row.keep_microphone, row.keep_speaker});
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(use.microphone(), row.keep_microphone);
      EXPECT_EQ(use.speaker(), row.keep_speaker);
      use.set_calls(true, Time{});
      EXPECT_TRUE(use.microphone() && use.speaker());
      use.set_calls(false, Time{});
    }
  }
}

}  // namespace
}  // namespace sidetone::device
