// One cell of the table of voice under bad networks: a call of two of our streams in virtual time, or the
// judgement of what another program heard of the same packets. voice_quality.py runs all cells.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include "media/audio_stream.h"
#include "media/sound.h"
#include "network.h"
#include "speech/speech_files.h"
#include "speech/speech_score.h"

namespace sidetone::bench {
namespace {

using namespace std::chrono_literals;

struct Wanted {
  std::string row = "ideal", codec = "PCMU", packets, heard;
  std::uint64_t seed = 1;
  int delay_ms_min = 0;
  int rate_hz = 48000;
  double offset_ms = 0;
};

codec::AudioFormat format_of(const std::string& name) {
  codec::AudioFormat format;
  format.codec = name == "opus"   ? codec::AudioCodec::opus
                 : name == "G722" ? codec::AudioCodec::g722
                                  : codec::AudioCodec::pcmu;
  const auto& entry = codec::catalogue(format.codec);
  format.payload_type = static_cast<std::uint8_t>(entry.default_payload_type);
  if (format.codec == codec::AudioCodec::opus) format.fmtp = "maxaveragebitrate=32000;useinbandfec=1";
  return format;
}

bool is_wideband(const std::string& codec) { return codec != "PCMU"; }

// As long as the row asks for: the recordings again and again.
std::vector<std::int16_t> said_for(const Wanted& wanted, const Row& row) {
  const auto speech =
      speech::find_speech(is_wideband(wanted.codec) ? speech::Band::wide : speech::Band::narrow, 30);
  if (!speech) {
    std::cerr << describe(speech.error()) << '\n';
    std::exit(1);
  }
  std::vector<std::int16_t> said;
  const auto size = static_cast<std::size_t>(row.length.count()) * media::mix_rate_hz;
  while (said.size() < size) said.insert(said.end(), speech->samples.begin(), speech->samples.end());
  said.resize(size);
  return said;
}

void print(const speech::SpeechScore& score, const std::string& more) {
  fmt::print(
      "{{\"score\": {:.2f}, \"delay_mean_ms\": {:.1f}, \"delay_95_ms\": {:.1f}, \"found\": {:.4f}{}}}\n",
      score.score, score.delay_mean_ms, score.delay_95_ms, score.found, more);
}

struct Flight {
  bool to_listener;
  std::vector<std::uint8_t> bytes;
  bool rtcp;
};

media::StreamSettings listener_settings(const Wanted& wanted) {
  media::StreamSettings settings{0x2222, 1, 1, "listener@bench"};
  settings.jitter_delay_min = std::chrono::milliseconds{wanted.delay_ms_min};
  return settings;
}

// The sender's ticks come at its own clock, the listener's every 10 ms. RTCP goes both ways on a good
// network: the sender learns of losses as in any call.
class Call {
 public:
  Call(const Wanted& wanted, const Row& row)
      : row_(row),
        network_(row, wanted.seed),
        said_(said_for(wanted, row)),
        keep_(!wanted.packets.empty()),
        talker_({0x1111, 65530, 0xfffffff0, "talker@bench"}),
        listener_(listener_settings(wanted)) {
    codec::MediaPlan plan;
    plan.send = plan.receive = true;
    plan.send_format = format_of(wanted.codec);
    plan.receive_formats = {plan.send_format};
    plan.remote_rtp = plan.remote_rtcp = listener_at_;
    talker_.apply(plan, start_);
    plan.remote_rtp = plan.remote_rtcp = talker_at_;
    listener_.apply(plan, start_);
  }

  void run() {
    const auto ticks = static_cast<std::int64_t>(said_.size() / media::frame_samples);
    std::int64_t said_ticks = 0;
    const double tick_us = 10000 / (1 + row_.sender_ppm * 1e-6);
    for (std::int64_t tick = 0; tick < ticks + 100; ++tick) {
      const Time now = start_ + tick * 10ms;
      while (said_ticks < ticks &&
             start_ + Duration{std::llround(static_cast<double>(said_ticks) * tick_us)} <= now)
        talk(said_ticks++, tick_us);
      deliver(now);
      listen(now);
      if (tick == ticks) statistics_ = listener_.statistics();  // what follows is the rest of the sound
    }
  }

  [[nodiscard]] const std::vector<std::int16_t>& said() const { return said_; }
  [[nodiscard]] const std::vector<std::int16_t>& heard() const { return heard_; }
  [[nodiscard]] const media::StreamStatistics& statistics() const { return statistics_; }

  // Arrival in us since the sender's first tick, size, bytes.
  void write_packets(const std::string& path) const {
    std::ofstream file(path, std::ios::binary);
    for (const auto& [at, flight] : kept_) {
      const auto us = static_cast<std::uint32_t>((at - start_).count());
      const auto size = static_cast<std::uint16_t>(flight.bytes.size());
      file.write(reinterpret_cast<const char*>(&us), sizeof us);
      file.write(reinterpret_cast<const char*>(&size), sizeof size);
      file.write(reinterpret_cast<const char*>(flight.bytes.data()), size);
    }
  }

 private:
  void talk(std::int64_t tick, double tick_us) {
    const Time now = start_ + Duration{std::llround(static_cast<double>(tick) * tick_us)};
    deliver(now);
    media::Frame frame;
    talker_.playout(frame, now);
    std::copy_n(said_.begin() + tick * static_cast<std::int64_t>(media::frame_samples), media::frame_samples,
                frame.begin());
    talker_.capture(frame, now);
    talker_.on_time(now);
    post(talker_, true, now);
  }

  void listen(Time now) {
    media::Frame frame;
    listener_.playout(frame, now);
    heard_.insert(heard_.end(), frame.begin(), frame.end());
    listener_.capture(media::Frame{}, now);
    listener_.on_time(now);
    post(listener_, false, now);
  }

  void post(media::AudioStream& from, bool to_listener, Time now) {
    for (const auto& packet : from.outgoing()) {
      auto delay = std::optional{std::chrono::microseconds{0}};
      if (to_listener && !packet.rtcp) delay = network_.carry(now - start_);
      if (!delay) continue;
      Flight flight{to_listener, {packet.view().begin(), packet.view().end()}, packet.rtcp};
      if (keep_ && to_listener && !packet.rtcp) kept_.emplace(now + *delay, flight);
      flights_.emplace(now + *delay, std::move(flight));
    }
    from.clear_outgoing();
  }

  void deliver(Time now) {
    while (!flights_.empty() && flights_.begin()->first <= now) {
      const auto [at, flight] = *flights_.begin();
      flights_.erase(flights_.begin());
      if (flight.to_listener)
        listener_.receive(flight.bytes, flight.rtcp, talker_at_, at);
      else
        talker_.receive(flight.bytes, flight.rtcp, listener_at_, at);
    }
  }

  const Address talker_at_{IpAddress::loopback_v4(), 4000}, listener_at_{IpAddress::loopback_v4(), 5000};
  Row row_;
  Network network_;
  std::vector<std::int16_t> said_, heard_;
  bool keep_;
  Time start_{5s};
  media::StreamStatistics statistics_;
  media::AudioStream talker_, listener_;
  std::multimap<Time, Flight> flights_, kept_;
};

void run_call(const Wanted& wanted, const Row& row) {
  Call call(wanted, row);
  call.run();
  if (!wanted.packets.empty()) call.write_packets(wanted.packets);
  const auto& statistics = call.statistics();
  const auto played = statistics.frames_normal + statistics.frames_concealed + statistics.frames_noise;
  const double concealed =
      100.0 * static_cast<double>(statistics.frames_concealed) / static_cast<double>(played);
  // What is captured at a tick was spoken in the 10 ms before it.
  print(speech::score_speech(call.said(), call.heard(), 10, is_wideband(wanted.codec)),
        fmt::format(", \"concealed\": {:.2f}, \"discarded\": {}", concealed, statistics.packets_discarded));
}

void judge(const Wanted& wanted, const Row& row) {
  std::ifstream file(wanted.heard, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  media::Sound sound{wanted.rate_hz, std::vector<std::int16_t>(bytes.size() / 2)};
  std::memcpy(sound.samples.data(), bytes.data(), sound.samples.size() * 2);
  print(speech::score_speech(said_for(wanted, row), speech::at_48_khz(sound).samples, wanted.offset_ms + 10,
                             is_wideband(wanted.codec)),
        "");
}

}  // namespace
}  // namespace sidetone::bench

int main(int argc, char** argv) {
  using namespace sidetone::bench;
  Wanted wanted;
  CLI::App app{"Speech over a bad network: score and delay"};
  app.require_subcommand(1);
  const auto common = [&](CLI::App* command) {
    command->add_option("--row", wanted.row, "name of the network");
    command->add_option("--codec", wanted.codec)->check(CLI::IsMember({"PCMU", "G722", "opus"}));
    return command;
  };
  auto* list = app.add_subcommand("rows", "name, length in seconds and title of each network");
  auto* call = common(app.add_subcommand("call", "our own receive path, in virtual time"));
  call->add_option("--seed", wanted.seed);
  call->add_option("--delay-min", wanted.delay_ms_min, "least delay of the jitter buffer, ms");
  call->add_option("--packets", wanted.packets, "write what arrives, and when, to this file");
  auto* score =
      common(app.add_subcommand("score", "what another program heard: 16-bit samples, one channel"));
  score->add_option("--heard", wanted.heard)->required();
  score->add_option("--rate", wanted.rate_hz)->required();
  score->add_option("--offset-ms", wanted.offset_ms, "of its first sample, since the sender's first tick")
      ->required();
  CLI11_PARSE(app, argc, argv);

  if (*list) {
    for (const auto& row : rows()) fmt::print("{}\t{}\t{}\n", row.name, row.length.count(), row.title);
    return 0;
  }
  const auto* row = find_row(wanted.row);
  if (row == nullptr) {
    std::cerr << "no such network: " << wanted.row << '\n';
    return 2;
  }
  if (*call)
    run_call(wanted, *row);
  else
    judge(wanted, *row);
}
