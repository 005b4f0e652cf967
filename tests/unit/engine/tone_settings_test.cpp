// The tone options from Softphone.config to the core and the files, and what the SDK's user says on top.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "engine/phone_settings.h"

namespace sidetone::engine {
namespace {

using namespace std::chrono_literals;
using endpoint::RingWhere;
using endpoint::ToneFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ToneOptions : public testing::Test {
 protected:
  ~ToneOptions() override { std::filesystem::remove_all(folder_); }
  Expected<PhoneSettings> read(const std::string& session, const std::string& media = {}) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/phone.config")
        << R"(<SipEndpoint><Container name="Basic"><Connectivity user="7001" server="127.0.0.1:5060" protocol="udp"/>)"
        << R"(</Container><Container name="Genesys"><settings><domain name="policy"><section name="session">)"
        << session << R"(</section></domain><domain name="system"><section name="media">)" << media
        << "</section></domain></settings></Container></SipEndpoint>";
    given_.config_file = folder_ + "/phone.config";
    auto configured = read_configured(given_);
    if (!configured) return tl::make_unexpected(configured.error());
    return std::move(configured->settings);
  }
  static const ToneFileSetting& file(const PhoneSettings& settings, ToneFile of) {
    return settings.tone_files.at(static_cast<std::size_t>(of));
  }
  EndpointSettings given_;
  const std::string folder_ = testing::TempDir() + "sidetone_tones_" + std::to_string(::getpid());
};

TEST_F(ToneOptions, DefaultsAreTheGuides) {
  const auto read_in = read("");
  ASSERT_TRUE(read_in) << describe(read_in.error());
  const auto& tones = read_in->core.tones;
  EXPECT_EQ(tones.ringing, RingWhere::system);
  EXPECT_EQ(tones.ringback, 2);
  EXPECT_EQ(tones.ringing_timeout, 0s);
  EXPECT_TRUE(tones.ringing_while_call_held);
  EXPECT_TRUE(tones.call_waiting);
  EXPECT_EQ(file(*read_in, ToneFile::ringing).file, "ringing.wav");
  EXPECT_EQ(file(*read_in, ToneFile::system_ringing).file, "ringing.wav");
  EXPECT_EQ(file(*read_in, ToneFile::call_waiting).file, "callwait.wav");
  EXPECT_EQ(file(*read_in, ToneFile::ringback).file, "");
  for (const auto& setting : read_in->tone_files) EXPECT_FALSE(setting.named);
}

TEST_F(ToneOptions, EachIsReadAndFilesKnowTheirOption) {
  const auto read_in = read(
      R"(<setting name="ringing_enabled" value="7"/><setting name="ringing_timeout" value="20"/>
         <setting name="ringing_while_call_held" value="0"/><setting name="callwait_tone_enabled" value="0"/>
         <setting name="ringback_enabled" value="6"/><setting name="ringing_file" value="a.wav"/>
         <setting name="callwait_tone_file" value=""/><setting name="ringback_file" value="c.wav"/>
         <setting name="dtmf_feedback" value="0"/>)",
      R"(<setting name="ringing_file" value="d.wav"/>)");
  ASSERT_TRUE(read_in) << describe(read_in.error());
  const auto& tones = read_in->core.tones;
  EXPECT_EQ(tones.ringing, RingWhere::system_and_headset_once);
  EXPECT_EQ(tones.ringing_timeout, 20s);
  EXPECT_FALSE(tones.ringing_while_call_held);
  EXPECT_FALSE(tones.call_waiting);
  EXPECT_EQ(tones.ringback, 6);
  EXPECT_FALSE(tones.dtmf_feedback);
  EXPECT_EQ(file(*read_in, ToneFile::ringing).file, "a.wav");
  EXPECT_EQ(file(*read_in, ToneFile::ringing).option, "policy.session.ringing_file");
  EXPECT_EQ(file(*read_in, ToneFile::system_ringing).file, "d.wav");
  EXPECT_EQ(file(*read_in, ToneFile::system_ringing).option, "system.media.ringing_file");
  EXPECT_EQ(file(*read_in, ToneFile::call_waiting).file, "");
  EXPECT_EQ(file(*read_in, ToneFile::ringback).file, "c.wav");
  EXPECT_TRUE(file(*read_in, ToneFile::ringback).named);
}

TEST_F(ToneOptions, TheUserOfTheSdkWins) {
  given_.ringing_enabled = 4;
  given_.ringback_enabled = 3;
  given_.ringer_volume = 40;
  const auto read_in = read(R"(<setting name="ringing_enabled" value="7"/>)");
  ASSERT_TRUE(read_in);
  EXPECT_EQ(read_in->core.tones.ringing, RingWhere::ringer);
  EXPECT_EQ(read_in->core.tones.ringback, 3);
  EXPECT_EQ(read_in->core.ringer_volume, 40);
  for (const auto& [ringing, ringback, volume] :
       {std::tuple{8, 2, 100}, {-1, 2, 100}, {1, 5, 100}, {1, 2, 101}, {1, 2, -1}}) {
    given_.ringing_enabled = ringing;
    given_.ringback_enabled = ringback;
    given_.ringer_volume = volume;
    EXPECT_EQ(read("").error().fault, Fault::range) << ringing << ringback << volume;
  }
}

// An absent default file means the generated tone; an absent file that the user named is told.
TEST_F(ToneOptions, MissingFilesAreToldWhenTheyWereNamed) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ + "/song.wav") << "ID3 and so on";
  ToneFileSettings files{{{folder_ + "/default.wav", "policy.session.ringing_file", false},
                          {folder_ + "/song.wav", "system.media.ringing_file", true},
                          {folder_ + "/named.wav", "policy.session.callwait_tone_file", true},
                          {"", "policy.session.ringback_file", true}}};
  std::vector<std::string> texts;
  for (const auto& error : check_tone_files(files)) texts.push_back(error.text);
  EXPECT_THAT(texts,
              ElementsAre(testing::AllOf(HasSubstr("system.media.ringing_file"), HasSubstr("song.wav"),
                                         HasSubstr("MP3 cannot be played"), HasSubstr("a generated tone")),
                          testing::AllOf(HasSubstr("policy.session.callwait_tone_file"),
                                         HasSubstr("named.wav"), HasSubstr("No such file"))));
  for (std::size_t i = 0; i < files.size(); ++i)
    EXPECT_TRUE(tone_spec(files, static_cast<ToneFile>(i)).file.empty()) << i;
  EXPECT_THAT(check_tone_files(files), IsEmpty()) << "told once";
}

}  // namespace
}  // namespace sidetone::engine
