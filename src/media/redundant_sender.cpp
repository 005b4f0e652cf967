#include "media/redundant_sender.h"

#include <algorithm>

namespace sidetone::media {
namespace {

// In-band FEC and concealment hide less than that; twice the bandwidth would be a poor bargain.
constexpr double loss_begins = 0.03, loss_ends = 0.01;

}  // namespace

void RedundantSender::expect_loss(double fraction) {
  wanted_ = fraction >= (wanted_ ? loss_ends : loss_begins);
}

std::size_t RedundantSender::write(std::span<std::uint8_t> to, std::uint8_t payload_type,
                                   std::uint32_t timestamp, std::span<const std::uint8_t> payload) {
  const rtp::RedundantBlock primary{payload_type, 0, payload};
  const auto size = wanted_ ? combined(to, primary, timestamp) : 0;
  if (wanted_)
    remember(primary, timestamp);
  else
    forget();
  return size;
}

std::size_t RedundantSender::combined(std::span<std::uint8_t> to, const rtp::RedundantBlock& primary,
                                      std::uint32_t timestamp) const {
  const auto offset = timestamp - timestamp_;
  if (size_ == 0 || offset == 0 || offset > rtp::redundant_offset_max) return 0;
  return rtp::write_redundancy(
      to, {payload_type_, static_cast<std::uint16_t>(offset), std::span(payload_).first(size_)}, primary);
}

void RedundantSender::remember(const rtp::RedundantBlock& primary, std::uint32_t timestamp) {
  size_ = primary.payload.size() <= payload_.size() ? primary.payload.size() : 0;
  std::copy_n(primary.payload.begin(), size_, payload_.begin());
  payload_type_ = primary.payload_type;
  timestamp_ = timestamp;
}

}  // namespace sidetone::media
