// a=crypto, the keys of secured media in a session description (RFC 4568), as a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/srtp.h"
#include "sdp/session_description.h"

namespace sidetone::sdp {

struct CryptoAttribute {
  std::uint32_t tag = 1;  // unique within a media description
  SrtpSuite suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  std::vector<SrtpMasterKey> keys;  // with which its writer sends; at least one
  // Negotiated (§6.3.2, §6.3.3): an answer says the same as what it accepts.
  bool unencrypted_srtcp = false, unencrypted_srtp = false, unauthenticated_srtp = false;
  // Declared by each side for what it sends.
  std::uint8_t key_derivation_rate = 0;  // KDR, §6.3.1: 2^n packets; 0: keys are derived once
  bool fec_after_srtp = false;           // FEC_ORDER, §6.3.4: SRTP_FEC
  std::uint32_t window_hint = 0;         // WSH, §6.3.6; 0: not said
  friend bool operator==(const CryptoAttribute&, const CryptoAttribute&) = default;
};

// The value behind "a=crypto:". Fault::unsupported: a suite, key method or session parameter that we do not
// know, which makes the whole attribute invalid (§6.3.7). No fault names anything of a key.
[[nodiscard]] Expected<CryptoAttribute> parse_crypto(std::string_view value);
[[nodiscard]] std::string write_crypto(const CryptoAttribute& crypto);

// Can we do what it says, and will we? Media that are not encrypted or not authenticated are not secured
// (§6.3.3: "NOT RECOMMENDED"), and the SRTP library derives keys once.
[[nodiscard]] bool is_usable(const CryptoAttribute& crypto);

// The valid ones in their order, each tag once.
[[nodiscard]] std::vector<CryptoAttribute> crypto_attributes(const MediaDescription& media);

}  // namespace sidetone::sdp
