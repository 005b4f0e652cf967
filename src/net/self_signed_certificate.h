// A certificate for oneself where no authority is at hand: the lab's, and whatever listens on this machine
// only.
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"

namespace sidetone::net {

struct SelfSigned {
  std::vector<std::string> names;  // DNS names and IP addresses; the first is the CN, too
  int days = 30;
};

// Writes a P-256 key and its certificate into one PEM file that only its owner may read. Who shall trust it
// names the same file as CA file.
Expected<void> write_self_signed(const std::string& path, const SelfSigned& what);

}  // namespace sidetone::net
