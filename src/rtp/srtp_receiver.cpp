#include "rtp/srtp_receiver.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "rtp/bytes.h"
#include "rtp/packet.h"
#include "rtp/srtp_policy.h"

namespace sidetone::rtp {
namespace {

// RFC 3711 §3.3.2 asks for 64 at least. 128 packets are two seconds; a peer may hint at more, within reason.
constexpr std::uint32_t window_min = 128, window_max = 1024;
constexpr std::size_t rtcp_header_size = 8;
constexpr std::size_t rtcp_index_size = 4;  // RFC 3711 §3.4: E and SRTCP index
// A call has one source, a few after transfers. Who holds the key must not fill memory with new ones.
constexpr std::size_t sources_max = 8;

// What stands behind the MKI: the tag of the counter modes (RFC 3711 §3.1, §3.4). GCM's is part of the cipher
// before it (RFC 7714 §8.2, §9.2).
std::size_t size_behind_mki(SrtpSuite suite, bool rtcp) {
  switch (suite) {
    case SrtpSuite::aead_aes_256_gcm:
    case SrtpSuite::aead_aes_128_gcm: return 0;
    case SrtpSuite::aes_256_cm_hmac_sha1_32:
    case SrtpSuite::aes_cm_128_hmac_sha1_32: return rtcp ? 10 : 4;
    default: return 10;
  }
}

// RFC 4568 §6.2.2, RFC 6188 §4.2: what protects SRTCP in each suite.
SrtpSuite rtcp_suite(SrtpSuite suite) {
  switch (suite) {
    case SrtpSuite::aes_256_cm_hmac_sha1_32: return SrtpSuite::aes_256_cm_hmac_sha1_80;
    case SrtpSuite::aes_cm_128_hmac_sha1_32: return SrtpSuite::aes_cm_128_hmac_sha1_80;
    default: return suite;
  }
}

SrtpReceiver::Verdict verdict_of(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_ok: return SrtpReceiver::Verdict::authentic;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old: return SrtpReceiver::Verdict::replayed;
    case srtp_err_status_key_expired: return SrtpReceiver::Verdict::expired;
    default: return SrtpReceiver::Verdict::forged;
  }
}

}  // namespace

struct SrtpReceiver::Impl {
  // §6.1: SRTP and SRTCP packets are counted each for themselves.
  struct Key {
    std::vector<std::uint8_t> mki;
    std::uint64_t lifetime = 0;
    std::array<std::uint64_t, 2> used{};
    unsigned told = 0;
    KeyNews news();
  };
  SrtpSuite suite{};
  SrtpContext context;
  // libsrtp 2.5 looks for the MKI of SRTCP where SRTP's tag would end. Where the two tags differ, SRTCP
  // therefore has a context of its own, in which they do not.
  SrtpContext rtcp_context;
  bool encrypt_rtcp = true;
  std::vector<Key> keys;
  std::array<std::uint32_t, sources_max> sources{};  // oldest first
  std::size_t source_count = 0;

  Key* key_of(std::span<const std::uint8_t> packet, bool rtcp);
  [[nodiscard]] bool is_encrypted_as_agreed(std::span<const std::uint8_t> packet) const;
  void keep_source(std::uint32_t ssrc);
  srtp_err_status_t unprotect(std::uint8_t* packet, int& size, bool rtcp);
};

// A re-INVITE and its answer take seconds, a peer without hurry or a person at the other end may take longer:
// a quarter of a life is 87 minutes of 2^20 packets of 20 ms.
SrtpReceiver::KeyNews SrtpReceiver::Impl::Key::news() {
  const std::array marks{lifetime - lifetime / 4, lifetime - lifetime / 16, lifetime};
  if (told == marks.size() || std::max(used[0], used[1]) < marks[told]) return KeyNews::none;
  return ++told == marks.size() ? KeyNews::used_up : KeyNews::ages;
}

// Which key a packet names; nothing when it names none of ours.
SrtpReceiver::Impl::Key* SrtpReceiver::Impl::key_of(std::span<const std::uint8_t> packet, bool rtcp) {
  const auto length = keys.front().mki.size();
  if (length == 0) return &keys.front();
  const auto behind = size_behind_mki(suite, rtcp);
  if (packet.size() < length + behind) return nullptr;
  const auto mki = packet.subspan(packet.size() - behind - length, length);
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) {
    return std::equal(mki.begin(), mki.end(), key.mki.begin());
  });
  return found == keys.end() ? nullptr : &*found;
}

// RFC 4568 §6.3.2: the E bit says what was negotiated. The library checks it in the counter modes only.
bool SrtpReceiver::Impl::is_encrypted_as_agreed(std::span<const std::uint8_t> packet) const {
  const auto behind = size_behind_mki(suite, true) + keys.front().mki.size() + rtcp_index_size;
  if (packet.size() < behind) return false;
  return ((packet[packet.size() - behind] & 0x80) != 0) == encrypt_rtcp;
}

srtp_err_status_t SrtpReceiver::Impl::unprotect(std::uint8_t* packet, int& size, bool rtcp) {
  const unsigned use_mki = keys.front().mki.empty() ? 0 : 1;
  if (!rtcp) return srtp_unprotect_mki(context.get(), packet, &size, use_mki);
  auto* own = rtcp_context ? rtcp_context.get() : context.get();
  return srtp_unprotect_rtcp_mki(own, packet, &size, use_mki);
}

void SrtpReceiver::Impl::keep_source(std::uint32_t ssrc) {
  const auto end = sources.begin() + static_cast<std::ptrdiff_t>(source_count);
  if (std::find(sources.begin(), end, ssrc) != end) return;
  if (source_count == sources_max) {
    // The library looks it up as it stands in packets.
    static_cast<void>(srtp_remove_stream(context.get(), htonl(sources.front())));
    if (rtcp_context) static_cast<void>(srtp_remove_stream(rtcp_context.get(), htonl(sources.front())));
    std::rotate(sources.begin(), sources.begin() + 1, sources.end());
    --source_count;
  }
  sources[source_count++] = ssrc;
}

std::unique_ptr<SrtpReceiver> SrtpReceiver::create(SrtpSuite suite, std::span<const SrtpMasterKey> keys,
                                                   bool encrypt_rtcp, std::uint32_t window_hint) {
  const auto window = std::clamp(window_hint, window_min, window_max);
  auto context = make_srtp_context(suite, keys, encrypt_rtcp, window, ssrc_any_inbound);
  if (!context) return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->suite = suite;
  impl->context = std::move(context);
  impl->encrypt_rtcp = encrypt_rtcp;
  if (keys.front().mki_length != 0 && rtcp_suite(suite) != suite)
    impl->rtcp_context = make_srtp_context(rtcp_suite(suite), keys, encrypt_rtcp, window, ssrc_any_inbound);
  for (const auto& key : keys) impl->keys.push_back({mki_bytes(key), key.lifetime_packets});
  return std::unique_ptr<SrtpReceiver>(new SrtpReceiver(std::move(impl)));
}

SrtpReceiver::SrtpReceiver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SrtpReceiver::~SrtpReceiver() = default;
std::size_t SrtpReceiver::sources() const { return impl_->source_count; }

SrtpReceiver::Result SrtpReceiver::unprotect(std::span<std::uint8_t> packet, bool rtcp) {
  if (packet.size() < (rtcp ? rtcp_header_size : header_size)) return {};
  auto* key = impl_->key_of(packet, rtcp);
  if (key == nullptr) return {};
  auto& used = key->used[rtcp ? 1 : 0];
  if (rtcp && !impl_->is_encrypted_as_agreed(packet)) return {};
  if (used >= key->lifetime) return {Verdict::expired, 0};
  const auto ssrc = get_32(packet.data() + (rtcp ? 4 : 8));
  int length = static_cast<int>(packet.size());
  const auto status = impl_->unprotect(packet.data(), length, rtcp);
  const auto verdict = verdict_of(status);
  if (verdict != Verdict::authentic || length < 0) return {verdict, 0};
  ++used;
  impl_->keep_source(ssrc);
  return {verdict, static_cast<std::size_t>(length), key->news()};
}

}  // namespace sidetone::rtp
