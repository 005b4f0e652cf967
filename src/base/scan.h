// Looking at sixteen characters at a time. All of it has a plain form for machines without SSE2, and the
// callers finish character by character in any case.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sidetone::scan {

#if defined(__SSE2__)
inline __m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
inline unsigned mask(__m128i hits) { return static_cast<unsigned>(_mm_movemask_epi8(hits)); }
inline __m128i equal(__m128i text, char c) { return _mm_cmpeq_epi8(text, _mm_set1_epi8(c)); }
// low <= x <= low + width, as unsigned.
inline __m128i in_range(__m128i text, char low, char width) {
  const __m128i from_low = _mm_sub_epi8(text, _mm_set1_epi8(low));
  return _mm_cmpeq_epi8(_mm_min_epu8(from_low, _mm_set1_epi8(width)), from_low);
}

// Where in [at, end) the first character stands that `hit` marks, or that the marks do not reach. Nothing
// outside of [begin, end) is read: a short rest is looked at as the end of the sixteen characters before
// `end`.
template <typename Hit>
[[gnu::always_inline]] inline const char* first_of(const char* at, const char* end, const char* begin,
                                                   Hit hit) {
  while (end - at >= 16) {
    const unsigned found = mask(hit(load(at)));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
  if (end - begin < 16 || at == end) return at;
  const unsigned found = mask(hit(load(end - 16))) >> (16 - (end - at));
  return found != 0 ? at + std::countr_zero(found) : end;
}
#endif

// Moves over letters, digits, '-' and '.': the bulk of every word. Stops there or earlier.
inline const char* skip_word(const char* at, const char* end, const char* begin) {
#if defined(__SSE2__)
  return first_of(at, end, begin, [](__m128i text) {
    const __m128i letters = in_range(_mm_or_si128(text, _mm_set1_epi8(0x20)), 'a', 25);
    const __m128i others = _mm_andnot_si128(equal(text, '/'), in_range(text, '-', '9' - '-'));
    return _mm_xor_si128(_mm_or_si128(letters, others), _mm_set1_epi8(-1));
  });
#else
  static_cast<void>(end);
  static_cast<void>(begin);
  return at;
#endif
}

// Moves to a quote, a backslash or a control character, or less far.
inline const char* skip_quoted(const char* at, const char* end, const char* begin) {
#if defined(__SSE2__)
  return first_of(at, end, begin, [](__m128i text) {
    return _mm_or_si128(_mm_or_si128(equal(text, '"'), equal(text, '\\')),
                        _mm_or_si128(in_range(text, 0, 0x1f), equal(text, 0x7f)));
  });
#else
  static_cast<void>(end);
  static_cast<void>(begin);
  return at;
#endif
}

// Whether `size` characters at `text` are those at `lower`, whose ASCII letters are small. Up to the next
// multiple of 16 both may be read.
inline bool equals_lower(const char* text, const char* lower, std::size_t size) {
#if defined(__SSE2__)
  for (std::size_t i = 0; i < size; i += 16) {
    const __m128i raw = load(text + i);
    const __m128i small = _mm_or_si128(raw, _mm_and_si128(in_range(raw, 'A', 25), _mm_set1_epi8(0x20)));
    const unsigned same = mask(_mm_cmpeq_epi8(small, load(lower + i)));
    const unsigned wanted = size - i >= 16 ? 0xffffU : (1U << (size - i)) - 1;
    if ((same & wanted) != wanted) return false;
  }
  return true;
#else
  return iequals({text, size}, {lower, size});
#endif
}

// The first ':', CR or LF at or behind `at`. There must be one, and 16 readable bytes behind it.
inline const char* find_colon(const char* at) {
#if defined(__SSE2__)
  while (true) {
    const __m128i text = load(at);
    const unsigned found =
        mask(_mm_or_si128(equal(text, ':'), _mm_or_si128(equal(text, '\r'), equal(text, '\n'))));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#else
  while (*at != ':' && *at != '\r' && *at != '\n') ++at;
  return at;
#endif
}

// The first CR or LF at or behind `at`, and whether a comma stands before it. There must be one, and 16
// readable bytes behind it.
struct LineEnd {
  const char* at;
  bool has_comma;
};
inline LineEnd find_line_end(const char* at) {
#if defined(__SSE2__)
  unsigned commas = 0;
  while (true) {
    const __m128i text = load(at);
    const unsigned found = mask(_mm_or_si128(equal(text, '\r'), equal(text, '\n')));
    const unsigned comma = mask(equal(text, ','));
    if (found != 0) return {at + std::countr_zero(found), (commas | (comma & (found - 1) & ~found)) != 0};
    commas |= comma;
    at += 16;
  }
#else
  bool has_comma = false;
  for (; *at != '\r' && *at != '\n'; ++at) has_comma |= *at == ',';
  return {at, has_comma};
#endif
}

// Moves to a CR or an LF, or less far.
inline const char* skip_line(const char* at, const char* end, const char* begin) {
#if defined(__SSE2__)
  return first_of(at, end, begin,
                  [](__m128i text) { return _mm_or_si128(equal(text, '\r'), equal(text, '\n')); });
#else
  static_cast<void>(end);
  static_cast<void>(begin);
  return at;
#endif
}

// Moves to a comma, a quote or an angle bracket, or less far.
inline const char* skip_to_separator(const char* at, const char* end, const char* begin) {
#if defined(__SSE2__)
  return first_of(at, end, begin, [](__m128i text) {
    return _mm_or_si128(_mm_or_si128(equal(text, ','), equal(text, '"')),
                        _mm_or_si128(equal(text, '<'), equal(text, '>')));
  });
#else
  static_cast<void>(end);
  static_cast<void>(begin);
  return at;
#endif
}

}  // namespace sidetone::scan
