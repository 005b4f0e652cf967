#include "sip/auth/response_value.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/auth/hash.h"

namespace sidetone::sip {
namespace {

template <std::size_t size>
std::string hex(const std::array<std::uint8_t, size>& bytes) {
  std::string text;
  text.reserve(2 * size);
  for (const auto byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

std::string digest_hex(DigestAlgorithm algorithm, std::string_view data) {
  switch (algorithm) {
    case DigestAlgorithm::md5: return hex(hash::md5(data));
    case DigestAlgorithm::sha256: return hex(hash::sha256(data));
    case DigestAlgorithm::sha512_256: return hex(hash::sha512_256(data));
  }
  return {};
}

std::string digest_response(const DigestInput& input, const Secret<std::string>& password) {
  const auto h = [&](std::string_view text) { return digest_hex(input.algorithm, text); };
  const Secret<std::string> a1(fmt::format("{}:{}:{}", input.user, input.realm, password.reveal()));
  Secret<std::string> ha1(h(a1.reveal()));
  if (input.session)
    ha1 = Secret<std::string>(h(fmt::format("{}:{}:{}", ha1.reveal(), input.nonce, input.cnonce)));
  const bool with_body = iequals(input.qop, "auth-int");
  const std::string ha2 = h(with_body ? fmt::format("{}:{}:{}", input.method, input.uri, h(input.body))
                                      : fmt::format("{}:{}", input.method, input.uri));
  if (input.qop.empty()) return h(fmt::format("{}:{}:{}", ha1.reveal(), input.nonce, ha2));
  return h(
      fmt::format("{}:{}:{}:{}:{}:{}", ha1.reveal(), input.nonce, input.nc, input.cnonce, input.qop, ha2));
}

std::string_view to_string(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::md5: return "MD5";
    case DigestAlgorithm::sha256: return "SHA-256";
    case DigestAlgorithm::sha512_256: return "SHA-512-256";
  }
  return "MD5";
}

std::optional<AlgorithmName> find_algorithm(std::string_view name) {
  if (name.empty()) return AlgorithmName{DigestAlgorithm::md5, false};
  for (const auto algorithm : {DigestAlgorithm::md5, DigestAlgorithm::sha256, DigestAlgorithm::sha512_256}) {
    const std::string_view known = to_string(algorithm);
    if (iequals(name, known)) return AlgorithmName{algorithm, false};
    if (name.size() == known.size() + 5 && iequals(name.substr(0, known.size()), known) &&
        iequals(name.substr(known.size()), "-sess"))
      return AlgorithmName{algorithm, true};
  }
  return std::nullopt;
}

}  // namespace sidetone::sip
