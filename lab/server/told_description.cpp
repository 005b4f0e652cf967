#include "labserver/told_description.h"

namespace sidetone::lab {

std::string ToldDescription::tell(std::string_view sdp) {
  if (sdp.empty()) return {};
  auto parsed = sdp::SessionDescription::parse(sdp);
  if (owned_ && parsed && described_) {
    // The version compares what it describes, so the rest is compared under one origin.
    parsed->origin = described_->origin;
    if (!(*parsed == *described_)) ++parsed->origin.version;
    described_ = std::move(*parsed);
    last_ = described_->write();
    return last_;
  }
  last_ = sdp;
  if (parsed)
    described_ = std::move(*parsed);
  else
    described_.reset();
  return last_;
}

}  // namespace sidetone::lab
