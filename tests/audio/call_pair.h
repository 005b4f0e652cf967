// Two audio streams back to back in virtual time, with a network between them that can lose, delay,
// reorder and double. The same seed gives the same call.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/random.h"
#include "media/audio_stream.h"
#include "media/sound.h"
#include "speech/speech_check.h"

namespace sidetone::audio_test {

// What a codec may do to speech on a network that does nothing.
[[nodiscard]] speech::SpeechRules rules_for(codec::AudioCodec codec);

struct Network {
  double loss = 0, duplicate = 0, reorder = 0;
  std::chrono::milliseconds delay{20}, jitter{0};
};

[[nodiscard]] std::vector<codec::AudioCodec> every_codec();  // that carries speech
[[nodiscard]] std::string name_of(codec::AudioCodec codec);  // with the clock rate where one is needed
[[nodiscard]] codec::AudioFormat format_of(codec::AudioCodec codec);
[[nodiscard]] codec::MediaPlan plan_of(codec::AudioCodec codec, const Address& remote,
                                       std::chrono::milliseconds ptime);

class CallPair {
 public:
  static constexpr std::uint64_t seed = 7;
  explicit CallPair(Network network = {}, int vad_level = 1);

  struct End {
    Address address;
    media::AudioStream stream;
    std::vector<std::int16_t> says;   // at 48 kHz; silence afterwards
    std::vector<std::int16_t> heard;  // what was played
    std::vector<media::StreamEvent> events;
    std::vector<std::vector<std::uint8_t>> sent_rtp;
    std::uint64_t sent_rtcp = 0;
    bool keep_packets = false;
  };
  End& a() { return a_; }
  End& b() { return b_; }
  void plan(codec::AudioCodec codec, std::chrono::milliseconds ptime = std::chrono::milliseconds{20});
  void run(std::chrono::milliseconds duration);
  [[nodiscard]] Time now() const { return now_; }
  // Sees each packet before the network; false: it is swallowed.
  std::function<bool(const End& from, media::OutgoingPacket& packet)> tap;

 private:
  struct Flight {
    End* to;
    Address from;
    std::vector<std::uint8_t> bytes;
    bool rtcp;
  };
  void speak(End& end, std::size_t tick);
  void collect(End& from, End& to);
  void deliver();
  Network network_;
  SeededRandom random_{seed};
  Time now_;
  std::size_t ticks_ = 0;
  End a_, b_;
  std::multimap<Time, Flight> flights_;
};

}  // namespace sidetone::audio_test
