// What a server's challenge and its Authentication-Info say, as values (RFC 7616 §3.3, §3.5). Pure: bytes of
// a header to a value or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/auth/digest_algorithm.h"
#include "sip/message/message.h"

namespace sidetone::sip {

struct Challenge {
  std::string realm, nonce, opaque;  // as they came, escapes kept: they are echoed
  std::string qop;                   // the one that we choose: "auth", "auth-int" or "" (RFC 2069)
  std::string algorithm_text;        // as it came, to be echoed
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  bool session_key = false;  // "-sess"
  bool stale = false;
  bool userhash = false;
};

// The value of a WWW-Authenticate or Proxy-Authenticate header. Nothing when it is broken or of a kind that
// we do not speak: another scheme, an unknown algorithm or qop (RFC 8760 §2.4: ignored).
[[nodiscard]] std::optional<Challenge> read_challenge(std::string_view value);

struct AuthenticationInfo {
  std::string nextnonce;
  std::string rspauth;
};
[[nodiscard]] std::optional<AuthenticationInfo> read_authentication_info(const Message& response);

}  // namespace sidetone::sip
