#include "media/fir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace sidetone::media {
namespace {

std::vector<std::int16_t> noise(SeededRandom& random, std::size_t count, int amplitude) {
  std::vector<std::int16_t> samples(count);
  for (auto& sample : samples)
    sample = static_cast<std::int16_t>(
        static_cast<int>(random.below(static_cast<std::uint64_t>(2 * amplitude + 1))) - amplitude);
  return samples;
}

std::int16_t expected(const Fir& fir, const std::vector<std::int16_t>& line, std::size_t i) {
  std::int64_t sum = 1 << (fir_fraction_bits - 1);
  for (std::size_t k = 0; k < fir.taps; ++k) sum += std::int64_t{line[i * fir.in_step + k]} * fir.filter[k];
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(sum >> fir_fraction_bits, -32768, 32767));
}

// The very results of the definition, whatever instructions the processor has; loud ones are cut off.
TEST(FirTest, ComputesWhatItSays) {
  SeededRandom random(3);
  for (const std::size_t taps : {16, 48, 240})
    for (const std::size_t in_step : {1, 2, 3, 6})
      for (const std::size_t out_step : {1, 3, 6})
        for (const int amplitude : {300, 5000}) {
          constexpr std::size_t count = 80;
          const auto filter = noise(random, taps, amplitude);
          const auto line = noise(random, count * in_step + taps, 32767 / (amplitude / 100));
          std::vector<std::int16_t> out(count * out_step, 77);
          const Fir fir{filter.data(), taps, in_step, out_step};
          run_fir(fir, line.data(), count, out.data());
          for (std::size_t i = 0; i < out.size(); ++i)
            ASSERT_EQ(out[i], i % out_step == 0 ? expected(fir, line, i / out_step) : 77)
                << taps << " taps, steps " << in_step << " and " << out_step << ", place " << i;
        }
}

TEST(FirTest, CutsOffWhatIsTooLoud) {
  const std::vector<std::int16_t> filter(16, 4096), line(32, 30000), negative(32, -30000);
  std::vector<std::int16_t> out(4);
  run_fir({filter.data(), 16, 1, 1}, line.data(), 4, out.data());
  EXPECT_EQ(out, std::vector<std::int16_t>(4, 32767));
  run_fir({filter.data(), 16, 1, 1}, negative.data(), 4, out.data());
  EXPECT_EQ(out, std::vector<std::int16_t>(4, -32768));
}

}  // namespace
}  // namespace sidetone::media
