#include "rtp/reports.h"

namespace sidetone::rtp {
namespace {

constexpr double udp_ip_header_size = 28;  // §6.2: counted as part of a packet's size

double smoothed(double average, std::size_t size) {  // §6.3.3
  return (static_cast<double>(size) + udp_ip_header_size) / 16 + average * 15 / 16;
}

}  // namespace

Reports::Heard Reports::receive(std::span<const std::uint8_t> compound, std::uint32_t own_ssrc,
                                std::optional<std::uint32_t> remote_ssrc, Time now) {
  CompoundReader reader(compound);
  Heard heard;
  heard.valid = reader.valid();
  if (!heard.valid) return heard;
  average_size_ = smoothed(average_size_, compound.size());
  while (const auto packet = reader.next()) {
    for (std::size_t i = 0; i < packet->count; ++i) {
      const auto block = packet->report(i);
      if (!block) break;
      if (block->ssrc == own_ssrc) note_report(*block, now);
    }
    if (const auto info = packet->sender_info(); info && (!remote_ssrc || packet->ssrc() == *remote_ssrc)) {
      peer_sent_ = info;
      last_sr_ = middle_32(info->ntp);
      last_sr_arrival_ = now;
    }
    if (const auto metrics = find_voip_metrics(*packet, own_ssrc)) metrics_about_us_ = metrics;
    if (remote_ssrc && packet->says_bye(*remote_ssrc)) heard.bye = true;
  }
  return heard;
}

void Reports::note_report(const ReportBlock& block, Time now) {
  about_us_ = block;
  if (block.last_sr == 0) return;
  // §6.4.1: A - LSR - DLSR, in 1/65536 s.
  const auto units =
      static_cast<std::int32_t>(middle_32(ntp_from(now)) - block.last_sr - block.delay_since_last_sr);
  // Beyond a minute it is no delay but an echo of something else; slightly negative is rounding.
  if (units < 0 || units > 60 * 65536) return;
  round_trip_ = std::chrono::microseconds{static_cast<std::int64_t>(units) * 1000000 / 65536};
}

std::size_t Reports::write(std::span<std::uint8_t> to, const Own& own, Reception* reception,
                           std::uint32_t remote_ssrc, Time now) {
  ReportBlock block;
  std::span<const ReportBlock> blocks;
  if (reception != nullptr) {
    own_fraction_lost_ = reception->take_fraction_lost();
    block.ssrc = remote_ssrc;
    block.fraction_lost = own_fraction_lost_;
    block.cumulative_lost = static_cast<std::int32_t>(reception->lost());
    block.highest_sequence = reception->highest_sequence();
    block.jitter = reception->jitter();
    if (last_sr_) {
      block.last_sr = *last_sr_;
      const auto since = (now - last_sr_arrival_).count();
      block.delay_since_last_sr = static_cast<std::uint32_t>(since * 65536 / 1000000);
    }
    blocks = {&block, 1};
  }
  CompoundWriter writer(to);
  if (own.sent)
    writer.sender_report(own.ssrc, *own.sent, blocks);
  else
    writer.receiver_report(own.ssrc, blocks);
  writer.sdes_cname(own.ssrc, cname_);
  if (own.metrics) writer.extended_report(own.ssrc, write_voip_metrics(*own.metrics));
  if (own.bye) writer.bye(own.ssrc);
  if (writer.size() != 0) average_size_ = smoothed(average_size_, writer.size());
  return writer.size();
}

void Reports::forget_peer() { last_sr_.reset(); }

}  // namespace sidetone::rtp
