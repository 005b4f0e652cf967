#include "rtp/voip_metrics.h"

#include "rtp/bytes.h"

namespace sidetone::rtp {
namespace {

constexpr std::uint8_t block_type = 7;  // §4.7
constexpr std::size_t block_header_size = 4;

std::uint8_t within(std::uint8_t value, int least, int most) {
  return value < least || value > most ? VoipMetrics::unavailable : value;
}

VoipMetrics read(const std::uint8_t* at) {
  VoipMetrics metrics;
  metrics.ssrc = get_32(at);
  metrics.loss_rate = at[4];
  metrics.discard_rate = at[5];
  metrics.burst_density = at[6];
  metrics.gap_density = at[7];
  metrics.burst_ms = get_16(at + 8);
  metrics.gap_ms = get_16(at + 10);
  metrics.round_trip_ms = get_16(at + 12);
  metrics.end_system_ms = get_16(at + 14);
  metrics.signal_level = static_cast<std::int8_t>(at[16]);
  metrics.noise_level = static_cast<std::int8_t>(at[17]);
  metrics.echo_return_loss = at[18];
  metrics.gmin = at[19];
  metrics.r_factor = within(at[20], 0, 100);
  metrics.external_r = within(at[21], 0, 100);
  metrics.mos_lq = within(at[22], 10, 50);
  metrics.mos_cq = within(at[23], 10, 50);
  metrics.receiver_configuration = at[24];
  metrics.buffer_nominal_ms = get_16(at + 26);
  metrics.buffer_maximum_ms = get_16(at + 28);
  metrics.buffer_absolute_maximum_ms = get_16(at + 30);
  return metrics;
}

}  // namespace

std::array<std::uint8_t, voip_metrics_size> write_voip_metrics(const VoipMetrics& metrics) {
  std::array<std::uint8_t, voip_metrics_size> block{};
  block[0] = block_type;
  put_16(&block[2], (voip_metrics_size - block_header_size) / 4);
  auto* at = block.data() + block_header_size;
  put_32(at, metrics.ssrc);
  at[4] = metrics.loss_rate;
  at[5] = metrics.discard_rate;
  at[6] = metrics.burst_density;
  at[7] = metrics.gap_density;
  put_16(at + 8, metrics.burst_ms);
  put_16(at + 10, metrics.gap_ms);
  put_16(at + 12, metrics.round_trip_ms);
  put_16(at + 14, metrics.end_system_ms);
  at[16] = static_cast<std::uint8_t>(metrics.signal_level);
  at[17] = static_cast<std::uint8_t>(metrics.noise_level);
  at[18] = metrics.echo_return_loss;
  at[19] = metrics.gmin;
  at[20] = metrics.r_factor;
  at[21] = metrics.external_r;
  at[22] = metrics.mos_lq;
  at[23] = metrics.mos_cq;
  at[24] = metrics.receiver_configuration;
  put_16(at + 26, metrics.buffer_nominal_ms);
  put_16(at + 28, metrics.buffer_maximum_ms);
  put_16(at + 30, metrics.buffer_absolute_maximum_ms);
  return block;
}

std::optional<VoipMetrics> find_voip_metrics(const RtcpPacket& packet, std::uint32_t ssrc) {
  if (packet.type != RtcpType::xr || packet.body.size() < 4) return std::nullopt;
  auto rest = packet.body.subspan(4);  // behind the reporter's SSRC
  while (rest.size() >= block_header_size) {
    // §3: the length in words without the header's; what does not fit ends the packet.
    const auto size = block_header_size + std::size_t{get_16(&rest[2])} * 4;
    if (size > rest.size()) return std::nullopt;
    if (rest[0] == block_type && size == voip_metrics_size && get_32(&rest[4]) == ssrc)
      return read(&rest[block_header_size]);
    rest = rest.subspan(size);
  }
  return std::nullopt;
}

}  // namespace sidetone::rtp
