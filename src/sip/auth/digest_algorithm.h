// The hashes that digest authentication knows (RFC 7616 §6.1, RFC 8760 §2.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sidetone::sip {

enum class DigestAlgorithm : std::uint8_t { md5, sha256, sha512_256 };  // weakest first

[[nodiscard]] std::string digest_hex(DigestAlgorithm algorithm, std::string_view data);

}  // namespace sidetone::sip
