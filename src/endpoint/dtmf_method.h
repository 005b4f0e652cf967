// How digits leave a call: by the configured method where that can be, else by the next sensible one.
#pragma once

#include <optional>

#include "codec/media_plan.h"
#include "sidetone/types.h"

namespace sidetone::endpoint {

// What a call can do now.
struct DtmfAbilities {
  bool events = false;  // telephone-event is negotiated, and we may send (RFC 4733)
  bool tones = false;   // we may send, by a codec that reproduces tones
  bool info = false;    // there is a dialog whose far end has not refused INFO
};
[[nodiscard]] DtmfAbilities dtmf_abilities(const std::optional<codec::MediaPlan>& plan, bool info);

// dtmf_method. RFC 4733 comes before INFO: it keeps its time with the speech; INFO before tones: it is
// answered, and no codec can spoil it.
[[nodiscard]] std::optional<DtmfMethod> choose_dtmf_method(DtmfMethod asked, const DtmfAbilities& abilities);

}  // namespace sidetone::endpoint
