// A row beside what happened.
#pragma once

#include <string>
#include <vector>

#include "row.h"

namespace sidetone::torture {

struct Check {
  std::string what, expected, got;
  bool good = false;
};

struct Verdict {
  Row row;
  Check parser, phone, server, stream;
  std::vector<Check> details;  // values, the answer, bindings, round trip, rest
  [[nodiscard]] bool good() const;
  [[nodiscard]] std::string faults() const;
};

[[nodiscard]] Verdict judge(const Row& row);
[[nodiscard]] std::string table(const std::vector<Verdict>& verdicts);

}  // namespace sidetone::torture
