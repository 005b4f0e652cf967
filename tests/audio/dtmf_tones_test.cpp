// Digits as tones through real codecs and a network, and speech that is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "call_pair.h"
#include "media/dtmf_detector.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;
using Kind = media::StreamEvent::Kind;

std::string digits_of(const CallPair::End& end, Kind kind) {
  std::string digits;
  for (const auto& event : end.events)
    if (event.kind == kind) digits += event.digit;
  return digits;
}

TEST(DtmfTones, GoThroughEachCodecThatCarriesTones) {
  for (const auto codec : {AudioCodec::pcmu, AudioCodec::pcma, AudioCodec::g722, AudioCodec::opus}) {
    CallPair call;
    call.plan(codec);
    const auto speech = speech::find_speech(speech::Band::narrow, 8);
    ASSERT_TRUE(speech) << describe(speech.error());
    call.a().says = speech->samples;  // the tones take the place of what is said
    call.run(500ms);
    ASSERT_TRUE(call.a().stream.send_dtmf("0123456789*#ABCD", 100ms, 60ms, media::DigitWay::tones));
    call.run(5s);
    ASSERT_TRUE(call.b().stream.send_dtmf("11,1", 50ms, 50ms, media::DigitWay::tones));
    call.run(4s);
    EXPECT_EQ(digits_of(call.b(), Kind::dtmf_tones), "0123456789*#ABCD") << name_of(codec);
    EXPECT_EQ(digits_of(call.a(), Kind::dtmf_tones), "111") << name_of(codec);
    EXPECT_EQ(digits_of(call.a(), Kind::dtmf_sent), "0123456789*#ABCD") << name_of(codec);
    EXPECT_EQ(digits_of(call.b(), Kind::dtmf_sent), "11,1") << name_of(codec);
    EXPECT_EQ(digits_of(call.b(), Kind::dtmf), "") << "no telephone-event";
  }
}

TEST(DtmfTones, OfAPeerThatSendsEventsAreNotToldTwice) {
  CallPair call;
  call.plan(AudioCodec::pcmu);
  call.run(200ms);
  ASSERT_TRUE(call.a().stream.send_dtmf("1", 100ms, 60ms));
  call.run(500ms);
  ASSERT_TRUE(call.a().stream.send_dtmf("2", 100ms, 60ms, media::DigitWay::tones));
  call.run(1s);
  EXPECT_EQ(digits_of(call.b(), Kind::dtmf), "1");
  EXPECT_EQ(digits_of(call.b(), Kind::dtmf_tones), "");
}

TEST(DtmfTones, EndWithAPlanThatDoesNotSend) {
  CallPair call;
  call.plan(AudioCodec::pcmu);
  ASSERT_TRUE(call.a().stream.send_dtmf("1234567890", 100ms, 60ms, media::DigitWay::tones));
  call.run(400ms);
  auto plan = plan_of(AudioCodec::pcmu, call.b().address, 20ms);
  plan.send = false;
  call.a().stream.apply(plan, call.now());
  call.run(500ms);
  EXPECT_FALSE(call.a().stream.send_dtmf("1", 100ms, 60ms, media::DigitWay::tones));
  plan.send = true;
  call.a().stream.apply(plan, call.now());
  call.run(2s);
  EXPECT_LT(digits_of(call.b(), Kind::dtmf_tones).size(), 4u) << "digits do not come out of their time";
}

// Talk-off: a person who talks presses no keys. All that a woman says in the prompts of a telephone system,
// in the band of a telephone, and more voices in wider ones.
void expect_no_digit(const std::vector<std::int16_t>& samples, const std::string& name) {
  media::DtmfDetector detector;
  media::Frame frame{};
  for (std::size_t at = 0; at + frame.size() <= samples.size(); at += frame.size()) {
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
    const auto heard = detector.listen(frame);
    EXPECT_FALSE(heard) << name << ": " << heard->digit << " after " << static_cast<double>(at) / 48000
                        << " s";
  }
}

TEST(DtmfTones, SpeechIsNoDigit) {
  double seconds = 0;
  ASSERT_TRUE(speech::find_speech(speech::Band::narrow, 5)) << "the prompts are not there";
  for (const auto& file : std::filesystem::directory_iterator("/usr/share/asterisk/sounds/en_US_f_Allison")) {
    const auto name = file.path().filename().string();
    if (file.path().extension() != ".wav" || name.find("tone") != name.npos || name.find("beep") != name.npos)
      continue;
    const auto sound = media::read_sound_file(file.path().string());
    ASSERT_TRUE(sound) << describe(sound.error());
    const auto samples = speech::at_48_khz(*sound).samples;
    seconds += static_cast<double>(samples.size()) / 48000;
    expect_no_digit(samples, name);
  }
  EXPECT_GT(seconds, 300);
  for (const auto band : {speech::Band::wide, speech::Band::full}) {
    const auto speech = speech::find_speech(band, 8);
    ASSERT_TRUE(speech) << describe(speech.error());
    expect_no_digit(speech->samples, "speech");
  }
}

}  // namespace
}  // namespace sidetone::audio_test
