// What the peer says in fmtp governs our Opus encoder (RFC 7587 §6.1), whatever nonsense it is.
#include <gtest/gtest.h>

#include "call_pair.h"
#include "rtp/packet.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

// RFC 6716 §3.1: the first byte of a packet.
struct Toc {
  int config;
  bool stereo;
  [[nodiscard]] bool is_narrowband() const { return config < 4 || (config >= 16 && config < 20); }
  [[nodiscard]] bool has_silk() const { return config < 16; }
};

struct Packets {
  std::vector<std::vector<std::uint8_t>> payloads;
  [[nodiscard]] Toc toc(std::size_t i) const { return {payloads[i][0] >> 3, (payloads[i][0] & 4) != 0}; }
  [[nodiscard]] double kbit_per_s(std::chrono::milliseconds ptime) const {
    std::size_t bytes = 0;
    for (const auto& payload : payloads) bytes += payload.size();
    return static_cast<double>(bytes) * 8 / static_cast<double>(payloads.size()) /
           static_cast<double>(ptime.count());
  }
};

// Eight seconds of speech as it is sent to a peer that said `fmtp`.
Packets packets_for(const std::string& fmtp, double loss = 0, std::chrono::milliseconds length = 8s) {
  CallPair call({.loss = loss});
  const auto sound = speech::find_speech(speech::Band::wide, static_cast<double>(length / 1s));
  EXPECT_TRUE(sound);
  call.a().says = sound->samples;
  call.a().keep_packets = true;
  auto plan = plan_of(AudioCodec::opus, call.b().address, 20ms);
  plan.send_format.fmtp = fmtp;
  call.a().stream.apply(plan, call.now());
  call.b().stream.apply(plan_of(AudioCodec::opus, call.a().address, 20ms), call.now());
  call.run(length);
  Packets packets;
  for (const auto& bytes : call.a().sent_rtp) {
    const auto payload = rtp::parse_packet(bytes)->payload;
    packets.payloads.emplace_back(payload.begin(), payload.end());
  }
  EXPECT_FALSE(packets.payloads.empty());
  return packets;
}

TEST(OpusParameters, MaxAverageBitrate) {
  struct Row {
    const char* fmtp;
    double kbit_per_s_min, kbit_per_s_max;
  };
  for (const auto& row : {
           Row{"", 28, 46},  // RFC 7587 §3.1.1: 28 to 40 kbit/s for fullband speech
           Row{"maxaveragebitrate=16000", 10, 18},
           Row{"MaxAverageBitrate = 64000", 48, 72},
           Row{"maxaveragebitrate=1", 4, 10},  // §6.1: 6000 is the least
           Row{"maxaveragebitrate=4294967295", 60, 150},
           Row{"maxaveragebitrate=99999999999999999999", 28, 46},  // no number: nothing was said
           Row{"maxaveragebitrate=-1;maxaveragebitrate", 28, 46},
           Row{"maxaveragebitrate=;;;=;a", 28, 46},
       }) {
    SCOPED_TRACE(row.fmtp);
    const auto rate = packets_for(row.fmtp).kbit_per_s(20ms);
    EXPECT_GE(rate, row.kbit_per_s_min);
    EXPECT_LE(rate, row.kbit_per_s_max);
  }
}

TEST(OpusParameters, MaxPlaybackRate) {
  const auto narrow = packets_for("maxplaybackrate=8000"), full = packets_for("maxplaybackrate=48000");
  for (std::size_t i = 10; i < narrow.payloads.size(); ++i) EXPECT_TRUE(narrow.toc(i).is_narrowband()) << i;
  std::size_t wider = 0;
  for (std::size_t i = 0; i < full.payloads.size(); ++i) wider += full.toc(i).is_narrowband() ? 0 : 1;
  EXPECT_GT(wider, full.payloads.size() * 9 / 10);
}

TEST(OpusParameters, ConstantBitrate) {
  const auto packets = packets_for("cbr=1");
  for (const auto& payload : packets.payloads) EXPECT_EQ(payload.size(), packets.payloads[0].size());
  EXPECT_NE(packets_for("cbr=0").payloads[20].size(), packets_for("cbr=0").payloads[60].size());
}

TEST(OpusParameters, WeSpeakMonoWhateverStereoSays) {
  for (const char* fmtp : {"stereo=1", "stereo=0", "stereo=1;sprop-stereo=1"}) {
    const auto packets = packets_for(fmtp);
    for (std::size_t i = 0; i < packets.payloads.size(); ++i) EXPECT_FALSE(packets.toc(i).stereo);
  }
}

// RFC 6716 §4.2.3: behind the first byte one bit of voice activity for each 20 ms, then whether the packet
// holds the one before it again. Sent when the peer wants it and its reports tell of loss.
TEST(OpusParameters, InBandFec) {
  const auto with_fec = [](const Packets& packets) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < packets.payloads.size(); ++i)
      if (packets.toc(i).has_silk() && packets.payloads[i].size() > 1 && (packets.payloads[i][1] & 0x40) != 0)
        ++count;
    return count;
  };
  EXPECT_GT(with_fec(packets_for("useinbandfec=1", 0.15, 16s)), 50u);
  EXPECT_EQ(with_fec(packets_for("useinbandfec=0", 0.15, 16s)), 0u);
}

}  // namespace
}  // namespace sidetone::audio_test
