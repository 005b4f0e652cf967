#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace sidetone {
namespace {

TEST(SeededRandom, same_seed_same_sequence) {
  SeededRandom a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
}

TEST(Random, token_has_the_asked_length_and_rarely_repeats) {
  SeededRandom random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 10000; ++i) {
    const auto token = random.token(10);
    ASSERT_EQ(token.size(), 10u);
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 10000u);
}

TEST(Random, below_stays_below) {
  SeededRandom random(3);
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(7), 7u);
}

}  // namespace
}  // namespace sidetone
