// Secures one stream in both directions as offer and answer have it, and follows when they change: a key that
// stays keeps its rollover counter, one that goes is still understood for a while (RFC 4568 §7.1.4).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/srtp.h"
#include "base/time.h"
#include "rtp/srtp_receiver.h"
#include "rtp/srtp_sender.h"

namespace sidetone::rtp {

struct SrtpCounts {
  std::uint64_t authentic = 0, forged = 0, replayed = 0, expired = 0;
  std::uint64_t unsent = 0;  // of ours, that could not be protected
};

class SrtpSession {
 public:
  // Nothing: not secured.
  void apply(const std::optional<SrtpPlan>& plan, Time now);
  [[nodiscard]] bool is_secured() const { return plan_.has_value(); }

  // False: it must not leave. Unchanged when the stream is not secured.
  [[nodiscard]] bool protect(std::span<std::uint8_t> room, std::size_t& size, bool rtcp);
  // The clear packet, valid until the next call; nothing when it is not the peer's. The packet itself when
  // the stream is not secured.
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> unprotect(std::span<const std::uint8_t> packet,
                                                                       bool rtcp, Time now);
  // Of the peer's key in force, since it was asked last (RFC 4568 §6.1: its lifetime).
  [[nodiscard]] SrtpReceiver::KeyNews take_key_news() {
    return std::exchange(key_news_, SrtpReceiver::KeyNews::none);
  }
  [[nodiscard]] const SrtpCounts& counts() const { return counts_; }

 private:
  // What a receiver makes of a copy of the packet.
  SrtpReceiver::Result open(SrtpReceiver& receiver, std::span<const std::uint8_t> packet, bool rtcp);

  std::optional<SrtpPlan> plan_;
  std::unique_ptr<SrtpSender> sender_;
  std::unique_ptr<SrtpReceiver> receiver_, previous_;
  Time previous_until_{};
  SrtpReceiver::KeyNews key_news_ = SrtpReceiver::KeyNews::none;
  SrtpCounts counts_;
  alignas(8) std::array<std::uint8_t, 2048> clear_;  // more than any packet that the network carries unbroken
};

}  // namespace sidetone::rtp
