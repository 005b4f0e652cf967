#include "endpoint/dtmf_method.h"

#include <array>

namespace sidetone::endpoint {
namespace {

// RFC 4733 §1: low-rate voice codecs cannot be guaranteed to reproduce tones.
bool carries_tones(codec::AudioCodec codec) {
  using codec::AudioCodec;
  return codec == AudioCodec::pcmu || codec == AudioCodec::pcma || codec == AudioCodec::g722 ||
         codec == AudioCodec::opus;
}

bool is_possible(DtmfMethod method, const DtmfAbilities& abilities) {
  switch (method) {
    case DtmfMethod::rfc2833: return abilities.events;
    case DtmfMethod::info: return abilities.info;
    case DtmfMethod::inband_rtp: return abilities.tones;
  }
  return false;
}

}  // namespace

DtmfAbilities dtmf_abilities(const std::optional<codec::MediaPlan>& plan, bool info) {
  const bool sends = plan && plan->send;
  return {sends && plan->send_events.has_value(), sends && carries_tones(plan->send_format.codec), info};
}

std::optional<DtmfMethod> choose_dtmf_method(DtmfMethod asked, const DtmfAbilities& abilities) {
  if (is_possible(asked, abilities)) return asked;
  for (const auto method : {DtmfMethod::rfc2833, DtmfMethod::info, DtmfMethod::inband_rtp})
    if (is_possible(method, abilities)) return method;
  return std::nullopt;
}

}  // namespace sidetone::endpoint
