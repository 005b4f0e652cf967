// Which a=crypto of an offer is taken, and whether the one of an answer is what was offered (RFC 4568 §5.1,
// §7.1).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sdp/crypto_attribute.h"
#include "sdp/remote_audio.h"

namespace sidetone::sdp {

struct AgreedCrypto {
  CryptoAttribute ours, theirs;
  friend bool operator==(const AgreedCrypto&, const AgreedCrypto&) = default;
};

// The keys with which we shall send, for the one of theirs that is taken.
using CryptoRule =
    std::function<std::vector<SrtpMasterKey>(const CryptoAttribute& theirs, const RemoteAudio&)>;

// RTP/SAVP or RTP/SAVPF: RFC 3711, RFC 5124.
[[nodiscard]] bool is_secured_profile(const MediaDescription& media);

// The first that is usable and of one of these suites, which is what its writer prefers (§5.1.2).
[[nodiscard]] std::optional<CryptoAttribute> take_crypto(const MediaDescription& offered,
                                                         std::span<const SrtpSuite> suites);
// What the answer then says: its tag, suite and negotiated parameters.
[[nodiscard]] CryptoAttribute answer_to(const CryptoAttribute& theirs, std::vector<SrtpMasterKey> keys);

// Fault::unsupported when it is not exactly one of those offered (§5.1.3, §7.1.3).
[[nodiscard]] Expected<AgreedCrypto> match_crypto(const MediaDescription& offered,
                                                  const MediaDescription& answered);

}  // namespace sidetone::sdp
