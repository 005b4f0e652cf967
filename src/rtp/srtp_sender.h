// RTP and RTCP to SRTP and SRTCP, in place (RFC 3711 §3.3). Keeps the rollover counter as long as it lives,
// so one of it belongs to one master key: a second one with the same key would use its keystream again.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "base/srtp.h"

namespace sidetone::rtp {

class SrtpSender {
 public:
  // Null: the key is not one of the suite.
  static std::unique_ptr<SrtpSender> create(SrtpSuite suite, const SrtpMasterKey& key, bool encrypt_rtcp);
  ~SrtpSender();

  // The packet is the first `size` bytes of `room`, whose rest takes what is added. The new size; nothing
  // when it must not leave: no room, no packet, the key has served its time.
  [[nodiscard]] std::optional<std::size_t> protect(std::span<std::uint8_t> room, std::size_t size, bool rtcp);

 private:
  struct Impl;
  explicit SrtpSender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::rtp
