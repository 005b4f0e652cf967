#include "media/sound.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "media/recording.h"
#include "media/sound_source.h"

namespace sidetone::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& to, const char* text) { to.insert(to.end(), text, text + std::strlen(text)); }
void put(Bytes& to, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

struct Wave {
  std::uint32_t tag = 1, channels = 1, rate_hz = 8000, bits = 16;
  Bytes data{1, 0, 2, 0};
  std::uint32_t told_size = 4;
};

Bytes bytes_of(const Wave& wave) {
  Bytes out;
  put(out, "RIFF");
  put(out, 0, 4);
  put(out, "WAVELIST");  // a chunk that is none of ours, of odd size
  put(out, 3, 4);
  put(out, "abc\n");
  put(out, "fmt ");
  put(out, 16, 4);
  put(out, wave.tag, 2);
  put(out, wave.channels, 2);
  put(out, wave.rate_hz, 4);
  put(out, 0, 4);
  put(out, 0, 2);
  put(out, wave.bits, 2);
  put(out, "data");
  put(out, wave.told_size, 4);
  out.insert(out.end(), wave.data.begin(), wave.data.end());
  return out;
}

TEST(Wave, WhatIsRead) {
  const struct {
    const char* name;
    Wave wave;
    std::vector<std::int16_t> samples;
  } rows[] = {
      {"mono", {}, {1, 2}},
      {"stereo is averaged", {.channels = 2, .data = {10, 0, 20, 0}}, {15}},
      {"mu-law", {.tag = 7, .bits = 8, .data = {0xff, 0x7f, 0x80, 0x00}}, {0, 0, 32124, -32124}},
      {"A-law", {.tag = 6, .bits = 8, .data = {0xd5, 0x55, 0xaa, 0x2a}}, {8, -8, 32256, -32256}},
      {"size larger than the file", {.told_size = 0xffffffff}, {1, 2}},
      {"48 kHz", {.rate_hz = 48000}, {1, 2}},
  };
  for (const auto& row : rows) {
    const auto sound = parse_wave(bytes_of(row.wave), "x.wav");
    ASSERT_TRUE(sound) << row.name << ": " << describe(sound.error());
    EXPECT_EQ(sound->samples, row.samples) << row.name;
    EXPECT_EQ(sound->rate_hz, static_cast<int>(row.wave.rate_hz));
  }
}

TEST(Wave, WhatIsRefusedSaysWhyAndWhatToDo) {
  const struct {
    Bytes bytes;
    Fault fault;
    const char* word;
  } rows[] = {
      {{'I', 'D', '3', 4, 0}, Fault::unsupported, "MP3"},
      {{0xff, 0xfb, 0x90, 0x64}, Fault::unsupported, "MP3"},
      {{'O', 'g', 'g', 'S'}, Fault::syntax, "no WAV"},
      {{}, Fault::syntax, "no WAV"},
      {bytes_of({.bits = 24}), Fault::unsupported, "24 bits"},
      {bytes_of({.tag = 2, .bits = 4}), Fault::unsupported, "format 2"},
      {bytes_of({.channels = 6}), Fault::unsupported, "6 channels"},
      {bytes_of({.channels = 0}), Fault::unsupported, "0 channels"},
      {bytes_of({.rate_hz = 11025}), Fault::unsupported, "11025 Hz"},
      {bytes_of({.rate_hz = 0}), Fault::unsupported, "0 Hz"},
      {bytes_of({.rate_hz = 4000000000}), Fault::unsupported, "4000000000 Hz"},
  };
  for (const auto& row : rows) {
    const auto sound = parse_wave(row.bytes, "x.wav");
    ASSERT_FALSE(sound) << row.word;
    EXPECT_EQ(sound.error().fault, row.fault) << row.word;
    EXPECT_NE(sound.error().text.find(row.word), std::string::npos) << sound.error().text;
    EXPECT_NE(sound.error().text.find("x.wav"), std::string::npos);
    EXPECT_FALSE(sound.error().remedy.empty());
  }
  const auto nothing = read_sound_file("/nowhere/at/all.wav");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().fault, Fault::not_found);
}

TEST(Wave, EveryCutOfAFileIsSafe) {
  const auto whole = bytes_of({});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto sound = parse_wave(std::span(whole).first(size), "cut.wav");
    if (sound) EXPECT_LT(sound->samples.size(), 2u);
  }
}

class RecordingFile : public testing::Test {
 protected:
  const std::string path = testing::TempDir() + "sidetone_recording_" +
                           std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_" +
                           std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".wav";
  ~RecordingFile() override { std::filesystem::remove(path); }
};

TEST_F(RecordingFile, IsReadAgain) {
  std::vector<std::int16_t> samples(60000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::int16_t>(i);
  {
    auto writer = WaveWriter::create(path, 48000);
    ASSERT_TRUE(writer) << describe(writer.error());
    for (std::size_t at = 0; at < samples.size(); at += 480)
      EXPECT_TRUE((*writer)->write({&samples[at], 480}));
    // As if the process died here: a second of it is on the disk, with the right sizes.
    const auto alive = read_sound_file(path);
    ASSERT_TRUE(alive) << describe(alive.error());
    EXPECT_GE(alive->samples.size(), 48000u);
  }
  const auto sound = read_sound_file(path);
  ASSERT_TRUE(sound);
  EXPECT_EQ(sound->rate_hz, 48000);
  EXPECT_EQ(sound->samples, samples);
}

// A shift of eight hours in stereo is 5.5 GB: here a file takes 100 frames.
TEST_F(RecordingFile, GoesOnInAnotherFileWhenOneIsFull) {
  const auto part = [&](int number) {
    return path.substr(0, path.size() - 4) + "-" + std::to_string(number) + ".wav";
  };
  const std::string others = "somebody else's";
  std::ofstream(part(3)) << others;
  constexpr std::size_t frames_of_a_file = 100;
  {
    auto recording = Recording::create(path, Recording::Channels::heard,
                                       frames_of_a_file * frame_samples * sizeof(std::int16_t));
    ASSERT_TRUE(recording) << describe(recording.error());
    for (int i = 0; i < 350; ++i) {
      Frame frame;
      frame.fill(static_cast<std::int16_t>(i));
      (*recording)->put({}, frame);
    }
    EXPECT_EQ((*recording)->path_of(1), path);
    EXPECT_EQ((*recording)->path_of(2), part(2));
  }
  std::vector<std::int16_t> all;
  for (const auto& file : {path, part(2), part(4), part(5)}) {
    const auto sound = read_sound_file(file);
    ASSERT_TRUE(sound) << describe(sound.error());
    EXPECT_EQ(sound->samples.size(), (file == part(5) ? 50 : frames_of_a_file) * frame_samples) << file;
    all.insert(all.end(), sound->samples.begin(), sound->samples.end());
  }
  ASSERT_EQ(all.size(), 350 * frame_samples);
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(all[i], static_cast<std::int16_t>(i / frame_samples));
  std::string kept;
  std::getline(std::ifstream(part(3)), kept);
  EXPECT_EQ(kept, others) << "a file that was there is not ours to replace";
  for (int number = 2; number <= 5; ++number) std::filesystem::remove(part(number));
}

TEST_F(RecordingFile, PlaysOnceOrInALoop) {
  {
    auto writer = WaveWriter::create(path, 48000);
    ASSERT_TRUE(writer);
    const std::vector<std::int16_t> tone(720, 1000);  // one frame and a half
    (*writer)->write(tone);
  }
  for (const bool loop : {false, true}) {
    auto source = make_source(FromFile{path, loop});
    ASSERT_TRUE(source) << describe(source.error());
    Frame said, heard{};
    (*source)->next(said, heard);
    EXPECT_EQ(said[479], 1000);
    (*source)->next(said, heard);
    EXPECT_EQ(said[239], 1000);
    EXPECT_EQ(said[240], loop ? 1000 : 0);
  }
}

TEST(WaveWriter, FolderThatIsNotThere) {
  const auto writer = WaveWriter::create("/nowhere/at/all.wav", 48000);
  ASSERT_FALSE(writer);
  EXPECT_FALSE(writer.error().remedy.empty());
}

TEST(Sources, EchoComesLaterByItsDelay) {
  auto echo = make_source(FromEcho{std::chrono::milliseconds{30}});
  ASSERT_TRUE(echo);
  for (int tick = 0; tick < 20; ++tick) {
    Frame heard, said;
    heard.fill(static_cast<std::int16_t>(tick + 1));
    (*echo)->next(said, heard);
    EXPECT_EQ(said[0], tick < 3 ? 0 : tick - 2) << tick;
  }
}

TEST(Sources, ToneHasItsFrequencyAndCadence) {
  auto tone = make_source(FromTone{440, 0, std::chrono::milliseconds{100}, std::chrono::milliseconds{50}});
  ASSERT_TRUE(tone);
  int crossings = 0;
  std::int16_t before = 0;
  for (int tick = 0; tick < 30; ++tick) {
    Frame said;
    (*tone)->next(said, {});
    const bool on = tick % 15 < 10;
    std::int16_t loudest = 0;
    for (const auto sample : said) {
      loudest = std::max(loudest, sample);
      if (before < 0 && sample >= 0) ++crossings;
      before = sample;
    }
    EXPECT_EQ(loudest > 6000, on) << tick;
    EXPECT_LT(loudest, 7000);
  }
  EXPECT_NEAR(crossings, 88, 2);  // 200 ms of 440 Hz
}

}  // namespace
}  // namespace sidetone::media
