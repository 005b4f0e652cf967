// SRTP and SRTCP to RTP and RTCP, in place: authenticated before anything else, each packet once (RFC 3711
// §3.3). Keeps rollover counter and replay window of each source as long as it lives.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/srtp.h"

namespace sidetone::rtp {

class SrtpReceiver {
 public:
  enum class Verdict {
    authentic,
    forged,    // somebody else's, another key's, damaged, or none at all
    replayed,  // it was here before, or is too old to say
    expired,   // its key has served its time (RFC 4568 §6.1)
  };
  // Of the key that a packet named, each once: another one is needed soon (told twice, the second time late),
  // or it is used up.
  enum class KeyNews : std::uint8_t { none, ages, used_up };
  struct Result {
    Verdict verdict = Verdict::forged;
    std::size_t size = 0;  // of the packet without its protection
    KeyNews news = KeyNews::none;
  };

  // Null: a key is not one of the suite.
  static std::unique_ptr<SrtpReceiver> create(SrtpSuite suite, std::span<const SrtpMasterKey> keys,
                                              bool encrypt_rtcp, std::uint32_t window_hint);
  ~SrtpReceiver();

  // Unless the verdict is authentic, what is in `packet` afterwards is nothing to use.
  Result unprotect(std::span<std::uint8_t> packet, bool rtcp);
  [[nodiscard]] std::size_t sources() const;  // SSRCs whose counters are kept

 private:
  struct Impl;
  explicit SrtpReceiver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::rtp
