// What one call costs each 10 ms: receive, playout and capture of one audio stream, 20 ms packets, a
// voice-like signal both ways. Without sockets and system calls.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "media/audio_stream.h"
#include "media/resampler.h"

namespace {

using namespace sidetone;
using namespace std::chrono_literals;

codec::MediaPlan plan_of(codec::AudioCodec codec, const Address& remote) {
  codec::MediaPlan plan;
  plan.send = plan.receive = true;
  plan.remote_rtp = plan.remote_rtcp = remote;
  plan.send_format.codec = codec;
  plan.send_format.payload_type = static_cast<std::uint8_t>(codec::catalogue(codec).default_payload_type);
  plan.receive_formats = {plan.send_format};
  return plan;
}

// Harmonics of a voice with a slow loudness, 2 s.
std::vector<media::Frame> voice() {
  std::vector<media::Frame> frames(200);
  std::size_t i = 0;
  for (auto& frame : frames)
    for (auto& sample : frame) {
      const double t = static_cast<double>(i++) / media::mix_rate_hz;
      double value = 0;
      for (int harmonic = 1; harmonic < 20; ++harmonic)
        value += std::sin(2 * 3.14159265 * 140 * harmonic * t) / harmonic;
      sample = static_cast<std::int16_t>(4000 * value * (0.6 + 0.4 * std::sin(2 * 3.14159265 * 3 * t)));
    }
  return frames;
}

void tick(benchmark::State& state, codec::AudioCodec codec) {
  media::AudioStream a({1, 1, 1, "a"}), b({2, 1, 1, "b"});
  const Address at_a{IpAddress::loopback_v4(), 4000}, at_b{IpAddress::loopback_v4(), 4002};
  Time now{1s};
  a.apply(plan_of(codec, at_b), now);
  b.apply(plan_of(codec, at_a), now);
  const auto frames = voice();
  media::Frame heard;
  std::size_t ticks = 0;
  for (auto _ : state) {  // both ends work: two calls' ticks
    for (auto* stream : {&a, &b}) {
      stream->playout(heard, now);
      stream->capture(frames[ticks % frames.size()], now);
      stream->on_time(now);
    }
    for (const auto& packet : a.outgoing()) b.receive(packet.view(), packet.rtcp, at_a, now);
    for (const auto& packet : b.outgoing()) a.receive(packet.view(), packet.rtcp, at_b, now);
    a.clear_outgoing();
    b.clear_outgoing();
    ++ticks;
    now += 10ms;
  }
  state.counters["us_per_call_tick"] = benchmark::Counter(
      static_cast<double>(ticks) * 2e-6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(tick, pcmu, codec::AudioCodec::pcmu);
BENCHMARK_CAPTURE(tick, pcma, codec::AudioCodec::pcma);
BENCHMARK_CAPTURE(tick, g722, codec::AudioCodec::g722);
BENCHMARK_CAPTURE(tick, opus, codec::AudioCodec::opus);

void resample(benchmark::State& state) {
  const auto from_hz = static_cast<int>(state.range(0)), to_hz = static_cast<int>(state.range(1));
  media::FrameResampler resampler;
  resampler.set_rates(from_hz, to_hz);
  const std::vector<std::int16_t> in(static_cast<std::size_t>(from_hz / 100), 1000);
  std::vector<std::int16_t> out(static_cast<std::size_t>(to_hz / 100));
  for (auto _ : state) {
    resampler.run(in, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(resample)->Args({8000, 48000})->Args({48000, 8000})->Args({16000, 48000})->Args({48000, 16000});

}  // namespace
