#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/audio_format.h"
#include "codec/fmtp.h"

namespace sidetone::codec {
namespace {

using std::chrono::milliseconds;

TEST(Catalogue, FindsByRtpmapWhateverTheCase) {
  struct Row {
    const char* name;
    int clock_hz;
    std::optional<AudioCodec> codec;
  };
  for (const auto& row : {
           Row{"PCMU", 8000, AudioCodec::pcmu},
           Row{"pcma", 8000, AudioCodec::pcma},
           Row{"g722", 8000, AudioCodec::g722},  // RFC 3551 §4.5.2: not 16000
           Row{"G722", 16000, std::nullopt},
           Row{"OPUS", 48000, AudioCodec::opus},  // RFC 7587 §7
           Row{"opus", 8000, std::nullopt},
           Row{"ilbc", 8000, AudioCodec::ilbc},
           Row{"isac", 16000, AudioCodec::isac16},
           Row{"ISAC", 32000, AudioCodec::isac32},
           Row{"G729", 8000, AudioCodec::g729},
           Row{"telephone-event", 8000, AudioCodec::telephone_event},
           Row{"telephone-event", 48000, AudioCodec::telephone_event},  // RFC 4733 §2.4
           Row{"telephone-event", 44100, std::nullopt},
           Row{"CN", 8000, AudioCodec::comfort_noise},
           Row{"speex", 8000, std::nullopt},
       }) {
    SCOPED_TRACE(std::string(row.name) + "/" + std::to_string(row.clock_hz));
    const auto* entry = find_rtpmap(row.name, row.clock_hz);
    ASSERT_EQ(entry != nullptr, row.codec.has_value());
    if (entry) EXPECT_EQ(entry->codec, *row.codec);
  }
}

TEST(Catalogue, StaticNumbersOfRfc3551) {
  EXPECT_EQ(find_static(0)->codec, AudioCodec::pcmu);
  EXPECT_EQ(find_static(8)->codec, AudioCodec::pcma);
  EXPECT_EQ(find_static(9)->codec, AudioCodec::g722);
  EXPECT_EQ(find_static(13)->codec, AudioCodec::comfort_noise);
  EXPECT_EQ(find_static(18)->codec, AudioCodec::g729);
  EXPECT_EQ(find_static(120), nullptr);
  EXPECT_EQ(find_static(-1), nullptr);
}

TEST(Catalogue, G722HearsTwiceItsClock) {
  EXPECT_EQ(catalogue(AudioCodec::g722).rtp_clock_hz, 8000);
  EXPECT_EQ(catalogue(AudioCodec::g722).sample_rate_hz, 16000);
  EXPECT_EQ(catalogue(AudioCodec::g722).config_name, "G722/16000");
}

TEST(Catalogue, DefaultNumbersOfTheVendorsConfiguration) {
  EXPECT_EQ(catalogue(AudioCodec::ilbc).default_payload_type, 102);
  EXPECT_EQ(catalogue(AudioCodec::isac16).default_payload_type, 103);
  EXPECT_EQ(catalogue(AudioCodec::isac32).default_payload_type, 104);
  EXPECT_EQ(catalogue(AudioCodec::opus).default_payload_type, 120);
  EXPECT_EQ(catalogue(AudioCodec::telephone_event).default_payload_type, 101);
}

TEST(Catalogue, DefaultEnabled) {
  const auto enabled = default_enabled();
  ASSERT_EQ(enabled.size(), 4u);
  EXPECT_EQ(enabled[0], (AudioFormat{AudioCodec::opus, 120, "useinbandfec=1"}));
  EXPECT_EQ(enabled[1], (AudioFormat{AudioCodec::g722, 9, ""}));
  EXPECT_EQ(enabled[2], (AudioFormat{AudioCodec::pcmu, 0, ""}));
  EXPECT_EQ(enabled[3], (AudioFormat{AudioCodec::pcma, 8, ""}));
}

TEST(Fmtp, FindsAParameter) {
  EXPECT_EQ(fmtp_parameter("mode=20", "mode"), "20");
  EXPECT_EQ(fmtp_parameter("a=1; UseInbandFec = 1 ;b", "useinbandfec"), "1");
  EXPECT_EQ(fmtp_parameter("a=1;b", "b"), "");
  EXPECT_EQ(fmtp_parameter("amode=20", "mode"), std::nullopt);
  EXPECT_EQ(fmtp_parameter("", "mode"), std::nullopt);
}

TEST(Fmtp, WhatBothSidesMustShare) {
  struct Row {
    const char* section;
    AudioCodec codec;
    const char *ours, *theirs, *answer, *send;
  };
  for (const auto& row : {
           Row{"RFC 4856 §2.1.9", AudioCodec::g729, "annexb=yes", "annexb=no", "annexb=no", "annexb=no"},
           Row{"RFC 4856 §2.1.9", AudioCodec::g729, "annexb=no", "", "annexb=no", "annexb=no"},
           Row{"RFC 4856 §2.1.9", AudioCodec::g729, "annexb=yes", "", "annexb=yes", "annexb=yes"},
           Row{"RFC 4856 §2.1.9", AudioCodec::g729, "", "", "", ""},
           Row{"RFC 3952 §5", AudioCodec::ilbc, "mode=20", "mode=30", "mode=30", "mode=30"},
           Row{"RFC 3952 §5", AudioCodec::ilbc, "mode=20", "", "mode=30", "mode=30"},
           Row{"RFC 3952 §5", AudioCodec::ilbc, "mode=20", "mode=20", "mode=20", "mode=20"},
           Row{"RFC 7587 §7.1", AudioCodec::opus, "useinbandfec=1", "maxaveragebitrate=20000",
               "useinbandfec=1", "maxaveragebitrate=20000"},
           Row{"RFC 4733 §2.4.1", AudioCodec::telephone_event, "0-15", "0-11,16", "0-15", "0-11,16"},
       }) {
    SCOPED_TRACE(fmt::format("{} '{}' '{}'", row.section, row.ours, row.theirs));
    EXPECT_EQ(answer_fmtp(row.codec, row.ours, row.theirs), row.answer);
    EXPECT_EQ(send_fmtp(row.codec, row.ours, row.theirs), row.send);
  }
}

TEST(Fmtp, PacketTimesThatTheCodecCanMake) {
  struct Row {
    AudioFormat format;
    int wanted, maximum, expected;  // maximum 0: none said
  };
  const AudioFormat pcmu{AudioCodec::pcmu, 0, ""}, opus{AudioCodec::opus, 120, ""};
  const AudioFormat ilbc{AudioCodec::ilbc, 102, ""}, ilbc20{AudioCodec::ilbc, 102, "mode=20"};
  const AudioFormat isac{AudioCodec::isac16, 103, ""}, isac32{AudioCodec::isac32, 104, ""};
  for (const auto& row : {
           Row{pcmu, 20, 0, 20},
           Row{pcmu, 30, 0, 30},
           Row{pcmu, 25, 0, 20},
           Row{pcmu, 5, 0, 10},
           Row{pcmu, 40, 20, 20},
           Row{pcmu, 2000, 0, 60},
           Row{opus, 30, 0, 20},
           Row{opus, 60, 0, 60},
           Row{ilbc, 20, 0, 30},
           Row{ilbc, 60, 0, 60},
           Row{ilbc20, 20, 0, 20},
           Row{ilbc20, 30, 0, 20},
           Row{ilbc20, 60, 0, 40},
           Row{ilbc, 40, 0, 30},
           Row{isac, 20, 0, 30},
           Row{isac, 60, 0, 60},
           Row{isac32, 60, 0, 30},
       }) {
    SCOPED_TRACE(
        fmt::format("{} wanted {} max {}", catalogue(row.format.codec).config_name, row.wanted, row.maximum));
    const auto maximum = row.maximum ? std::optional(milliseconds{row.maximum}) : std::nullopt;
    EXPECT_EQ(packet_time(row.format, milliseconds{row.wanted}, maximum), milliseconds{row.expected});
  }
}

}  // namespace
}  // namespace sidetone::codec
