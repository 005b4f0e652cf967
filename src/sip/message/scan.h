// Finding the end of a line many characters at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sidetone::sip::scan {

// The first CR or LF at or behind `at`. There must be one, and 16 readable bytes behind it.
inline const char* find_break(const char* at) {
#if defined(__SSE2__)
  const __m128i cr = _mm_set1_epi8('\r');
  const __m128i lf = _mm_set1_epi8('\n');
  while (true) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(text, cr), _mm_cmpeq_epi8(text, lf));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#else
  // A byte is zero where (x - 1) & ~x has its top bit set; false hits only lie behind true ones, and the
  // loop below looks at each byte again.
  constexpr std::uint64_t ones = 0x0101010101010101U;
  const auto zeros = [](std::uint64_t x) { return (x - ones) & ~x & (ones << 7U); };
  while (true) {
    std::uint64_t text = 0;
    std::memcpy(&text, at, sizeof text);
    if ((zeros(text ^ (ones * '\r')) | zeros(text ^ (ones * '\n'))) != 0) break;
    at += sizeof text;
  }
  while (*at != '\r' && *at != '\n') ++at;
  return at;
#endif
}

}  // namespace sidetone::sip::scan
