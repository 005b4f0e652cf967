// The rules' findings in one world. The first few are enough: what follows a broken rule is noise.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace sidetone::sim {

struct Violation {
  Time when;
  std::string rule;  // a word to search for
  std::string text;
};

class Verdict {
 public:
  void broken(Time when, std::string rule, std::string text) {
    if (violations_.size() < violations_max) violations_.push_back({when, std::move(rule), std::move(text)});
  }
  [[nodiscard]] bool good() const { return violations_.empty(); }
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }

 private:
  static constexpr std::size_t violations_max = 8;
  std::vector<Violation> violations_;
};

}  // namespace sidetone::sim
