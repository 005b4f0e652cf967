// Two phones of the public API call each other, as a program on the SDK has it.
#include "sidetone/endpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "media/sound.h"
#include "ports/free_port.h"

namespace sidetone {
namespace {

using namespace std::chrono_literals;
using test::free_port;

constexpr double tone_hz = 440;

std::string tone_file() {
  const auto path =
      std::filesystem::temp_directory_path() / ("endpoint-tone-" + std::to_string(::getpid()) + ".wav");
  auto writer = media::WaveWriter::create(path.string(), 8000);
  EXPECT_TRUE(writer);
  std::vector<std::int16_t> samples(8000);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * tone_hz * static_cast<double>(i) / 8000));
  EXPECT_TRUE((*writer)->write(samples));
  return path.string();
}

// The share of the tone in 100 ms: about 8000 when it is all that sounds, 0 in silence.
double tone_in(const std::vector<std::int16_t>& samples) {
  double re = 0, im = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double angle = 2 * 3.14159265 * tone_hz * static_cast<double>(i) / 48000;
    re += samples[i] * std::cos(angle);
    im += samples[i] * std::sin(angle);
  }
  return 2 * std::hypot(re, im) / static_cast<double>(samples.size());
}

EndpointSettings phone(std::string user, std::uint16_t port, std::uint16_t other_port) {
  EndpointSettings settings;
  settings.lines.push_back(
      {.user = std::move(user), .server = "127.0.0.1:" + std::to_string(other_port), .register_expires = 0s});
  settings.audio.kind = AudioSettings::Kind::none;
  settings.public_address = "127.0.0.1";
  settings.sip_port_min = settings.sip_port_max = port;
  settings.rtp_port_min = 32000;
  settings.rtp_port_max = 32999;
  settings.codecs = "pcmu";
  settings.trusted_peers = {"any"};
  settings.ringing_enabled = 0;
  settings.ringback_enabled = 0;
  return settings;
}

class TwoEndpoints : public testing::Test {
 protected:
  ~TwoEndpoints() override { std::filesystem::remove(file_); }

  template <typename Wanted, typename Accepts>
  std::optional<Wanted> wait_for(Endpoint& endpoint, const Accepts& accepts) {
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;)
      if (const auto event = endpoint.wait_event(100ms))
        if (const auto* found = std::get_if<Wanted>(&*event); found != nullptr && accepts(*found))
          return *found;
    return std::nullopt;
  }
  CallId connected(Endpoint& endpoint) {
    const auto changed = wait_for<CallChanged>(
        endpoint, [](const CallChanged& event) { return event.call.state == CallState::connected; });
    EXPECT_TRUE(changed);
    return changed ? changed->call.call : CallId{};
  }
  // Reads until 100 ms in a row are as wanted.
  template <typename Side, typename Wanted>
  bool hears(AudioTap& tap, const Side& side, const Wanted& wanted) {
    std::vector<std::int16_t> last;
    AudioFrame frame;
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
      if (!tap.read(frame)) {
        std::this_thread::sleep_for(1ms);
        continue;
      }
      const auto& samples = side(frame);
      last.insert(last.end(), samples.begin(), samples.end());
      if (last.size() < 4800) continue;
      if (wanted(tone_in(last))) return true;
      last.clear();
    }
    return false;
  }

  const std::string file_ = tone_file();
};

TEST_F(TwoEndpoints, ATapHearsBothSidesUntilTheCallEnds) {
  const auto caller_port = free_port(), called_port = free_port();
  auto caller_settings = phone("7001", caller_port, called_port);
  caller_settings.audio.input_file = file_;
  auto called_settings = phone("7002", called_port, caller_port);
  called_settings.auto_answer = true;
  called_settings.auto_answer_delay = 0ms;
  Endpoint caller(caller_settings), called(called_settings);
  for (auto* endpoint : {&called, &caller}) {
    const auto problem = endpoint->start();
    ASSERT_FALSE(problem) << problem->text;
  }
  caller.post(Dial{.target = "7002"});
  const auto ours = connected(caller), theirs = connected(called);
  const auto tap = caller.tap(ours), far_tap = called.tap(theirs);
  ASSERT_TRUE(tap && far_tap);
  const auto said = [](const AudioFrame& frame) { return frame.said; };
  const auto heard = [](const AudioFrame& frame) { return frame.heard; };
  const auto loud = [](double tone) { return tone > 4000; };
  const auto silent = [](double tone) { return tone < 1; };
  EXPECT_TRUE(hears(*tap, said, loud));
  EXPECT_TRUE(hears(*far_tap, heard, loud));
  EXPECT_TRUE(hears(*tap, heard, silent)) << "the far end says nothing";
  caller.post(Mute{ours, true});
  EXPECT_TRUE(hears(*tap, said, silent));
  EXPECT_TRUE(hears(*far_tap, heard, silent));
  caller.post(Mute{ours, false});
  EXPECT_TRUE(hears(*far_tap, heard, loud));
  const auto later = caller.tap(ours);  // takes the place of the former
  EXPECT_TRUE(hears(*later, said, loud));
  caller.post(HangUp{ours});
  EXPECT_TRUE(wait_for<CallEnded>(caller, [](const CallEnded&) { return true; }));
  AudioFrame frame;
  while (later->read(frame)) {  // what was left
  }
  EXPECT_FALSE(later->read(frame));
  const auto none = caller.tap(ours);
  EXPECT_FALSE(none && none->read(frame)) << "a call that is over has no sound";
}

}  // namespace
}  // namespace sidetone
