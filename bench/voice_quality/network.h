// What networks do to packets, from a seed: the same row and seed is the same network for everyone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace sidetone::bench {

struct Row {
  std::string_view name, title;
  double loss = 0;
  double burst_mean = 1;  // packets that are lost together
  double jitter_ms = 0;   // |N(0, jitter)| on each packet, which reorders
  double spike_ms = 0;    // now and then the network stands still for so long
  double reorder = 0;     // share of packets that come after their next ones
  double sender_ppm = 0;  // its clock against the receiver's
  std::chrono::seconds length{30};
};
[[nodiscard]] const std::vector<Row>& rows();
[[nodiscard]] const Row* find_row(std::string_view name);

class Network {
 public:
  Network(const Row& row, std::uint64_t seed) : row_(row), random_(seed) {}
  // How much later than at once the next packet arrives; none: never. `sent` begins at 0.
  [[nodiscard]] std::optional<std::chrono::microseconds> carry(std::chrono::microseconds sent);

 private:
  [[nodiscard]] bool loses();
  [[nodiscard]] double normal();
  [[nodiscard]] double stands_still_ms(double sent_ms);
  Row row_;
  SeededRandom random_;
  bool in_burst_ = false;
  double spike_at_ms_ = 4000;
};

}  // namespace sidetone::bench
