// The VoIP Metrics Report Block of RTCP XR (RFC 3611 §4.7): what a receiver of speech thinks of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "rtp/rtcp.h"

namespace sidetone::rtp {

// Units as on the wire: rates and densities of 256, lengths and delays in ms, levels in dBm0, MOS times ten.
struct VoipMetrics {
  static constexpr std::uint8_t unavailable = 127;
  std::uint32_t ssrc = 0;  // of the source that is reported on
  std::uint8_t loss_rate = 0, discard_rate = 0, burst_density = 0, gap_density = 0;
  std::uint16_t burst_ms = 0, gap_ms = 0;
  std::uint16_t round_trip_ms = 0, end_system_ms = 0;  // 0: not known
  std::int8_t signal_level = 127, noise_level = 127;   // 127: unavailable, as below
  std::uint8_t echo_return_loss = unavailable;         // RERL
  std::uint8_t gmin = 16;
  std::uint8_t r_factor = unavailable, external_r = unavailable;  // 0..100
  std::uint8_t mos_lq = unavailable, mos_cq = unavailable;        // 10..50
  std::uint8_t receiver_configuration = 0;                        // PLC, JBA, JB rate (§4.7.6)
  std::uint16_t buffer_nominal_ms = 0, buffer_maximum_ms = 0, buffer_absolute_maximum_ms = 0;
  friend bool operator==(const VoipMetrics&, const VoipMetrics&) = default;
};

inline constexpr std::size_t voip_metrics_size = 36;  // with the block's header
[[nodiscard]] std::array<std::uint8_t, voip_metrics_size> write_voip_metrics(const VoipMetrics& metrics);

// The first such block about `ssrc` in an XR packet. Blocks of other types are stepped over; one that is
// longer than the packet ends the search. Values that must not be sent are read as unavailable (§4.7.5).
[[nodiscard]] std::optional<VoipMetrics> find_voip_metrics(const RtcpPacket& packet, std::uint32_t ssrc);

}  // namespace sidetone::rtp
