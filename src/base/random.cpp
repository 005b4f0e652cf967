#include "base/random.h"

#include <bit>

#include "base/assert.h"

namespace sidetone {

std::uint64_t Random::below(std::uint64_t bound) {
  ST_ASSERT(bound > 0);
  // The bias of a plain remainder is below 2^-32 for every bound in use, and one draw keeps seeds stable.
  return next() % bound;
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::string Random::token(std::size_t length) {
  static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, '\0');
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : text) {
    if (left == 0) {
      bits = next();
      left = 12;  // 36^12 < 2^64: twelve characters from one draw
    }
    c = alphabet[bits % 36];
    bits /= 36;
    --left;
  }
  return text;
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  // splitmix64 spreads a small seed over the whole state.
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15u;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    word = z ^ (z >> 31);
  }
}

std::uint64_t SeededRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

}  // namespace sidetone
