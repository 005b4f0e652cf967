// Random numbers are an input, too: the engine injects the system's, a simulation a seeded one.
#pragma once

#include <cstdint>
#include <string>

namespace sidetone {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  std::uint64_t below(std::uint64_t bound);  // 0 <= result < bound; bound > 0
  double unit();                             // 0 <= result < 1
  bool chance(double probability) { return unit() < probability; }
  // `length` characters of a-z and 0-9: tags, branches, Call-IDs, nonces (RFC 3261 §19.3 asks >= 32 bits).
  std::string token(std::size_t length);
};

// xoshiro256**: the same seed gives the same world on every machine. Not for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::uint64_t state_[4];
};

}  // namespace sidetone
