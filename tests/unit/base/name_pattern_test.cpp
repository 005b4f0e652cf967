#include "base/name_pattern.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sidetone {
namespace {

TEST(NamePattern, MatchesProperNamesPartsAndExpressions) {
  const struct {
    std::string_view pattern, name;
    bool matches;
  } rows[] = {
      {"Jabra EVOLVE 20", "Jabra EVOLVE 20", true},
      {"jabra evolve 20", "Jabra EVOLVE 20", true},
      {"Jabra", "Headset Microphone (Jabra EVOLVE 20)", true},
      {"Plantronics|Jabra", "Jabra EVOLVE 20", true},
      {"Plantronics|Jabra", "Sennheiser SC 60", false},
      {"^Jabra", "Headset (Jabra)", false},
      {"Evolve (20|40)$", "Jabra EVOLVE 40", true},
      {"Evolve (20|40)$", "Jabra EVOLVE 80", false},
      {"\\d{4}", "Logitech 3000", true},
      {"(?=.*USB)Headset", "Headset USB", true},
      // Proper names with characters that an expression reads otherwise.
      {"Headset (2- Jabra EVOLVE 20)", "Headset (2- Jabra EVOLVE 20)", true},
      {"C-Media USB [1]", "C-Media USB [1]", true},
      {"Mic (Realtek", "Mic (Realtek(R) Audio)", true},  // not even an expression
      {"Mic (Realtek", "Mic", false},
      {"*", "anything", true},
      {"*", "", true},
      {"", "anything", false},
      {"", "", false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(NamePattern(std::string(row.pattern)).matches(row.name), row.matches)
        << row.pattern << " in " << row.name;
}

TEST(NamePattern, SaysWhatIsNoExpression) {
  for (const auto* text : {"Mic (Realtek", "[", "a{2,1}", "**"})
    EXPECT_EQ(NamePattern(text).fault(), "is no regular expression") << text;
  for (const auto* text : {"*", "", "Jabra.*", "a|b", "(x)(y)"})
    EXPECT_EQ(NamePattern(text).fault(), "") << text;
}

TEST(NamePattern, HostileExpressionsEndSoonAndOnce) {
  const std::string name(5000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  for (const auto* text : {"(a+)+$b", "(a|aa)+$b", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", "((a*)*)*b",
                           "(a?){200}(a?){200}(a?){200}b"}) {
    NamePattern pattern(text);
    EXPECT_FALSE(pattern.matches(name)) << text;
    EXPECT_NE(pattern.fault().find("too many steps"), std::string::npos) << text;
    for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(pattern.matches(name));  // it is not tried again
  }
  // Generous for sanitizers: without a bound the first alone takes longer than the age of the universe.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(NamePattern, KnowsTheVeryName) {
  EXPECT_TRUE(NamePattern("Monitor of Speaker").is_name("monitor of speaker"));
  EXPECT_FALSE(NamePattern("Monitor").is_name("Monitor of Speaker"));
  EXPECT_FALSE(NamePattern(".*").is_name("Monitor of Speaker"));
  EXPECT_FALSE(NamePattern("").is_name(""));
}

}  // namespace
}  // namespace sidetone
