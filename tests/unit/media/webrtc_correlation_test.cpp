#include "media/webrtc_correlation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "base/random.h"

#if defined(__x86_64__)

extern "C" void WebRtcSpl_CrossCorrelationC(std::int32_t* cross_correlation, const std::int16_t* seq1,
                                            const std::int16_t* seq2, std::size_t dim_seq,
                                            std::size_t dim_cross_correlation, int right_shifts,
                                            int step_seq2);

namespace sidetone::media {
namespace {

// As the library documents it: sum over j of seq1[j] * seq2[step * i + j], each product shifted.
TEST(WebrtcCorrelationTest, GivesTheLibrarysResults) {
  take_part_in_webrtc_correlation();
  SeededRandom random(5);
  for (const std::size_t size : {1, 7, 60, 256})
    for (const int step : {-1, 1, 2})
      for (int shifts = 0; shifts < 12; shifts += 3) {
        constexpr std::size_t count = 9;
        std::vector<std::int16_t> first(size), second(size + 2 * count * 2);
        // Without shifts the library lets only so loud ones in that the sum fits.
        const std::int64_t most = shifts == 0 ? 2000 : 32767;
        for (auto* samples : {&first, &second})
          for (auto& sample : *samples)
            sample = static_cast<std::int16_t>(
                static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * most + 1))) - most);
        const auto* middle = second.data() + 2 * count;
        std::vector<std::int32_t> got(count, -1);
        WebRtcSpl_CrossCorrelationC(got.data(), first.data(), middle, size, count, shifts, step);
        for (std::size_t i = 0; i < count; ++i) {
          std::uint32_t sum = 0;  // the library's wraps, too
          for (std::size_t j = 0; j < size; ++j)
            sum += static_cast<std::uint32_t>(
                (std::int32_t{first[j]} *
                 middle[step * static_cast<std::ptrdiff_t>(i) + static_cast<std::ptrdiff_t>(j)]) >>
                shifts);
          ASSERT_EQ(got[i], static_cast<std::int32_t>(sum)) << size << ' ' << step << ' ' << shifts;
        }
      }
}

}  // namespace
}  // namespace sidetone::media

#endif
