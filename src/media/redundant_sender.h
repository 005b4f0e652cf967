// When a payload takes the one before it along (RFC 2198), and what that looks like. Telephone-events do not:
// each of their packets describes the event fully, and ours have sent their last retransmission before the
// next event begins (RFC 4733 §2.5.1.4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "rtp/redundancy.h"

namespace sidetone::media {

class RedundantSender {
 public:
  // What the peer reports that it has lost of our packets, 0..1. It takes a noticeable loss to begin: every
  // packet gets twice as large.
  void expect_loss(double fraction);
  [[nodiscard]] bool wanted() const { return wanted_; }

  // `to` gets both, or nothing: 0, and the payload goes alone. Remembers it in any case.
  [[nodiscard]] std::size_t write(std::span<std::uint8_t> to, std::uint8_t payload_type,
                                  std::uint32_t timestamp, std::span<const std::uint8_t> payload);
  void forget() { size_ = 0; }  // the sequence had something else in between

 private:
  [[nodiscard]] std::size_t combined(std::span<std::uint8_t> to, const rtp::RedundantBlock& primary,
                                     std::uint32_t timestamp) const;
  void remember(const rtp::RedundantBlock& primary, std::uint32_t timestamp);

  bool wanted_ = false;
  std::uint8_t payload_type_ = 0;
  std::uint32_t timestamp_ = 0;
  std::array<std::uint8_t, rtp::redundant_block_size_max> payload_{};
  std::size_t size_ = 0;  // 0: nothing to repeat
};

}  // namespace sidetone::media
