#include "call_pair.h"

#include <algorithm>

#include "media/g729_module.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;

// Every build of the tests has it; EXPECT_TRUE(g729_module()) is a test of its own.
std::shared_ptr<const media::G729Module> g729_module() {
  static const auto module = media::G729Module::load();
  return module ? *module : nullptr;
}

Address address(const char* text) { return *Address::parse(text, 0); }

media::StreamSettings settings(std::uint32_t ssrc, const char* cname, int vad_level) {
  return {ssrc, 65530, 0xfffffff0, cname, g729_module(), vad_level};
}

}  // namespace

std::vector<codec::AudioCodec> every_codec() {
  using codec::AudioCodec;
  return {AudioCodec::pcmu, AudioCodec::pcma,   AudioCodec::g722,   AudioCodec::opus,
          AudioCodec::ilbc, AudioCodec::isac16, AudioCodec::isac32, AudioCodec::g729};
}

std::string name_of(codec::AudioCodec codec) {
  const auto& entry = codec::catalogue(codec);
  return std::string(entry.name) + (entry.name == "iSAC" ? std::to_string(entry.rtp_clock_hz) : "");
}

speech::SpeechRules rules_for(codec::AudioCodec codec) {
  speech::SpeechRules rules;
  rules.wideband = codec::catalogue(codec).sample_rate_hz > 8000;
  // 13 kbit/s and an enhancer behind the decoder (RFC 3951 §4.6), which is for the ear and not for the wave.
  if (codec == codec::AudioCodec::g729)  // 8 kbit/s of the simpler annex A, which models more than it follows
    rules = {.median_min = 0.8, .fifth_percentile_min = 0.5, .found_min = 0.95};
  if (codec == codec::AudioCodec::ilbc)
    rules = {.median_min = 0.83, .fifth_percentile_min = 0.55, .found_min = 0.95};
  return rules;
}

codec::AudioFormat format_of(codec::AudioCodec codec) {
  codec::AudioFormat format;
  format.codec = codec;
  format.payload_type = static_cast<std::uint8_t>(codec::catalogue(codec).default_payload_type);
  // Nothing is left out when it is quiet; tests of that ask for it.
  if (codec == codec::AudioCodec::g729) format.fmtp = "annexb=no";
  return format;
}

codec::MediaPlan plan_of(codec::AudioCodec codec, const Address& remote, std::chrono::milliseconds ptime) {
  codec::MediaPlan plan;
  plan.send = plan.receive = true;
  plan.remote_rtp = remote;
  plan.remote_rtcp = remote;
  ++plan.remote_rtcp.port;
  plan.send_format = format_of(codec);
  plan.receive_formats = {plan.send_format};
  plan.send_events = format_of(codec::AudioCodec::telephone_event);
  plan.send_events->rtp_clock_hz = codec::catalogue(codec).rtp_clock_hz;
  plan.receive_events = plan.send_events;
  plan.ptime = ptime;
  return plan;
}

// Sequence and timestamp start just below their wrap: every test crosses it.
CallPair::CallPair(Network network, int vad_level)
    : network_(network),
      now_(Duration{5s}),
      a_{address("192.0.2.1:4000"),
         media::AudioStream(settings(0x1111, "a@test", vad_level)),
         {},
         {},
         {},
         {},
         0,
         false},
      b_{address("192.0.2.2:5000"),
         media::AudioStream(settings(0x2222, "b@test", vad_level)),
         {},
         {},
         {},
         {},
         0,
         false} {}

void CallPair::plan(codec::AudioCodec codec, std::chrono::milliseconds ptime) {
  a_.stream.apply(plan_of(codec, b_.address, ptime), now_);
  b_.stream.apply(plan_of(codec, a_.address, ptime), now_);
}

void CallPair::run(std::chrono::milliseconds duration) {
  for (auto left = duration / 10ms; left > 0; --left) {
    deliver();
    for (auto* end : {&a_, &b_}) speak(*end, ticks_);
    collect(a_, b_);
    collect(b_, a_);
    ++ticks_;
    now_ += 10ms;
  }
}

void CallPair::speak(End& end, std::size_t tick) {
  media::Frame heard, said{};
  end.stream.playout(heard, now_);
  end.heard.insert(end.heard.end(), heard.begin(), heard.end());
  const auto at = tick * media::frame_samples;
  if (at + media::frame_samples <= end.says.size())
    std::copy_n(end.says.begin() + static_cast<std::ptrdiff_t>(at), media::frame_samples, said.begin());
  end.stream.capture(said, now_);
  end.stream.on_time(now_);
}

void CallPair::collect(End& from, End& to) {
  while (const auto event = from.stream.poll_event()) from.events.push_back(*event);
  for (auto packet : from.stream.outgoing()) {
    if (tap && !tap(from, packet)) continue;
    if (packet.rtcp) ++from.sent_rtcp;
    const auto view = packet.view();
    if (!packet.rtcp && from.keep_packets) from.sent_rtp.emplace_back(view.begin(), view.end());
    if (!packet.rtcp && random_.chance(network_.loss)) continue;
    auto at = now_ + network_.delay;
    if (network_.jitter.count() > 0)
      at += Duration{random_.below(static_cast<std::uint64_t>(Duration{network_.jitter}.count()))};
    if (random_.chance(network_.reorder)) at += 30ms;
    auto source = from.address;
    if (packet.rtcp) ++source.port;
    const Flight flight{&to, source, {view.begin(), view.end()}, packet.rtcp};
    flights_.emplace(at, flight);
    if (random_.chance(network_.duplicate)) flights_.emplace(at + 3ms, flight);
  }
  from.stream.clear_outgoing();
}

void CallPair::deliver() {
  while (!flights_.empty() && flights_.begin()->first <= now_) {
    const auto& [at, flight] = *flights_.begin();
    flight.to->stream.receive(flight.bytes, flight.rtcp, flight.from, at);
    flights_.erase(flights_.begin());
  }
}

}  // namespace sidetone::audio_test
