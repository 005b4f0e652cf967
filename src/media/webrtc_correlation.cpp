#include "media/webrtc_correlation.h"

#if defined(__x86_64__)

#include <common_audio/signal_processing/include/signal_processing_library.h>

#include <cstddef>
#include <cstdint>

// The archive's member with this name has nothing else in it, so that the linker does not take it. The
// compiler makes vector instructions of the inner loop (src/media/CMakeLists.txt); the library was built
// without.
extern "C" void WebRtcSpl_CrossCorrelationC(std::int32_t* cross_correlation, const std::int16_t* seq1,
                                            const std::int16_t* seq2, std::size_t dim_seq,
                                            std::size_t dim_cross_correlation, int right_shifts,
                                            int step_seq2) {
  for (std::size_t i = 0; i < dim_cross_correlation; ++i, seq2 += step_seq2) {
    std::uint32_t sum = 0;  // wraps, as the library's does
    for (std::size_t j = 0; j < dim_seq; ++j)
      sum += static_cast<std::uint32_t>((std::int32_t{seq1[j]} * seq2[j]) >> right_shifts);
    cross_correlation[i] = static_cast<std::int32_t>(sum);
  }
}

#endif

namespace sidetone::media {

void take_part_in_webrtc_correlation() {}

}  // namespace sidetone::media
