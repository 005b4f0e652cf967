#include "endpoint/media_keys.h"

namespace sidetone::endpoint {
namespace {

// Hold by 0.0.0.0 (RFC 2543) is no move.
bool same_place(const Address& a, const Address& b) {
  return a == b || a.ip.is_unspecified() || b.ip.is_unspecified();
}

}  // namespace

SrtpMasterKey fresh_key(SrtpSuite suite, Random& random) {
  SrtpKeyBytes bytes(srtp_key_size(suite));
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    auto word = random.next();
    for (std::size_t k = i; k < bytes.size() && k < i + 8; ++k, word >>= 8)
      bytes.data()[k] = static_cast<std::uint8_t>(word);
  }
  SrtpMasterKey key{Secret(bytes)};
  volatile auto* left = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) left[i] = 0;
  return key;
}

std::vector<sdp::CryptoAttribute> first_crypto(const SrtpSettings& settings, Random& random) {
  std::vector<sdp::CryptoAttribute> offered;
  for (const auto suite : settings.suites) {
    sdp::CryptoAttribute crypto;
    crypto.tag = static_cast<std::uint32_t>(offered.size() + 1);
    crypto.suite = suite;
    crypto.keys = {fresh_key(suite, random)};
    crypto.unencrypted_srtcp = settings.unencrypted_srtcp;
    offered.push_back(std::move(crypto));
  }
  return offered;
}

sdp::CryptoAttribute next_crypto(const sdp::AgreedCrypto& in_force, bool moved, Random& random) {
  auto crypto = in_force.ours;
  if (moved) crypto.keys = {fresh_key(crypto.suite, random)};
  return crypto;
}

std::vector<SrtpMasterKey> answer_keys(const std::optional<sdp::AudioMatch>& in_force, bool moved,
                                       const sdp::CryptoAttribute& theirs, const sdp::RemoteAudio& remote,
                                       Random& random) {
  if (in_force && in_force->crypto && !moved && in_force->crypto->theirs.suite == theirs.suite &&
      in_force->crypto->theirs.keys == theirs.keys && same_place(in_force->remote.rtp, remote.rtp))
    return in_force->crypto->ours.keys;
  return {fresh_key(theirs.suite, random)};
}

SrtpPlan srtp_plan(const sdp::AgreedCrypto& agreed) {
  SrtpPlan plan;
  plan.suite = agreed.ours.suite;
  plan.send = agreed.ours.keys.front();
  plan.receive = agreed.theirs.keys;
  plan.encrypt_rtcp = !agreed.ours.unencrypted_srtcp;
  plan.window_hint = agreed.theirs.window_hint;
  return plan;
}

}  // namespace sidetone::endpoint
