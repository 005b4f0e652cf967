// Where the documents contradict themselves, each other or what was observed, or leave something out: what
// Sidetone does, decided once.
#pragma once

#include <span>
#include <string_view>

namespace sidetone::config {

struct Decision {
  std::string_view path;  // of the option
  std::string_view open;  // what the documents leave open
  std::string_view here;  // what is done here
};
[[nodiscard]] std::span<const Decision> decisions();

}  // namespace sidetone::config
