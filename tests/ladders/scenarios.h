// The scenarios of "SIP-Based Third-Party Call Control" of the SDK document, each a script for the stage.
#pragma once

#include <span>

#include "stage.h"

namespace sidetone::test {

struct Script {
  std::string_view name;   // of the ladder's file
  std::string_view title;  // of the document's section
  lab::ServerSettings (*settings)();
  void (*play)(Stage& stage);
};

[[nodiscard]] std::span<const Script> scripts();

}  // namespace sidetone::test
