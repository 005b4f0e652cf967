// Packets of a hostile peer through the real jitter buffer and decoders: whatever they hold, no check of
// the media library may fail. The input is a list of [kind, length, bytes]; headers are made valid often
// enough that most get past our own checks.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "media/audio_stream.h"
#include "media/g729_module.h"
#include "rtp/packet.h"

using namespace sidetone;
using namespace std::chrono_literals;

namespace {

codec::AudioFormat format(codec::AudioCodec codec) {
  codec::AudioFormat out;
  out.codec = codec;
  out.payload_type = static_cast<std::uint8_t>(codec::catalogue(codec).default_payload_type);
  return out;
}

constexpr std::uint8_t redundancy = 63;

codec::MediaPlan plan() {
  codec::MediaPlan plan;
  plan.receive = true;
  for (const auto codec :
       {codec::AudioCodec::pcmu, codec::AudioCodec::pcma, codec::AudioCodec::g722, codec::AudioCodec::opus,
        codec::AudioCodec::ilbc, codec::AudioCodec::isac16, codec::AudioCodec::isac32,
        codec::AudioCodec::g729, codec::AudioCodec::comfort_noise})
    plan.receive_formats.push_back(format(codec));
  for (const auto& [payload_type, clock_hz] : {std::pair{105, 16000}, std::pair{106, 32000}}) {
    auto noise = format(codec::AudioCodec::comfort_noise);
    noise.payload_type = static_cast<std::uint8_t>(payload_type);
    noise.rtp_clock_hz = clock_hz;
    plan.receive_formats.push_back(noise);
  }
  plan.receive_events = format(codec::AudioCodec::telephone_event);
  plan.receive_redundancy = redundancy;
  plan.extended_reports = true;
  plan.inactivity_max = 5s;
  return plan;
}

constexpr std::array<std::uint8_t, 13> payload_types{0,   8,   9,  120, 13,  101,       102,
                                                     103, 104, 18, 105, 106, redundancy};

// Loaded once: the module itself is not what is tried.
const std::shared_ptr<const media::G729Module>& g729() {
  static const auto module = *media::G729Module::load();
  return module;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span rest(data, size);
  media::StreamSettings settings{1, 1, 1, "fuzz", g729()};
  settings.level_received = size % 2 == 1;
  media::AudioStream stream(settings);
  Time now{1s};
  stream.apply(plan(), now);
  const Address from{IpAddress::loopback_v4(), 4000};
  rtp::Header header{false, 0, 100, 1000, 7};
  media::Frame heard;
  for (int packets = 0; rest.size() >= 3 && packets < 100; ++packets) {
    const auto kind = rest[0], step = rest[1];
    // Lengths up to 1278; those of the codecs' frames (10, 12, 20, 38, 50) are among them.
    const auto length = std::min<std::size_t>(rest.size() - 3, std::size_t{rest[2]} * 5 + ((step >> 3) & 3));
    std::vector<std::uint8_t> bytes(rest.begin() + 3, rest.begin() + 3 + static_cast<std::ptrdiff_t>(length));
    rest = rest.subspan(3 + length);
    const bool raw = (kind & 0x80) != 0;
    if (!raw) {
      header.payload_type = payload_types[(kind & 0x0f) % payload_types.size()];
      header.sequence = static_cast<std::uint16_t>(header.sequence + (step & 7));
      header.timestamp += (kind & 0x40) != 0 ? static_cast<std::uint32_t>(step) << 24 : 160u * (step & 7u);
      header.ssrc += (kind & 0x20) != 0 ? 1 : 0;
      bytes.insert(bytes.begin(), rtp::header_size, 0);
      static_cast<void>(rtp::write_header(header, bytes));
    }
    stream.receive(bytes, (kind & 0x10) != 0 && raw, from, now);
    for (int ticks = step >> 5; ticks > 0; --ticks) {
      stream.playout(heard, now);
      stream.on_time(now);
      stream.clear_outgoing();
      now += 10ms;
    }
  }
  for (int i = 0; i < 5; ++i, now += 10ms) stream.playout(heard, now);
  static_cast<void>(stream.statistics());
  return 0;
}
