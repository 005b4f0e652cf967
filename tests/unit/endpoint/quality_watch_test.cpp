#include "endpoint/quality_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidetone::endpoint {
namespace {

// vq_alarm_threshold: '+' raised, '-' cleared, '.' nothing, for each interval's MOS.
std::string judged(double threshold, const std::vector<double>& intervals) {
  QualityWatch watch(threshold);
  std::string text;
  for (const double mos : intervals) {
    const auto changed = watch.judge(mos);
    text += !changed ? '.' : *changed ? '+' : '-';
    EXPECT_TRUE(!changed || *changed == watch.on());
  }
  return text;
}

TEST(QualityWatch, Table) {
  const struct {
    const char* why;
    double threshold;
    std::vector<double> intervals;
    const char* expected;
  } rows[] = {
      {"0 is off", 0, {1, 1.5, 4.4}, "..."},
      {"good all the time", 3.5, {4.4, 4.1, 3.5}, "..."},
      {"raised at once, cleared after two clearly better intervals", 3.5, {4.4, 3.4, 4.2, 4.2, 4.2}, ".+.-."},
      {"no flapping at the edge", 3.5, {3.4, 3.6, 3.4, 3.6, 3.65, 3.4, 3.69}, "+......"},
      {"one good interval is not enough", 3.5, {3.0, 4.0, 3.0, 4.0, 4.0}, "+...-"},
      {"raised again later", 3.5, {3.0, 4.0, 4.0, 3.0}, "+.-+"},
      {"an interval without packets says nothing", 3.5, {3.0, 0, 4.0, 0, 4.0, 0}, "+...-."},
      {"a threshold near the best can be left again", 4.3, {4.2, 4.4, 4.4}, "+.-"},
      {"one that nothing reaches stays", 4.8, {4.4, 4.4, 4.4}, "+.."},
  };
  for (const auto& row : rows) EXPECT_EQ(judged(row.threshold, row.intervals), row.expected) << row.why;
}

}  // namespace
}  // namespace sidetone::endpoint
