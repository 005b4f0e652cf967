#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "codec/audio_format.h"

namespace sidetone::codec {
namespace {

std::string shown(const std::vector<AudioFormat>& formats) {
  std::string text;
  for (const auto& f : formats) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}", catalogue(f.codec).config_name, f.payload_type);
    if (!f.fmtp.empty()) text += fmt::format("[{}]", f.fmtp);
  }
  return text;
}

TEST(Enabled, Accepts) {
  struct Row {
    const char *text, *expected;
  };
  for (const auto& row : {
           Row{"pcmu", "PCMU/8000:0"},
           Row{"opus,OPUS/48000/2", nullptr},  // twice
           Row{"Opus", "opus/48000/2:120[useinbandfec=1]"},
           Row{"opus/48000", "opus/48000/2:120[useinbandfec=1]"},
           Row{"opus/48000/2=(pt=111)", "opus/48000/2:111[useinbandfec=1]"},
           Row{"G722/16000,g722", nullptr},
           Row{"G722/16000", "G722/16000:9"},
           Row{"g722/8000", "G722/16000:9"},
           Row{"iSAC/16000=(pt=103),isac/32000", "iSAC/16000:103 iSAC/32000:104"},
           Row{"iLBC=(payload_type=97,fmtp=\"mode=20\")", "iLBC/8000:97[mode=20]"},
           Row{"ilbc=(payload=97,fm=mode=20)", "iLBC/8000:97[mode=20]"},
           Row{"g729=(fmtp=\"annexb=yes\")", "G729/8000:18[annexb=yes]"},
           Row{"opus=(fmtp=\"usedtx=1;x=(1,2)\"),pcma", "opus/48000/2:120[usedtx=1;x=(1,2)] PCMA/8000:8"},
           Row{"opus=(fmtp=\"\")", "opus/48000/2:120"},
           Row{" pcmu , pcma\t,g722 ", "PCMU/8000:0 PCMA/8000:8 G722/16000:9"},
           Row{"pcmu=(pt=0)", "PCMU/8000:0"},
           Row{"pcmu=(pt=100)", "PCMU/8000:100"},
           Row{"telephone-event=(pt=96),pcmu", "telephone-event/8000:96[0-15] PCMU/8000:0"},
           // The default of one gives way to the wish of another.
           Row{"ilbc,opus=(pt=102)", "iLBC/8000:96 opus/48000/2:102[useinbandfec=1]"},
           // The vendor's own list.
           Row{"pcmu,pcma,G722,iLBC=(pt=102),iSAC/16000=(pt=103),iSAC/32000=(pt=104),"
               "g729=(fmtp=\"annexb=yes\"),opus/48000/2=(pt=120)",
               "PCMU/8000:0 PCMA/8000:8 G722/16000:9 iLBC/8000:102 iSAC/16000:103 iSAC/32000:104 "
               "G729/8000:18[annexb=yes] opus/48000/2:120[useinbandfec=1]"},
       }) {
    SCOPED_TRACE(row.text);
    const auto parsed = parse_enabled(row.text);
    ASSERT_EQ(parsed.has_value(), row.expected != nullptr) << (parsed ? "" : describe(parsed.error()));
    if (parsed) EXPECT_EQ(shown(*parsed), row.expected);
  }
}

TEST(Enabled, BlankMeansTheDefault) {
  EXPECT_EQ(*parse_enabled(""), default_enabled());
  EXPECT_EQ(*parse_enabled("  "), default_enabled());
}

TEST(Enabled, FaultsNameTheItemAndWhatIsAccepted) {
  struct Row {
    const char *text, *item, *word;
  };
  for (const auto& row : {
           Row{"pcmu,speex", "'speex'", "iSAC/16000"},
           Row{"pcmu,,pcma", "''", "empty"},
           Row{"pcmu,", "''", "empty"},
           Row{"isac", "'isac'", "iSAC/16000 or iSAC/32000"},
           Row{"isac/8000", "'isac/8000'", "iSAC/16000"},
           Row{"pcmu/x", "'pcmu/x'", "clock rate"},
           Row{"opus/48000/z", "'opus/48000/z'", "channels"},
           Row{"pcmu/8000/2", "'pcmu/8000/2'", "channels"},
           Row{"opus=(pt=95)", "'opus=(pt=95)'", "96 to 127"},
           Row{"opus=(pt=128)", "'opus=(pt=128)'", "96 to 127"},
           Row{"pcmu=(pt=8)", "'pcmu=(pt=8)'", "or 0"},
           Row{"opus=(pt=x)", "'opus=(pt=x)'", "96 to 127"},
           Row{"opus=pt=120", "'opus=pt=120'", "parentheses"},
           Row{"opus=(pt=120", "'opus=(pt=120'", "parentheses"},
           Row{"opus=", "'opus='", "parentheses"},
           Row{"opus=()", "'opus=()'", "no value"},
           Row{"opus=(bitrate=3)", "'opus=(bitrate=3)'", "payload_type (pt), fmtp"},
           Row{"opus=(fmtp=\"a)", "'opus=(fmtp=\"a)'", "quotes do not match"},
           Row{"opus=(fmtp=a\"b\")", "'opus=(fmtp=a\"b\")'", "quote"},
           Row{"pcmu,PCMU/8000", "'PCMU/8000'", "'pcmu'"},
           Row{"opus=(pt=99),ilbc=(pt=99)", "'ilbc=(pt=99)'", "'opus=(pt=99)'"},
       }) {
    SCOPED_TRACE(row.text);
    const auto parsed = parse_enabled(row.text);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().layer, Layer::config);
    EXPECT_THAT(describe(parsed.error()), testing::HasSubstr(row.item));
    EXPECT_THAT(describe(parsed.error()), testing::HasSubstr(row.word));
  }
  EXPECT_EQ(parse_enabled(std::string(5000, 'x')).error().fault, Fault::limit);
}

TEST(Enabled, AnyTextGivesAListOrAFault) {
  SeededRandom random(7);
  const std::string seed = "opus/48000/2=(pt=120,fmtp=\"usedtx=1\"),iSAC/16000,g729=(fmtp=\"annexb=yes\")";
  constexpr std::string_view letters = ",/=()\"pt0129 aO";
  for (int round = 0; round < 20000; ++round) {
    auto text = seed;
    for (auto changes = random.below(6) + 1; changes > 0; --changes) {
      const auto at = random.below(text.size());
      if (random.chance(0.3))
        text.erase(at, random.below(5));
      else
        text[at] = letters[random.below(letters.size())];
      if (text.empty()) text = ",";
    }
    const auto parsed = parse_enabled(text);
    if (!parsed) EXPECT_FALSE(parsed.error().text.empty());
  }
}

}  // namespace
}  // namespace sidetone::codec
