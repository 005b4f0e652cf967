// The real thread with a headset of our own: a directory as sysfs has it, and a pseudo terminal as its node.
#include "media/device/hidraw_headset.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <termios.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;
using device::HeadsetAction;

// Hook switch and mute in an input report without id, the off-hook and mute lamps in an output report.
constexpr unsigned char descriptor[] = {0x05, 0x0b, 0x09, 0x05, 0xa1, 0x01, 0x15, 0x00, 0x25, 0x01, 0x75,
                                        0x01, 0x95, 0x01, 0x09, 0x20, 0x81, 0x02, 0x09, 0x2f, 0x81, 0x06,
                                        0x95, 0x06, 0x81, 0x01, 0x05, 0x08, 0x95, 0x02, 0x09, 0x17, 0x09,
                                        0x09, 0x91, 0x02, 0x95, 0x06, 0x91, 0x01, 0xc0};

class HidrawHeadsetTest : public testing::Test {
 protected:
  HidrawHeadsetTest() : folder_(testing::TempDir() + "hidraw_" + std::to_string(::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/dev");
    std::filesystem::create_directories(folder_ + "/class");
  }
  ~HidrawHeadsetTest() override {
    headset_.reset();
    unplug();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    headset_ = std::make_unique<HidrawHeadset>(
        HidrawPlaces{folder_ + "/dev", folder_ + "/class"},
        [this](HeadsetAction action) {
          const std::lock_guard lock(mutex_);
          actions_.push_back(action);
          came_.notify_all();
        },
        log_);
  }
  void plug(const std::string& name, std::span<const unsigned char> bytes) {
    peer_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT_GE(peer_, 0);
    ASSERT_EQ(::grantpt(peer_), 0);
    ASSERT_EQ(::unlockpt(peer_), 0);
    const std::string path = ::ptsname(peer_);
    kept_ = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);  // so that the peer never sees an end
    termios raw{};
    ASSERT_EQ(::tcgetattr(kept_, &raw), 0);
    ::cfmakeraw(&raw);
    ASSERT_EQ(::tcsetattr(kept_, TCSANOW, &raw), 0);
    std::filesystem::remove(folder_ + "/dev/" + name);
    std::filesystem::create_symlink(path, folder_ + "/dev/" + name);
    std::filesystem::create_directories(folder_ + "/class/" + name + "/device");
    std::ofstream(folder_ + "/class/" + name + "/device/report_descriptor", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  void unplug() {
    for (int* end : {&kept_, &peer_})
      if (*end >= 0) ::close(std::exchange(*end, -1));
    std::filesystem::remove_all(folder_ + "/class");
    std::filesystem::create_directories(folder_ + "/class");
  }
  void press(std::uint8_t report) { ASSERT_EQ(::write(peer_, &report, 1), 1); }
  bool has_acted(std::vector<HeadsetAction> wanted) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, 10s, [&] { return actions_ == wanted; });
  }
  // The next lamp report: the id 0 and one byte.
  int lamps() {
    std::uint8_t bytes[2] = {};
    std::size_t count = 0;
    while (count < 2) {
      const auto got = ::read(peer_, bytes + count, 2 - count);
      if (got <= 0) return -1;
      count += static_cast<std::size_t>(got);
    }
    return bytes[0] == 0 ? bytes[1] : -2;
  }

  std::string folder_;
  NullSink log_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<HeadsetAction> actions_;
  int peer_ = -1, kept_ = -1;
  std::unique_ptr<HidrawHeadset> headset_;
};

TEST_F(HidrawHeadsetTest, AnswersMutesAndHangsUp) {
  plug("hidraw3", descriptor);
  start();
  EXPECT_EQ(lamps(), 0);
  headset_->set_calls({.ringing = true});  // this headset has no such lamp, and still gets the report
  EXPECT_EQ(lamps(), 0);
  press(0x01);
  EXPECT_TRUE(has_acted({HeadsetAction::answer}));
  headset_->set_calls({.off_hook = true});
  EXPECT_EQ(lamps(), 1);
  press(0x03);
  EXPECT_TRUE(has_acted({HeadsetAction::answer, HeadsetAction::mute}));
  headset_->set_calls({.off_hook = true, .muted = true});
  EXPECT_EQ(lamps(), 3);
  press(0x00);
  EXPECT_TRUE(has_acted({HeadsetAction::answer, HeadsetAction::mute, HeadsetAction::hang_up}));
  headset_.reset();
  EXPECT_EQ(lamps(), 0) << "no lamp outlives the program";
}

TEST_F(HidrawHeadsetTest, IsFoundWhenItComesAndWhenItComesAgain) {
  start();
  plug("hidraw0", descriptor);
  headset_->look();
  EXPECT_EQ(lamps(), 0);
  unplug();
  plug("hidraw1", descriptor);
  headset_->look();
  EXPECT_EQ(lamps(), 0);
  headset_->set_calls({.ringing = true});
  EXPECT_EQ(lamps(), 0);
  press(0x01);
  EXPECT_TRUE(has_acted({HeadsetAction::answer}));
}

TEST_F(HidrawHeadsetTest, OtherDevicesAndNoneAreLeftAlone) {
  const unsigned char keyboard[] = {0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0};
  plug("hidraw0", keyboard);
  start();
  headset_->set_calls({.ringing = true});
  headset_->look();
  headset_.reset();
  EXPECT_EQ(::fcntl(peer_, F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQ(lamps(), -1) << "nothing was written to it";
}

TEST(HidrawHeadset, NoSuchSystem) {
  NullSink log;
  HidrawHeadset headset({"/nowhere", "/nowhere"}, [](HeadsetAction) {}, log);
  headset.look();
  headset.set_calls({.off_hook = true});
}

}  // namespace
}  // namespace sidetone::media
