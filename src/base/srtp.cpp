#include "base/srtp.h"

#include "base/text.h"

namespace sidetone {
namespace {

struct SuiteEntry {
  std::string_view name;
  std::uint8_t key, salt;  // bytes
};

constexpr SuiteEntry entry_of(SrtpSuite suite) {
  switch (suite) {
    case SrtpSuite::aead_aes_256_gcm: return {"AEAD_AES_256_GCM", 32, 12};
    case SrtpSuite::aes_256_cm_hmac_sha1_80: return {"AES_256_CM_HMAC_SHA1_80", 32, 14};
    case SrtpSuite::aead_aes_128_gcm: return {"AEAD_AES_128_GCM", 16, 12};
    case SrtpSuite::aes_cm_128_hmac_sha1_80: return {"AES_CM_128_HMAC_SHA1_80", 16, 14};
    case SrtpSuite::aes_256_cm_hmac_sha1_32: return {"AES_256_CM_HMAC_SHA1_32", 32, 14};
    case SrtpSuite::aes_cm_128_hmac_sha1_32: return {"AES_CM_128_HMAC_SHA1_32", 16, 14};
  }
  return {};
}

}  // namespace

std::string_view to_string(SrtpSuite suite) { return entry_of(suite).name; }

std::optional<SrtpSuite> srtp_suite(std::string_view name) {
  for (const auto suite : srtp_suites)
    if (iequals(entry_of(suite).name, name)) return suite;  // RFC 5234 §2.3: literals have no case
  return std::nullopt;
}

std::size_t srtp_key_size(SrtpSuite suite) {
  const auto entry = entry_of(suite);
  return std::size_t{entry.key} + entry.salt;
}

}  // namespace sidetone
