#include "media/jitter_buffer.h"

#include <api/audio/audio_frame.h>
#include <api/neteq/neteq.h>
#include <api/rtp_headers.h>
#include <modules/audio_coding/neteq/default_neteq_factory.h>
#include <system_wrappers/include/clock.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "media/can_code.h"
#include "media/decoders.h"
#include "media/library_scope.h"
#include "media/resampler.h"
#include "media/webrtc_correlation.h"
#include "media/webrtc_setup.h"

namespace sidetone::media {
namespace {

// Two seconds of 10 ms packets: more than any network that one can talk over holds back.
constexpr std::size_t packets_max = 200;
// NetEq begins every stream with a target of 80 ms and stretches the first words up to it and back; what it
// has once taken up it keeps while that is within its bounds. We let it begin as low as a good network
// allows, and free it after a second, or as soon as a packet is so late that the network is not that good.
constexpr int start_delay_ms = 20;
constexpr Duration start_length = std::chrono::seconds{1};
constexpr Duration start_lateness_max = std::chrono::milliseconds{15};  // a sender's own clock tick is 10 ms

webrtc::SdpAudioFormat sdp_format(const codec::AudioFormat& format) {
  const auto& entry = codec::catalogue(format.codec);
  return {std::string(entry.name), codec::rtp_clock_hz(format),
          static_cast<std::size_t>(entry.rtpmap_channels)};
}

webrtc::RTPHeader neteq_header(const rtp::Header& header) {
  webrtc::RTPHeader out;
  out.markerBit = header.marker;
  out.payloadType = header.payload_type;
  out.sequenceNumber = header.sequence;
  out.timestamp = header.timestamp;
  out.ssrc = header.ssrc;
  out.headerLength = rtp::header_size;
  return out;
}

JitterBuffer::Heard kind_of(webrtc::AudioFrame::SpeechType type) {
  switch (type) {
    case webrtc::AudioFrame::kNormalSpeech: return JitterBuffer::Heard::normal;
    case webrtc::AudioFrame::kCNG: return JitterBuffer::Heard::noise;
    default: return JitterBuffer::Heard::concealed;
  }
}

// NetEq begins with a buffer of a second at the rate that it is told (104 kB at 48 kHz), and takes another
// one with the first packet of another rate. G.711, of which calls shall be small, begins with its own, and
// none of its packets can fail to decode. All others begin with a change of rate: a first packet of iLBC that
// is broken ends in a check of the library otherwise.
int first_rate_hz(codec::AudioCodec first) {
  const bool g711 = first == codec::AudioCodec::pcmu || first == codec::AudioCodec::pcma;
  return g711 || codec::catalogue(first).sample_rate_hz != 8000 ? 8000 : 16000;
}

std::unique_ptr<webrtc::NetEq> make_neteq(codec::AudioCodec first, webrtc::Clock& clock,
                                          std::shared_ptr<const G729Module> g729) {
  take_part_in_webrtc_correlation();
  webrtc::NetEq::Config config;
  config.sample_rate_hz = first_rate_hz(first);
  config.max_packets_in_buffer = packets_max;
  config.enable_muted_state = true;  // no synthetic noise, and no work, when the peer has gone quiet
  return webrtc::DefaultNetEqFactory().CreateNetEq(config, make_decoder_factory(std::move(g729)), &clock);
}

std::chrono::microseconds mean(std::uint64_t ms_sum, std::uint64_t samples) {
  return std::chrono::microseconds{samples == 0 ? 0 : ms_sum * 1000 / samples};
}

}  // namespace

std::chrono::microseconds JitterBuffer::Counts::mean_delay(const Counts& since) const {
  return mean(delay_ms_sum - since.delay_ms_sum, emitted - since.emitted);
}

std::chrono::microseconds JitterBuffer::Counts::mean_target(const Counts& since) const {
  return mean(target_ms_sum - since.target_ms_sum, emitted - since.emitted);
}

// NetEq is there from the first packet on: an early call, of which most never hear one, does not pay for it.
struct JitterBuffer::Impl {
  webrtc::SimulatedClock clock;  // follows the injected time
  std::unique_ptr<webrtc::NetEq> neteq;
  FrameResampler resampler;
  Time time;
  std::optional<Time> start_ends;
  Time first_at;
  std::uint32_t first_timestamp = 0;
  Duration lateness_least{0};
  std::map<int, webrtc::SdpAudioFormat> formats;
  std::map<int, codec::AudioCodec> codecs;  // of the same numbers
  std::shared_ptr<const G729Module> g729;
  std::chrono::milliseconds delay_min;

  Impl(Time now, std::shared_ptr<const G729Module> module, std::chrono::milliseconds minimum)
      : clock(now.time_since_epoch().count()), time(now), g729(std::move(module)), delay_min(minimum) {}
  void begin(int payload_type, Time now) {
    set_up_webrtc();
    neteq = make_neteq(codecs[payload_type], clock, g729);
    neteq->SetCodecs(formats);
    if (delay_min.count() > 0) neteq->SetMinimumDelay(static_cast<int>(delay_min.count()));
    start_ends = now + start_length;
    first_at = now;
    lateness_least = {};
    neteq->SetMaximumDelay(start_delay_ms);
  }
  void end_start() {
    start_ends.reset();
    neteq->SetMaximumDelay(0);  // no limit
  }
  // Against the packet that was the least late so far.
  void watch_start(const rtp::Header& header, Time now) {
    const auto codec = codecs.find(header.payload_type);
    if (!start_ends || codec == codecs.end()) return;
    if (now == first_at) first_timestamp = header.timestamp;
    const auto units = static_cast<std::int32_t>(header.timestamp - first_timestamp);
    const auto spoken =
        Duration{std::int64_t{units} * 1'000'000 / codec::catalogue(codec->second).rtp_clock_hz};
    const auto lateness = now - first_at - spoken;
    lateness_least = std::min(lateness_least, lateness);
    if (lateness - lateness_least > start_lateness_max) end_start();
  }
  void follow(Time now) {
    if (start_ends && now >= *start_ends) end_start();
    if (now <= time) return;
    clock.AdvanceTimeMicroseconds((now - time).count());
    time = now;
  }
};

JitterBuffer::JitterBuffer(Time now, std::shared_ptr<const G729Module> g729,
                           std::chrono::milliseconds delay_min) {
  const LibraryScope library;
  impl_ = std::make_unique<Impl>(now, std::move(g729), delay_min);
}
JitterBuffer::~JitterBuffer() = default;

void JitterBuffer::set_formats(const std::vector<codec::AudioFormat>& formats) {
  const LibraryScope library;
  // A number stays known until it gets another meaning: NetEq remembers the last one that it played, and
  // fails a check when comfort noise comes and that one has been taken away. Who calls us lets only what is
  // announced in.
  auto wanted = impl_->formats;
  std::set<int> numbered;  // the first one that has a number, as it was before
  for (const auto& format : formats)
    if (can_decode(format.codec, impl_->g729.get()) && numbered.insert(format.payload_type).second) {
      wanted.insert_or_assign(format.payload_type, sdp_format(format));
      impl_->codecs[format.payload_type] = format.codec;
    }
  if (wanted == impl_->formats) return;
  impl_->formats = wanted;
  if (impl_->neteq) impl_->neteq->SetCodecs(wanted);
}

void JitterBuffer::insert(const rtp::Packet& packet, Time now) {
  if (packet.payload.empty()) return;
  const LibraryScope library;
  impl_->follow(now);
  if (!impl_->neteq) impl_->begin(packet.header.payload_type, now);
  impl_->watch_start(packet.header, now);
  impl_->neteq->InsertPacket(neteq_header(packet.header), {packet.payload.data(), packet.payload.size()});
}

void JitterBuffer::skip(const rtp::Packet& packet, Time now) {
  if (!impl_->neteq) return;
  const LibraryScope library;
  impl_->follow(now);
  impl_->neteq->InsertEmptyPacket(neteq_header(packet.header));
}

void JitterBuffer::flush() {
  if (!impl_->neteq) return;
  const LibraryScope library;
  impl_->neteq->FlushBuffers();
}

JitterBuffer::Heard JitterBuffer::get(Frame& heard, Time now) {
  if (!impl_->neteq) {
    heard.fill(0);
    return Heard::silent;
  }
  const LibraryScope library;
  impl_->follow(now);
  // Of the thread, not of the call and not new each time: 15 kB, which a new one fills with zeros.
  thread_local webrtc::AudioFrame frame;
  frame.samples_per_channel_ = 0;  // nothing of the one before
  bool muted = false;
  const bool failed = impl_->neteq->GetAudio(&frame, &muted) != webrtc::NetEq::kOK;
  const auto samples = frame.samples_per_channel();
  const bool whole = samples != 0 && samples * 100 == static_cast<std::size_t>(frame.sample_rate_hz());
  // It made nothing, or a part of a frame (found by fuzzing: ten samples), and would fail a check of its own
  // at the next packet, unless that one begins anew. What it made up for a frame that could not be decoded is
  // a whole one, and heard like other concealment.
  if (failed && !whole) impl_->neteq->FlushBuffers();
  if (muted || frame.muted() || frame.num_channels() != 1 || !whole ||
      !is_resampler_rate(frame.sample_rate_hz())) {
    heard.fill(0);
    return failed ? Heard::concealed : Heard::silent;
  }
  impl_->resampler.set_rates(frame.sample_rate_hz(), mix_rate_hz);
  impl_->resampler.run({frame.data(), samples}, heard);
  return failed ? Heard::concealed : kind_of(frame.speech_type_);
}

JitterBuffer::Counts JitterBuffer::counts() const {
  if (!impl_->neteq) return {};
  const LibraryScope library;
  const auto lifetime = impl_->neteq->GetLifetimeStatistics();
  Counts counts;
  counts.packets_discarded = lifetime.packets_discarded;
  counts.delay_ms_sum = lifetime.jitter_buffer_delay_ms;
  counts.target_ms_sum = lifetime.jitter_buffer_target_delay_ms;
  counts.emitted = lifetime.jitter_buffer_emitted_count;
  return counts;
}

}  // namespace sidetone::media
