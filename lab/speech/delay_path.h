// Where each piece of a said recording is in the heard one.
#pragma once

#include <cstddef>
#include <vector>

namespace sidetone::speech {

struct PlacedSegment {
  std::size_t at = 0;  // in the said one
  double delay = 0;    // samples, where it is or where its neighbours are
  bool found = false;
};

struct DelaySearch {
  std::size_t segment = 0, hop = 0;   // samples
  long delay_min = 0, delay_max = 0;  // samples
  double jump_samples = 1;            // a step of delay of that size costs the full price
};

// Only segments with speech in them; ascending.
[[nodiscard]] std::vector<PlacedSegment> find_delay_path(const std::vector<float>& said,
                                                         const std::vector<float>& heard,
                                                         const DelaySearch& search);

}  // namespace sidetone::speech
