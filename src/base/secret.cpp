#include "base/secret.h"

namespace sidetone {

std::string masked(std::string_view text) {
  if (text.empty()) return {};
  const std::size_t shown = text.size() > 4 ? 2 : 0;
  return std::string(text.size() - shown, '*') + std::string(text.substr(text.size() - shown));
}

}  // namespace sidetone
