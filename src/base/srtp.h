// What secures a call's media (RFC 3711): the suites, the keys, and what both sides have agreed on. The
// session description carries it, the endpoint decides about it, the media side uses it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace sidetone {

// Whether our offers are secured, and which ones of others are taken (option use_srtp).
enum class SrtpPolicy : std::uint8_t {
  disabled,  // offers plain, takes plain
  optional,  // offers plain, takes both
  elective,  // offers both, takes both
  enabled,   // offers secured, takes both
  force,     // offers secured, takes secured
};
[[nodiscard]] constexpr bool offers_secured(SrtpPolicy policy) { return policy >= SrtpPolicy::elective; }
[[nodiscard]] constexpr bool offers_plain(SrtpPolicy policy) { return policy <= SrtpPolicy::elective; }
[[nodiscard]] constexpr bool takes_secured(SrtpPolicy policy) { return policy != SrtpPolicy::disabled; }
[[nodiscard]] constexpr bool takes_plain(SrtpPolicy policy) { return policy != SrtpPolicy::force; }

// RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2; the strongest first, as RFC 4568 §5.1.1 wants it in an offer.
enum class SrtpSuite : std::uint8_t {
  aead_aes_256_gcm,
  aes_256_cm_hmac_sha1_80,
  aead_aes_128_gcm,
  aes_cm_128_hmac_sha1_80,
  aes_256_cm_hmac_sha1_32,
  aes_cm_128_hmac_sha1_32,
};
inline constexpr std::array srtp_suites{
    SrtpSuite::aead_aes_256_gcm,        SrtpSuite::aes_256_cm_hmac_sha1_80,
    SrtpSuite::aead_aes_128_gcm,        SrtpSuite::aes_cm_128_hmac_sha1_80,
    SrtpSuite::aes_256_cm_hmac_sha1_32, SrtpSuite::aes_cm_128_hmac_sha1_32};

[[nodiscard]] std::string_view to_string(SrtpSuite suite);  // as in SDP
[[nodiscard]] std::optional<SrtpSuite> srtp_suite(std::string_view name);
[[nodiscard]] std::size_t srtp_key_size(SrtpSuite suite);  // master key and salt together, in bytes

// Master key and salt, in place: no copy is left in a heap when it is assigned or goes away.
class SrtpKeyBytes {
 public:
  static constexpr std::size_t size_max = 46;  // AES-256 and 112 bits of salt
  SrtpKeyBytes() = default;
  explicit SrtpKeyBytes(std::size_t size) : size_(size <= size_max ? size : size_max) {}

  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] std::uint8_t* data() { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  friend bool operator==(const SrtpKeyBytes&, const SrtpKeyBytes&) = default;

 private:
  std::array<std::uint8_t, size_max> bytes_{};
  std::size_t size_ = 0;
};

struct SrtpMasterKey {
  // RFC 3711 §9.2: 2^48 SRTP packets.
  static constexpr std::uint64_t lifetime_max = std::uint64_t{1} << 48;

  Secret<SrtpKeyBytes> key;
  std::uint64_t lifetime_packets = lifetime_max;
  std::uint64_t mki = 0;        // master key identifier,
  std::uint8_t mki_length = 0;  // ... which has so many bytes in each packet; 0: there is none
  friend bool operator==(const SrtpMasterKey&, const SrtpMasterKey&) = default;
};

// Of one stream and both directions, as negotiated.
struct SrtpPlan {
  SrtpSuite suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  SrtpMasterKey send;
  std::vector<SrtpMasterKey> receive;  // more than one: each with its MKI
  bool encrypt_rtcp = true;
  std::uint32_t window_hint = 0;  // the peer's idea of a replay window, in packets; 0: none
  friend bool operator==(const SrtpPlan&, const SrtpPlan&) = default;
};

}  // namespace sidetone
