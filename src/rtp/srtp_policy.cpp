#include "rtp/srtp_policy.h"

#include <algorithm>

#include "rtp/srtp_library.h"

namespace sidetone::rtp {
namespace {

using SetPolicy = void (*)(srtp_crypto_policy_t*);

struct SuitePolicies {
  SetPolicy rtp, rtcp;
};

// RFC 4568 §6.2.2, RFC 6188 §4.2: also with the short tag, SRTCP has the one of 80 bits.
SuitePolicies policies_of(SrtpSuite suite) {
  switch (suite) {
    case SrtpSuite::aead_aes_256_gcm:
      return {srtp_crypto_policy_set_aes_gcm_256_16_auth, srtp_crypto_policy_set_aes_gcm_256_16_auth};
    case SrtpSuite::aes_256_cm_hmac_sha1_80:
      return {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80};
    case SrtpSuite::aead_aes_128_gcm:
      return {srtp_crypto_policy_set_aes_gcm_128_16_auth, srtp_crypto_policy_set_aes_gcm_128_16_auth};
    case SrtpSuite::aes_cm_128_hmac_sha1_80:
      return {srtp_crypto_policy_set_rtp_default, srtp_crypto_policy_set_rtcp_default};
    case SrtpSuite::aes_256_cm_hmac_sha1_32:
      return {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80};
    case SrtpSuite::aes_cm_128_hmac_sha1_32:
      return {srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, srtp_crypto_policy_set_rtcp_default};
  }
  return {};
}

// The library asks for keys that it may change, and does not change them.
struct LibraryKey {
  SrtpKeyBytes key;
  std::vector<std::uint8_t> mki;
  srtp_master_key_t entry{};

  explicit LibraryKey(const SrtpMasterKey& from) : key(from.key.reveal()), mki(mki_bytes(from)) {}
  ~LibraryKey() {
    volatile auto* bytes = key.data();
    for (std::size_t i = 0; i < key.size(); ++i) bytes[i] = 0;
  }
  LibraryKey(const LibraryKey&) = delete;
  LibraryKey& operator=(const LibraryKey&) = delete;
  srtp_master_key_t* point() {
    entry = {key.data(), mki.empty() ? nullptr : mki.data(), static_cast<unsigned>(mki.size())};
    return &entry;
  }
};

}  // namespace

std::vector<std::uint8_t> mki_bytes(const SrtpMasterKey& key) {
  std::vector<std::uint8_t> bytes(key.mki_length);
  auto value = key.mki;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, value >>= 8)
    *byte = static_cast<std::uint8_t>(value);
  return bytes;
}

SrtpContext make_srtp_context(SrtpSuite suite, std::span<const SrtpMasterKey> keys, bool encrypt_rtcp,
                              std::uint32_t window, srtp_ssrc_type_t side) {
  start_srtp();
  const auto fits = [suite](const SrtpMasterKey& key) {
    return key.key.reveal().size() == srtp_key_size(suite);
  };
  if (keys.empty() || !std::all_of(keys.begin(), keys.end(), fits)) return nullptr;
  std::vector<std::unique_ptr<LibraryKey>> own;
  std::vector<srtp_master_key_t*> pointers;
  for (const auto& key : keys) {
    own.push_back(std::make_unique<LibraryKey>(key));
    pointers.push_back(own.back()->point());
  }
  srtp_policy_t policy{};
  const auto set = policies_of(suite);
  set.rtp(&policy.rtp);
  set.rtcp(&policy.rtcp);
  if (!encrypt_rtcp) policy.rtcp.sec_serv = sec_serv_auth;  // RFC 4568 §6.3.2: the E bit is clear
  policy.ssrc.type = side;
  policy.window_size = window;
  policy.keys = pointers.data();
  policy.num_master_keys = pointers.size();
  srtp_t context = nullptr;
  if (srtp_create(&context, &policy) != srtp_err_status_ok) return nullptr;
  return SrtpContext(context);
}

}  // namespace sidetone::rtp
