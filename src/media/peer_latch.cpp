#include "media/peer_latch.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

// How long the known source must be silent before another may take its place.
constexpr Duration silence_min = 500ms;
// A pause in the stream after which another SSRC from the same address is believed at any time.
constexpr Duration gap_min = 100ms;

}  // namespace

void PeerLatch::signalled(const Address& remote, Time now) {
  if (signalled_ == remote) return;
  signalled_.reset();
  if (!remote.ip.is_unspecified() && remote.port != 0) signalled_ = remote;
  signalled_at_ = now;
  to_ = signalled_;
  candidate_.reset();
  displaced_.reset();
}

PeerLatch::Verdict PeerLatch::judge(const Address& from, std::uint32_t ssrc, std::uint16_t sequence,
                                    Time now) {
  if (!from_) return take(from, ssrc, now);  // at the start the first valid source is the peer
  if (from == *from_) {
    if (ssrc != ssrc_ && !may_change_ssrc(ssrc, now)) return {};
    auto verdict = take(from, ssrc, now);
    // Signalling named a new address, but the peer goes on behind the old one (NAT): follow its packets.
    if (to_ != from && now - signalled_at_ > silence_min) {
      to_ = from;
      verdict.new_address = true;
    }
    return verdict;
  }
  if (from == signalled_ || may_return(from, ssrc) || may_take_over(from, ssrc, sequence, now))
    return take(from, ssrc, now);
  return {};
}

// A peer that says nothing for a while (silence suppression, a muted headset) may lose its place to somebody
// who waited for that; when it speaks again it is heard at once, and who had its place is a stranger again.
bool PeerLatch::may_return(const Address& from, std::uint32_t ssrc) const {
  return displaced_ && displaced_->from == from && displaced_->ssrc == ssrc &&
         displaced_->tenure > heard_at_ - since_;
}

// Another address: the old one must be silent, and the newcomer continues its stream or shows two packets
// in sequence (RFC 3550 §A.1).
bool PeerLatch::may_take_over(const Address& from, std::uint32_t ssrc, std::uint16_t sequence, Time now) {
  if (now - heard_at_ <= silence_min) return false;
  if (ssrc == ssrc_) return true;
  const bool in_sequence = candidate_ && candidate_->from == from && candidate_->ssrc == ssrc &&
                           candidate_->next_sequence == sequence;
  candidate_ = Candidate{from, ssrc, static_cast<std::uint16_t>(sequence + 1)};
  return in_sequence;
}

// The same address with another SSRC is a new source behind the same server: no packet of it is lost. The
// one before may still have packets on the way; they must not switch us back, nor may two streams at once
// make us switch with every packet.
bool PeerLatch::may_change_ssrc(std::uint32_t ssrc, Time now) const {
  if (now - heard_at_ > gap_min && ssrc != previous_ssrc_) return true;
  if (ssrc == previous_ssrc_ && now - heard_at_ <= silence_min) return false;
  return !previous_ssrc_ || now - ssrc_changed_at_ > silence_min;
}

PeerLatch::Verdict PeerLatch::take(const Address& from, std::uint32_t ssrc, Time now) {
  Verdict verdict{true, false, ssrc != ssrc_};
  const auto ssrc_before = ssrc_;
  if (verdict.new_ssrc) {
    previous_ssrc_ = ssrc_;
    ssrc_ = ssrc;
    ssrc_changed_at_ = now;
  }
  if (from != from_) {
    const Duration returning = displaced_ && displaced_->from == from ? displaced_->tenure : Duration{0};
    const Duration tenure = heard_at_ - since_;
    if (from_ && ssrc_before && (!displaced_ || displaced_->from == from || tenure > displaced_->tenure))
      displaced_ = Displaced{*from_, *ssrc_before, tenure};
    since_ = now - returning;
    verdict.new_address = to_ != from;
    from_ = from;
    to_ = from;
    candidate_.reset();
  }
  heard_at_ = now;
  return verdict;
}

bool PeerLatch::is_peer_host(const IpAddress& ip) const {
  return (from_ && from_->ip == ip) || (signalled_ && signalled_->ip == ip);
}

}  // namespace sidetone::media
