// Speech through two streams in virtual time, every codec and packet time, good and bad networks.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "call_pair.h"
#include "codec/fmtp.h"
#include "rtp/packet.h"
#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;  // the judge

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

bool is_wideband(AudioCodec codec) { return codec::catalogue(codec).sample_rate_hz > 8000; }

// a says one half of the recording, b the other, so that an echo would not pass for speech.
void give_speech(CallPair& call, AudioCodec codec) {
  const auto sound = find_speech(is_wideband(codec) ? Band::wide : Band::narrow, 16);
  ASSERT_TRUE(sound) << describe(sound.error());
  const auto middle = sound->samples.begin() + 8 * 48000;
  call.a().says.assign(sound->samples.begin(), middle);
  call.b().says.assign(middle, middle + 8 * 48000);
}

struct Row {
  std::string name;
  AudioCodec codec;
  std::chrono::milliseconds ptime;
  std::chrono::milliseconds sent_ptime;
};

class Speech : public testing::TestWithParam<Row> {};

TEST_P(Speech, ArrivesBothWays) {
  CallPair call;
  give_speech(call, GetParam().codec);
  call.plan(GetParam().codec, GetParam().ptime);
  call.run(9s);
  const auto rules = rules_for(GetParam().codec);
  const auto at_b = check_speech(call.a().says, call.b().heard, rules);
  EXPECT_TRUE(at_b.good) << at_b.to_string();
  const auto at_a = check_speech(call.b().says, call.a().heard, rules);
  EXPECT_TRUE(at_a.good) << at_a.to_string();
  const auto sent = call.a().stream.statistics().packets_sent;
  EXPECT_NEAR(static_cast<double>(sent), 9000.0 / static_cast<double>(GetParam().sent_ptime.count()), 2);
  EXPECT_EQ(call.b().stream.statistics().packets_lost, 0);
  EXPECT_EQ(call.b().stream.statistics().foreign_packets, 0u);
  EXPECT_EQ(call.b().stream.statistics().received_format.codec, GetParam().codec);
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto codec : every_codec())
    for (const auto ptime : {10ms, 20ms, 30ms, 40ms, 50ms, 60ms}) {
      const auto sent = codec::packet_time(format_of(codec), ptime, std::nullopt);
      // What the codec cannot do becomes another row's; one such row of each kind is enough.
      if (sent != ptime && ptime != 20ms && !(codec == AudioCodec::opus && ptime == 30ms)) continue;
      rows.push_back({name_of(codec) + "_" + std::to_string(ptime.count()), codec, ptime, sent});
    }
  return rows;
}
INSTANTIATE_TEST_SUITE_P(Rows, Speech, testing::ValuesIn(all_rows()),
                         [](const auto& row) { return row.param.name; });

// Blocks of 20 ms have 38 bytes, of 30 ms 50 (RFC 3951 §2); each side takes what comes (RFC 3952 §5).
TEST(Ilbc, ModesAndPacketTimes) {
  struct Mode {
    const char* fmtp;
    std::chrono::milliseconds ptime;
    std::size_t payload_bytes;
  };
  for (const auto& row : {Mode{"mode=20", 20ms, 38}, Mode{"mode=20", 60ms, 76}, Mode{"mode=30", 30ms, 50},
                          Mode{"mode=30", 60ms, 100}, Mode{"", 20ms, 50}}) {
    SCOPED_TRACE(testing::Message() << row.fmtp << " " << row.ptime.count());
    CallPair call;
    give_speech(call, AudioCodec::ilbc);
    call.a().keep_packets = true;
    auto plan = plan_of(AudioCodec::ilbc, call.b().address, row.ptime);
    plan.send_format.fmtp = row.fmtp;
    call.a().stream.apply(plan, call.now());
    call.b().stream.apply(plan_of(AudioCodec::ilbc, call.a().address, 30ms), call.now());
    call.run(9s);
    for (const auto& packet : call.a().sent_rtp)
      ASSERT_EQ(packet.size(), rtp::header_size + row.payload_bytes);
    const auto verdict = check_speech(call.a().says, call.b().heard, rules_for(AudioCodec::ilbc));
    EXPECT_TRUE(verdict.good) << verdict.to_string();
  }
}

struct BadNetwork {
  std::string name;
  AudioCodec codec;
  Network network;
  double found_min;
};

class Impaired : public testing::TestWithParam<BadNetwork> {};

TEST_P(Impaired, MostSegmentsArrive) {
  CallPair call(GetParam().network);
  give_speech(call, GetParam().codec);
  call.plan(GetParam().codec);
  call.run(9s);
  const SpeechRules rules{.median_min = std::min(0.85, rules_for(GetParam().codec).median_min),
                          .fifth_percentile_min = 0,
                          .found_min = GetParam().found_min};
  const auto verdict = check_speech(call.a().says, call.b().heard, rules);
  EXPECT_TRUE(verdict.good) << verdict.to_string();
  const auto statistics = call.b().stream.statistics();
  if (GetParam().network.loss > 0) {
    // RFC 3550 §6.4.1: duplicates make the loss smaller, and even negative.
    if (GetParam().network.duplicate == 0) {
      EXPECT_GT(statistics.packets_lost, 0);
      EXPECT_LT(statistics.mos, 4.37);
    }
    EXPECT_GT(statistics.frames_concealed, 0u);
  }
  EXPECT_GT(statistics.mos, 3.0);
}

std::vector<BadNetwork> bad_networks() {
  std::vector<BadNetwork> rows;
  for (const auto codec : every_codec()) {
    const auto name = name_of(codec);
    rows.push_back({name + "_loss_1", codec, {.loss = 0.01}, 0.9});
    rows.push_back({name + "_loss_3", codec, {.loss = 0.03}, 0.85});
    rows.push_back({name + "_jitter_20", codec, {.jitter = 20ms}, 0.85});
    rows.push_back({name + "_reorder_3", codec, {.reorder = 0.03}, 0.85});
    rows.push_back({name + "_duplicate_3", codec, {.duplicate = 0.03}, 0.97});
    rows.push_back({name + "_everything",
                    codec,
                    {.loss = 0.02, .duplicate = 0.02, .reorder = 0.02, .jitter = 15ms},
                    0.75});
  }
  return rows;
}
INSTANTIATE_TEST_SUITE_P(Rows, Impaired, testing::ValuesIn(bad_networks()),
                         [](const auto& row) { return row.param.name; });

TEST(Quality, CleanPcmuIs4Point4) {
  CallPair call;
  give_speech(call, AudioCodec::pcmu);
  call.plan(AudioCodec::pcmu);
  call.run(12s);
  const auto statistics = call.b().stream.statistics();
  EXPECT_NEAR(statistics.mos, 4.4, 0.05);
  EXPECT_NEAR(statistics.mos_interval, 4.4, 0.05);
  EXPECT_NEAR(static_cast<double>(statistics.round_trip.count()), 40000, 11000);  // 2 x 20 ms, ticks of 10
  EXPECT_LT(statistics.buffer_delay, 60ms);
  ASSERT_TRUE(statistics.peer_heard);
  EXPECT_EQ(statistics.peer_heard->cumulative_lost, 0);
}

}  // namespace
}  // namespace sidetone::audio_test
