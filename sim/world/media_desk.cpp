#include "sim/media_desk.h"

namespace sidetone::sim {

using std::chrono::milliseconds;

const MediaDesk::CallMedia* MediaDesk::call(CallId id) const {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : &found->second;
}

std::optional<CallId> MediaDesk::owner_of_port(std::uint16_t rtp_port) const {
  const auto found = ports_.find(rtp_port);
  if (found == ports_.end()) return std::nullopt;
  return found->second;
}

void MediaDesk::carry_out(const endpoint::MediaOrder& order, Time now) {
  std::visit([&](const auto& what) { on(what, now); }, order);
}

void MediaDesk::on(const endpoint::OpenMedia& order, Time now) {
  CallMedia& media = calls_[order.call];
  media.ip = order.ip;
  media.rtp_port = next_port_;
  media.changed = now;
  next_port_ = next_port_ >= 60000 ? std::uint16_t{9000} : static_cast<std::uint16_t>(next_port_ + 2);
  ports_[media.rtp_port] = order.call;
  // Mostly at once, now and then slow (devices, port ranges), rarely not at all.
  const Duration delay = milliseconds(random_.chance(0.1) ? 100 + random_.below(1500) : 1 + random_.below(5));
  const bool fails = random_.chance(0.005);
  queue_.at(now + delay, [this, id = order.call, fails](Time when) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second.closing) return;
    const CallMedia media_now = found->second;
    if (fails) {
      ports_.erase(media_now.rtp_port);
      calls_.erase(found);
      reports_.failed(id, when);
      return;
    }
    found->second.ready = true;
    reports_.ready(id, {media_now.ip, media_now.rtp_port, static_cast<std::uint16_t>(media_now.rtp_port + 1)},
                   when);
  });
}

void MediaDesk::on(const endpoint::MoveMedia& order, Time now) {
  const auto found = calls_.find(order.call);
  if (found == calls_.end() || found->second.closing) return;
  CallMedia& media = found->second;
  ports_.erase(media.rtp_port);
  media.ip = order.ip;
  media.rtp_port = next_port_;
  media.changed = now;
  next_port_ = next_port_ >= 60000 ? std::uint16_t{9000} : static_cast<std::uint16_t>(next_port_ + 2);
  ports_[media.rtp_port] = order.call;
  queue_.at(now + milliseconds(1), [this, id = order.call](Time when) {
    const auto moved = calls_.find(id);
    if (moved == calls_.end() || moved->second.closing) return;
    const auto port = moved->second.rtp_port;
    reports_.ready(id, {moved->second.ip, port, static_cast<std::uint16_t>(port + 1)}, when);
  });
}

void MediaDesk::on(const endpoint::ApplyPlan& order, Time now) {
  const auto found = calls_.find(order.call);
  if (found == calls_.end()) return;
  CallMedia& media = found->second;
  const bool begins = order.plan.send && (!media.plan.send || media.plan.remote_rtp != order.plan.remote_rtp);
  media.plan = order.plan;
  media.planned = true;
  if (!order.plan.send || !order.plan.send_events) ++media.silenced;
  media.changed = now;
  if (begins) reports_.first_packet(order.call, media, now);
}

void MediaDesk::on(const endpoint::SetMuted& order, Time now) {
  const auto found = calls_.find(order.call);
  if (found == calls_.end()) return;
  found->second.muted = order.muted;
  found->second.changed = now;
}

void MediaDesk::on(const endpoint::SendDigits& order, Time now) {
  const auto each = order.tone + order.gap;
  const auto* media = call(order.call);
  if (media == nullptr) return;
  queue_.at(now + each * order.digits.size(),
            [this, id = order.call, count = order.digits.size(), silenced = media->silenced](Time when) {
              const auto found = calls_.find(id);
              if (found != calls_.end() && !found->second.closing && found->second.silenced == silenced)
                reports_.digits_sent(id, count, when);
            });
}

void MediaDesk::on(const endpoint::CloseMedia& order, Time now) {
  const auto found = calls_.find(order.call);
  if (found == calls_.end()) return;
  found->second.closing = true;
  found->second.plan.send = false;
  queue_.at(now + milliseconds(1 + random_.below(20)), [this, id = order.call](Time when) {
    const auto closing = calls_.find(id);
    if (closing == calls_.end()) return;
    ports_.erase(closing->second.rtp_port);
    calls_.erase(closing);
    reports_.closed(id, when);
  });
}

}  // namespace sidetone::sim
