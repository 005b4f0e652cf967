// RFC 4568 §5.1, §7.1.
#include "sdp/crypto_match.h"

#include <algorithm>

#include "base/text.h"

namespace sidetone::sdp {
namespace {

tl::unexpected<Error> refused(std::string_view why) {
  return fail(Layer::sdp, Fault::unsupported, fmt::format("the answer's a=crypto {}", why));
}

// RFC 4568 §5.1.3: what was offered must come back; what was not may not be added, for it is negotiated.
bool same_negotiated(const CryptoAttribute& a, const CryptoAttribute& b) {
  return a.unencrypted_srtcp == b.unencrypted_srtcp && a.unencrypted_srtp == b.unencrypted_srtp &&
         a.unauthenticated_srtp == b.unauthenticated_srtp;
}

}  // namespace

bool is_secured_profile(const MediaDescription& media) {
  return iequals(media.protocol, "RTP/SAVP") || iequals(media.protocol, "RTP/SAVPF");
}

std::optional<CryptoAttribute> take_crypto(const MediaDescription& offered,
                                           std::span<const SrtpSuite> suites) {
  if (suites.empty()) return std::nullopt;
  for (auto& crypto : crypto_attributes(offered))
    if (is_usable(crypto) && std::find(suites.begin(), suites.end(), crypto.suite) != suites.end())
      return std::move(crypto);
  return std::nullopt;
}

CryptoAttribute answer_to(const CryptoAttribute& theirs, std::vector<SrtpMasterKey> keys) {
  CryptoAttribute ours;
  ours.tag = theirs.tag;
  ours.suite = theirs.suite;
  ours.keys = std::move(keys);
  ours.unencrypted_srtcp = theirs.unencrypted_srtcp;
  return ours;
}

Expected<AgreedCrypto> match_crypto(const MediaDescription& offered, const MediaDescription& answered) {
  auto theirs = crypto_attributes(answered);
  if (theirs.empty()) return refused("is missing or not valid");
  auto offers = crypto_attributes(offered);
  // Third-party call control echoes our description when the other leg is gone: no answer, but no fault
  // either.
  if (theirs.size() > 1 && theirs != offers) return refused("comes more than once");
  for (auto& ours : offers) {
    if (ours.tag != theirs[0].tag) continue;
    if (ours.suite != theirs[0].suite) return refused("names another suite than the offer has by its tag");
    if (!same_negotiated(ours, theirs[0])) return refused("does not have the offer's session parameters");
    if (!is_usable(theirs[0])) return refused("has parameters that are not possible here");
    return AgreedCrypto{std::move(ours), std::move(theirs[0])};
  }
  return refused("has a tag that was not offered");
}

}  // namespace sidetone::sdp
