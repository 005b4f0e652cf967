// The real thread with its real clock, over real sockets on loopback: short, and waiting for conditions only.
#include "media/media_thread.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "media/sound.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

class UdpPair final : public PacketPort {
 public:
  UdpPair() {
    for (auto& socket : sockets_) {
      socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      sockaddr_in name{};
      name.sin_family = AF_INET;
      name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    }
  }
  ~UdpPair() override {
    for (const int socket : sockets_) ::close(socket);
  }
  [[nodiscard]] Address address(bool rtcp) const {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    ::getsockname(sockets_[rtcp ? 1 : 0], reinterpret_cast<sockaddr*>(&name), &size);
    return {IpAddress::loopback_v4(), ntohs(name.sin_port)};
  }
  [[nodiscard]] std::uint16_t rtp_port() const override { return address(false).port; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return sockets_; }
  std::span<const PacketIn> receive(PacketBatch&, ReadablePorts) override {
    std::size_t count = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      while (count < places_.size()) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto got = ::recvfrom(sockets_[i], places_[count].data(), places_[count].size(), 0,
                                    reinterpret_cast<sockaddr*>(&from), &size);
        if (got < 0) break;
        packets_[count] = {std::span(places_[count]).first(static_cast<std::size_t>(got)),
                           Address{IpAddress::loopback_v4(), ntohs(from.sin_port)}, i == 1};
        ++count;
      }
    }
    return std::span(packets_).first(count);
  }
  void send(std::span<const PacketOut> packets) override {
    for (const auto& packet : packets) {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(packet.to.port);
      std::memcpy(&to.sin_addr, packet.to.ip.bytes.data(), 4);
      ::sendto(sockets_[packet.rtcp ? 1 : 0], packet.bytes.data(), packet.bytes.size(), 0,
               reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
  }
  [[nodiscard]] std::uint64_t send_failures() const override { return 0; }

 private:
  std::array<int, 2> sockets_{};
  std::array<std::array<std::uint8_t, 1500>, 16> places_{};
  std::array<PacketIn, 16> packets_{};
};

codec::MediaPlan plan_to(const UdpPair& peer) {
  codec::MediaPlan plan;
  plan.send = plan.receive = true;
  plan.remote_rtp = peer.address(false);
  plan.remote_rtcp = peer.address(true);
  plan.receive_formats = {plan.send_format};
  plan.send_events = codec::AudioFormat{codec::AudioCodec::telephone_event, 101, {}};
  plan.receive_events = plan.send_events;
  return plan;
}

std::ptrdiff_t thread_count() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

class LoopbackCall : public testing::Test {
 protected:
  LoopbackCall() {
    auto first = std::make_unique<UdpPair>(), second = std::make_unique<UdpPair>();
    const auto plan_1 = plan_to(*second), plan_2 = plan_to(*first);
    media.open(one, std::move(first), {1, 1, 1, {}});
    media.open(two, std::move(second), {2, 1, 1, {}});
    media.apply(one, plan_1);
    media.apply(two, plan_2);
  }
  ~LoopbackCall() override { std::filesystem::remove(path); }

  void notify() {
    ++notified;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(stall_ms.exchange(0));
    while (std::chrono::steady_clock::now() < end) {
    }
  }

  template <typename Condition>
  bool wait_for(const Condition& condition, std::chrono::milliseconds limit = 8s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      while (auto event = media.poll_event()) events.push_back(std::move(*event));
      if (condition()) return true;
      std::this_thread::yield();
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  [[nodiscard]] std::string digits_of(MediaId id) const {
    std::string digits;
    for (const auto& event : events)
      if (const auto* stream = std::get_if<StreamEvent>(&event.what))
        if (event.id == id && stream->kind == StreamEvent::Kind::dtmf) digits += stream->digit;
    return digits;
  }
  template <typename What>
  [[nodiscard]] const What* find(MediaId id) const {
    for (const auto& event : events)
      if (event.id == id)
        if (const auto* what = std::get_if<What>(&event.what)) return what;
    return nullptr;
  }

  const std::ptrdiff_t threads_before = thread_count();  // a sanitizer may have one of its own
  const std::string path =
      testing::TempDir() + "sidetone_media_thread_" + std::to_string(::getpid()) + ".wav";
  NullSink log;
  std::atomic<int> notified{0};
  std::atomic<int> stall_ms{0};  // once, on the media thread
  MediaThread media{{"agent@test", 0}, [this] { notify(); }, log};
  const MediaId one{1}, two{2};
  std::vector<MediaEvent> events;
};

TEST_F(LoopbackCall, ToneIsRecordedDigitsArriveAndTheEndIsTold) {
  media.set_source(one, FromTone{440});
  media.set_source(two, FromEcho{});
  media.set_sink(one, ToFile{path});
  ASSERT_TRUE(wait_for([&] { return media.statistics(one).frames_normal > 30; }));
  media.send_dtmf(one, "42", 60ms, 40ms);
  ASSERT_TRUE(wait_for([&] { return digits_of(two) == "42"; })) << digits_of(two);
  EXPECT_GT(notified, 0);
  media.close(one);
  media.close(two);
  ASSERT_TRUE(wait_for([&] { return find<StreamStatistics>(one) && find<StreamStatistics>(two); }));
  EXPECT_GT(find<StreamStatistics>(one)->packets_received, 15u);
  EXPECT_EQ(find<StreamStatistics>(two)->foreign_packets, 0u);
  EXPECT_EQ(media.statistics(one).packets_received, 0u) << "closed ids are forgotten";
  const auto recorded = read_sound_file(path);
  ASSERT_TRUE(recorded) << describe(recorded.error());
  EXPECT_GT(*std::max_element(recorded->samples.begin(), recorded->samples.end()), 5000);
}

TEST_F(LoopbackCall, TicksThatComeLateAreCounted) {
  ASSERT_TRUE(wait_for([&] { return media.tick_figures().ticks > 20; }));
  const auto before = media.tick_figures();
  stall_ms = 45;
  media.send_dtmf(one, "?", 60ms, 40ms);  // an error, which is told
  ASSERT_TRUE(wait_for([&] { return media.tick_figures().late > before.late + 1; }));
  EXPECT_GE(media.tick_figures().latest, 20ms);
  const auto late = media.tick_figures();
  stall_ms = 250;
  media.send_dtmf(one, "?", 60ms, 40ms);
  ASSERT_TRUE(wait_for([&] { return media.tick_figures().skipped > late.skipped + 10; }))
      << "after so long a stall the sound goes on from now";
}

TEST_F(LoopbackCall, ThreadEndsWithTheLastCallAndStartsAnew) {
  ASSERT_TRUE(wait_for([&] { return media.statistics(two).packets_received > 5; }));
  media.close(one);
  media.close(two);
  ASSERT_TRUE(wait_for([&] { return find<StreamStatistics>(two) != nullptr; }));
  ASSERT_TRUE(wait_for([&] { return thread_count() == threads_before; }));
  auto port = std::make_unique<UdpPair>(), peer = std::make_unique<UdpPair>();
  const MediaId three{3};
  const auto plan = plan_to(*peer);
  media.open(three, std::move(port), {3, 1, 1, {}});
  media.apply(three, plan);
  ASSERT_TRUE(wait_for([&] { return media.statistics(three).packets_sent > 2; }));
}

TEST_F(LoopbackCall, ErrorsNameTheCall) {
  media.set_source(one, FromFile{"/nowhere/at/all.wav"});
  ASSERT_TRUE(wait_for([&] { return find<Error>(one) != nullptr; }));
  EXPECT_NE(find<Error>(one)->text.find("/nowhere/at/all.wav"), std::string::npos);
  media.send_dtmf(two, "x", 60ms, 40ms);
  ASSERT_TRUE(wait_for([&] { return find<Error>(two) != nullptr; }));
}

// audio_qos: the type of service that packets of both ports come with.
TEST(MediaThread, PacketsAreMarkedAsAudioQosSays) {
  for (const int dscp : {0, 46}) {
    NullSink log;
    MediaThread media({"agent@test", dscp}, {}, log);
    auto port = std::make_unique<UdpPair>(), peer = std::make_unique<UdpPair>();
    for (const int socket : peer->descriptors()) {
      const int on = 1;
      ASSERT_EQ(::setsockopt(socket, IPPROTO_IP, IP_RECVTOS, &on, sizeof on), 0);
    }
    const auto plan = plan_to(*peer);
    media.open(MediaId{1}, std::move(port), {1, 1, 1, {}});
    media.apply(MediaId{1}, plan);
    media.set_source(MediaId{1}, FromTone{440});
    pollfd waiting[] = {{peer->descriptors()[0], POLLIN, 0}};
    ASSERT_EQ(::poll(waiting, 1, 8000), 1);
    media.close(MediaId{1});  // RTCP BYE
    waiting[0].fd = peer->descriptors()[1];
    ASSERT_EQ(::poll(waiting, 1, 8000), 1);
    for (const int socket : peer->descriptors()) {
      std::array<char, 2000> bytes;
      alignas(cmsghdr) std::array<char, 100> control;
      iovec place{bytes.data(), bytes.size()};
      msghdr message{};
      message.msg_iov = &place;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      ASSERT_GT(::recvmsg(socket, &message, 0), 0);
      const auto* header = CMSG_FIRSTHDR(&message);
      ASSERT_TRUE(header != nullptr && header->cmsg_type == IP_TOS);
      EXPECT_EQ(*CMSG_DATA(header), dscp << 2);
    }
  }
}

TEST(MediaThread, EndsWithoutACall) {
  NullSink log;
  MediaThread media({"agent@test", 0}, {}, log);
  media.close(MediaId{7});
  media.play_tone(0, 1, {{"", {{}, {}, ringing_tone()}}}, false);
  EXPECT_FALSE(media.poll_event());
}

TEST_F(LoopbackCall, ATonePlaysAndEndsWithoutEverBeingSaid) {
  media.set_sink(two, ToFile{path});
  media.set_source(one, FromMicrophone{});
  media.play_tone(0, 41, {{"", {{}, {}, ringing_tone()}}}, true);
  ASSERT_TRUE(wait_for([&] { return find<ToneEnded>(MediaId{}) != nullptr; }));
  EXPECT_EQ(find<ToneEnded>(MediaId{})->order, 41u);
  ASSERT_TRUE(wait_for([&] { return media.statistics(two).frames_normal > 30; }));
  media.close(one);
  media.close(two);
  ASSERT_TRUE(wait_for([&] { return find<StreamStatistics>(two) != nullptr; }));
  const auto recorded = read_sound_file(path);
  ASSERT_TRUE(recorded);
  EXPECT_GT(recorded->samples.size(), 48000u);
  EXPECT_LT(*std::max_element(recorded->samples.begin(), recorded->samples.end()), 10)
      << "the far end hears nothing of the ringtone";
}

TEST_F(LoopbackCall, ARingerWithoutSoundSystemIsTold) {
  media.play_tone(0, 42, {{"no such device", {{}, {}, ringing_tone()}}}, false);
  ASSERT_TRUE(wait_for([&] { return find<ToneFailed>(MediaId{}) != nullptr; }));
  EXPECT_EQ(find<ToneFailed>(MediaId{})->order, 42u);
  EXPECT_EQ(find<ToneFailed>(MediaId{})->device, "no such device");
  EXPECT_FALSE(find<ToneFailed>(MediaId{})->error.text.empty());
}

TEST(MediaThread, NoSoundSystemIsToldAndTheCallGoesOn) {
  NullSink log;
  MediaThread media({"agent@test", 0}, {}, log);
  media.set_device({DeviceChoice::Kind::cubeb, "no such input", "no such output"});
  auto port = std::make_unique<UdpPair>(), peer = std::make_unique<UdpPair>();
  const auto plan = plan_to(*peer);
  media.open(MediaId{1}, std::move(port), {1, 1, 1, {}});
  media.apply(MediaId{1}, plan);
  std::optional<MediaEvent> event;
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < end &&
         !(event && media.statistics(MediaId{1}).packets_sent > 3)) {
    if (!event) event = media.poll_event();
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_TRUE(event);
  const auto* failed = std::get_if<DeviceFailed>(&event->what);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->input, "no such input");
  EXPECT_EQ(failed->output, "no such output");
  EXPECT_EQ(failed->error.layer, Layer::device);
  EXPECT_FALSE(failed->error.remedy.empty());
  EXPECT_GT(media.statistics(MediaId{1}).packets_sent, 3u);
}

}  // namespace
}  // namespace sidetone::media
