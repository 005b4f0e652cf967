#include "rtp/srtp_session.h"

#include <algorithm>
#include <utility>

namespace sidetone::rtp {
namespace {

using namespace std::chrono_literals;

// RFC 3264 §8.3: packets of the earlier description are on their way. One that waits for its answer may take
// until a retransmitted re-INVITE came through (RFC 3261 §17.1.1.2: 0.5, 1, 2, 4 s).
constexpr Duration previous_key_lasts = 8s;

bool same_receiver(const SrtpPlan& a, const SrtpPlan& b) {
  return a.suite == b.suite && a.encrypt_rtcp == b.encrypt_rtcp && a.receive == b.receive;
}
bool same_sender(const SrtpPlan& a, const SrtpPlan& b) {
  return a.suite == b.suite && a.encrypt_rtcp == b.encrypt_rtcp && a.send == b.send;
}

}  // namespace

void SrtpSession::apply(const std::optional<SrtpPlan>& plan, Time now) {
  const bool keep_sender = plan && plan_ && same_sender(*plan, *plan_);
  const bool keep_receiver = plan && plan_ && same_receiver(*plan, *plan_);
  if (!keep_receiver && receiver_) {
    previous_ = std::exchange(receiver_, nullptr);
    previous_until_ = now + previous_key_lasts;
  }
  if (!keep_receiver) key_news_ = SrtpReceiver::KeyNews::none;
  plan_ = plan;
  if (!keep_sender)
    sender_ = plan ? SrtpSender::create(plan->suite, plan->send, plan->encrypt_rtcp) : nullptr;
  if (!keep_receiver && plan)
    receiver_ = SrtpReceiver::create(plan->suite, plan->receive, plan->encrypt_rtcp, plan->window_hint);
}

bool SrtpSession::protect(std::span<std::uint8_t> room, std::size_t& size, bool rtcp) {
  if (!plan_) return true;
  const auto protected_size = sender_ ? sender_->protect(room, size, rtcp) : std::nullopt;
  if (protected_size)
    size = *protected_size;
  else
    ++counts_.unsent;
  return protected_size.has_value();
}

// A failed attempt leaves nothing usable behind, so each one has a copy of its own.
SrtpReceiver::Result SrtpSession::open(SrtpReceiver& receiver, std::span<const std::uint8_t> packet,
                                       bool rtcp) {
  if (packet.size() > clear_.size()) return {};
  std::copy(packet.begin(), packet.end(), clear_.begin());  // an empty one has no address
  return receiver.unprotect(std::span(clear_).first(packet.size()), rtcp);
}

std::optional<std::span<const std::uint8_t>> SrtpSession::unprotect(std::span<const std::uint8_t> packet,
                                                                    bool rtcp, Time now) {
  using Verdict = SrtpReceiver::Verdict;
  if (previous_ && now >= previous_until_) previous_.reset();
  SrtpReceiver::Result result;
  if (receiver_) result = open(*receiver_, packet, rtcp);
  if (result.news != SrtpReceiver::KeyNews::none) key_news_ = result.news;
  if (previous_ && result.verdict == Verdict::forged) result = open(*previous_, packet, rtcp);
  // From a secured stream to a plain one: what is not of the old is of the new.
  if (!plan_ && result.verdict == Verdict::forged) return packet;
  switch (result.verdict) {
    case Verdict::authentic: ++counts_.authentic; return std::span(clear_).first(result.size);
    case Verdict::forged: ++counts_.forged; break;
    case Verdict::replayed: ++counts_.replayed; break;
    case Verdict::expired: ++counts_.expired; break;
  }
  return std::nullopt;
}

}  // namespace sidetone::rtp
