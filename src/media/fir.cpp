#include "media/fir.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sidetone::media {
namespace {

constexpr std::int32_t half = 1 << (fir_fraction_bits - 1);

std::int16_t rounded(std::int32_t sum) {
  constexpr std::int32_t low = std::numeric_limits<std::int16_t>::min(),
                         high = std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>(std::clamp((sum + half) >> fir_fraction_bits, low, high));
}

void run_anywhere(const Fir& fir, const std::int16_t* line, std::size_t count, std::int16_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < fir.taps; ++k) sum += std::int32_t{line[i * fir.in_step + k]} * fir.filter[k];
    out[i * fir.out_step] = rounded(sum);
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] inline __m256i load(const std::int16_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

// Four results at a time share the loads of the filter and the sums across lanes.
[[gnu::target("avx2")]] void run_avx2(const Fir& fir, const std::int16_t* line, std::size_t count,
                                      std::int16_t* out) {
  for (std::size_t i = 0; i < count; i += 4, line += 4 * fir.in_step) {
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (std::size_t k = 0; k < fir.taps; k += fir_block) {
      const auto filter = load(fir.filter + k);
      const auto* at = line + k;
      a = _mm256_add_epi32(a, _mm256_madd_epi16(filter, load(at)));
      b = _mm256_add_epi32(b, _mm256_madd_epi16(filter, load(at + fir.in_step)));
      c = _mm256_add_epi32(c, _mm256_madd_epi16(filter, load(at + 2 * fir.in_step)));
      d = _mm256_add_epi32(d, _mm256_madd_epi16(filter, load(at + 3 * fir.in_step)));
    }
    const auto pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    auto sums = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    sums = _mm_srai_epi32(_mm_add_epi32(sums, _mm_set1_epi32(half)), fir_fraction_bits);
    alignas(16) std::int16_t results[8];
    _mm_store_si128(reinterpret_cast<__m128i*>(results), _mm_packs_epi32(sums, sums));
    for (std::size_t n = 0; n < 4; ++n) out[(i + n) * fir.out_step] = results[n];
  }
}
#endif

}  // namespace

void run_fir(const Fir& fir, const std::int16_t* line, std::size_t count, std::int16_t* out) {
  ST_ASSERT(fir.taps % fir_block == 0 && count % 4 == 0);
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return run_avx2(fir, line, count, out);
#endif
  run_anywhere(fir, line, count, out);
}

}  // namespace sidetone::media
