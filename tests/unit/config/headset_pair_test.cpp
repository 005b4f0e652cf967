#include "config/headset_pair.h"

#include <gtest/gtest.h>

namespace sidetone::config {
namespace {

TEST(HeadsetPair, IsReadAsTheGuideSays) {
  const struct {
    std::string_view text, microphone, speaker;  // no microphone: refused
  } rows[] = {
      {"External Mic:Headphones", "External Mic", "Headphones"},
      {"  External Mic :  Headphones ", "External Mic", "Headphones"},
      {"'a:b':c", "a:b", "c"},
      {"a:\"b,c\"", "a", "b,c"},
      {"'it\"s':\"o'clock\"", "it\"s", "o'clock"},
      {"' a ' : 'b'", " a ", "b"},
      {"", "", ""},
      {":", "", ""},
      {"a", "", ""},
      {"a:", "", ""},
      {":b", "", ""},
      {"'':b", "", ""},
      {"'a:b", "", ""},
      {"a:'b", "", ""},
      {"'a'x:b", "", ""},
      {"a:b:c", "", ""},
      {"a:'b'c", "", ""},
      {"'", "", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto pair = parse_headset_pair(row.text);
    ASSERT_EQ(pair.has_value(), !row.microphone.empty());
    if (!pair) continue;
    EXPECT_EQ(pair->microphone, row.microphone);
    EXPECT_EQ(pair->speaker, row.speaker);
  }
}

}  // namespace
}  // namespace sidetone::config
