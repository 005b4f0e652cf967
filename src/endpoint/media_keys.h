// The keys in our descriptions (RFC 4568 §5.1, §7.1). A key is drawn for one peer at one place: it stays as
// long as both stay, so that the rollover counters do, and is never used again afterwards.
#pragma once

#include <optional>
#include <vector>

#include "base/random.h"
#include "endpoint/srtp_settings.h"
#include "sdp/negotiate.h"

namespace sidetone::endpoint {

// From a source that nobody can guess.
[[nodiscard]] SrtpMasterKey fresh_key(SrtpSuite suite, Random& random);

// What a first offer has, or one that may reach another peer.
[[nodiscard]] std::vector<sdp::CryptoAttribute> first_crypto(const SrtpSettings& settings, Random& random);

// What a re-offer has beside `in_force`. §7.1.4: a new key when our address is a new one.
[[nodiscard]] sdp::CryptoAttribute next_crypto(const sdp::AgreedCrypto& in_force, bool moved, Random& random);

// Ours in the answer to an offer that has `theirs` at `remote`. Another key or place of theirs may be another
// party behind the same server, which knows nothing of our rollover counter: a new key (§7.1.4).
[[nodiscard]] std::vector<SrtpMasterKey> answer_keys(const std::optional<sdp::AudioMatch>& in_force,
                                                     bool moved, const sdp::CryptoAttribute& theirs,
                                                     const sdp::RemoteAudio& remote, Random& random);

[[nodiscard]] SrtpPlan srtp_plan(const sdp::AgreedCrypto& agreed);

}  // namespace sidetone::endpoint
