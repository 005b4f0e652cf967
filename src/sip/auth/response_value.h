// The one formula of digest authentication (RFC 7616 §3.4.1, RFC 2617 §3.2.2, RFC 2069 without qop), used
// by both sides.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/auth/digest.h"

namespace sidetone::sip {

struct DigestInput {
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  bool session = false;  // "-sess": RFC 7616 §3.4.2
  std::string_view user, realm, nonce, cnonce, nc, uri, method, body;
  std::string_view qop;  // "auth", "auth-int" or empty (RFC 2069)
};

[[nodiscard]] std::string digest_response(const DigestInput& input, const Secret<std::string>& password);

struct AlgorithmName {
  DigestAlgorithm algorithm;
  bool session;
};
// Empty means MD5 (RFC 7616 §3.3); nothing for one that we do not speak (RFC 8760 §2.4: ignored).
[[nodiscard]] std::optional<AlgorithmName> find_algorithm(std::string_view name);
[[nodiscard]] std::string_view to_string(DigestAlgorithm algorithm);

}  // namespace sidetone::sip
