// What a voice quality report says of a call besides its media's figures (RFC 6035 §4.6.1).
#pragma once

#include <string>

#include "base/address.h"
#include "base/time.h"
#include "endpoint/leg.h"

namespace sidetone::endpoint {

struct ReportFacts {
  LegDialog dialog;
  bool incoming = false;
  Address local, remote;  // of RTP
  Time connected_at{};
  std::chrono::milliseconds ptime{20};  // of what we send
  bool leaves_out_silence = false;
};

}  // namespace sidetone::endpoint
