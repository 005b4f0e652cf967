// What the three hashes share: blocks, padding with the length at the end, words in one byte order
// (RFC 1321 §3.1, FIPS 180-4 §5.1).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace sidetone::sip::hash {

template <typename Word>
[[nodiscard]] Word load_big(const std::uint8_t* bytes) {
  Word word = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) word = word << 8 | bytes[i];
  return word;
}

template <typename Word>
[[nodiscard]] Word load_little(const std::uint8_t* bytes) {
  Word word = 0;
  for (std::size_t i = sizeof(Word); i > 0; --i) word = word << 8 | bytes[i - 1];
  return word;
}

template <std::size_t size, typename Hash>
[[nodiscard]] std::array<std::uint8_t, size> digest(Hash hash, std::string_view data) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());
  std::size_t left = data.size();
  for (; left >= Hash::block_bytes; bytes += Hash::block_bytes, left -= Hash::block_bytes) hash.block(bytes);

  // The rest, 0x80, zeros and the length in bits: one block or two.
  std::array<std::uint8_t, 2 * Hash::block_bytes> tail{};
  std::copy(bytes, bytes + left, tail.begin());
  tail[left] = 0x80;
  const bool fits = left + 1 + Hash::length_bytes <= Hash::block_bytes;
  const std::size_t end = fits ? Hash::block_bytes : 2 * Hash::block_bytes;
  std::uint64_t bits = std::uint64_t{data.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i, bits >>= 8)
    tail[Hash::big_endian ? end - 1 - i : end - Hash::length_bytes + i] = static_cast<std::uint8_t>(bits);
  hash.block(tail.data());
  if (!fits) hash.block(tail.data() + Hash::block_bytes);

  std::array<std::uint8_t, size> out;
  constexpr std::size_t word_bytes = sizeof(hash.state[0]);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t in_word = i % word_bytes;
    const std::size_t shift = 8 * (Hash::big_endian ? word_bytes - 1 - in_word : in_word);
    out[i] = static_cast<std::uint8_t>(hash.state[i / word_bytes] >> shift);
  }
  return out;
}

}  // namespace sidetone::sip::hash
