#include "rtp/srtp_sender.h"

#include "rtp/packet.h"
#include "rtp/srtp_policy.h"

namespace sidetone::rtp {
namespace {

// Our packets leave in order.
constexpr std::uint32_t window_packets = 128;
constexpr std::size_t rtcp_header_size = 8;
constexpr std::size_t rtcp_index_size = 4;  // RFC 3711 §3.4: E and SRTCP index
constexpr std::size_t tag_size_max = 16;    // RFC 7714 §14.2

}  // namespace

struct SrtpSender::Impl {
  SrtpContext context;
  unsigned use_mki = 0;
  std::size_t trailer_size_max = 0;
};

std::unique_ptr<SrtpSender> SrtpSender::create(SrtpSuite suite, const SrtpMasterKey& key, bool encrypt_rtcp) {
  auto context =
      make_srtp_context(suite, std::span(&key, 1), encrypt_rtcp, window_packets, ssrc_any_outbound);
  if (!context) return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(context);
  impl->use_mki = key.mki_length != 0 ? 1 : 0;
  impl->trailer_size_max = tag_size_max + rtcp_index_size + key.mki_length;
  return std::unique_ptr<SrtpSender>(new SrtpSender(std::move(impl)));
}

SrtpSender::SrtpSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SrtpSender::~SrtpSender() = default;

std::optional<std::size_t> SrtpSender::protect(std::span<std::uint8_t> room, std::size_t size, bool rtcp) {
  if (size < (rtcp ? rtcp_header_size : header_size)) return std::nullopt;
  if (room.size() < size + impl_->trailer_size_max) return std::nullopt;
  int length = static_cast<int>(size);
  const auto done = rtcp
                        ? srtp_protect_rtcp_mki(impl_->context.get(), room.data(), &length, impl_->use_mki, 0)
                        : srtp_protect_mki(impl_->context.get(), room.data(), &length, impl_->use_mki, 0);
  if (done != srtp_err_status_ok) return std::nullopt;
  return static_cast<std::size_t>(length);
}

}  // namespace sidetone::rtp
