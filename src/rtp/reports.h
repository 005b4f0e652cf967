// What two ends tell each other by RTCP about one stream each way, and what follows from it: round trip,
// the peer's view of our stream (RFC 3550 §6.4).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "rtp/reception.h"
#include "rtp/rtcp.h"
#include "rtp/voip_metrics.h"

namespace sidetone::rtp {

class Reports {
 public:
  explicit Reports(std::string cname) : cname_(std::move(cname)) {}

  struct Heard {
    bool valid = false;
    bool bye = false;  // of `remote_ssrc`
  };
  Heard receive(std::span<const std::uint8_t> compound, std::uint32_t own_ssrc,
                std::optional<std::uint32_t> remote_ssrc, Time now);

  struct Own {
    std::uint32_t ssrc = 0;
    std::optional<SenderInfo> sent;  // something since the last two reports (§6.4): SR instead of RR
    bool bye = false;
    std::optional<VoipMetrics> metrics;  // RTCP XR, when the peer asked for it
  };
  // Returns the size of the compound packet in `to`.
  std::size_t write(std::span<std::uint8_t> to, const Own& own, Reception* reception,
                    std::uint32_t remote_ssrc, Time now);
  void forget_peer();  // another source: its sender reports were another clock's

  [[nodiscard]] std::chrono::microseconds round_trip() const { return round_trip_; }
  [[nodiscard]] const std::optional<ReportBlock>& about_us() const { return about_us_; }
  // What the peer says that it has sent, and in its last extended report, how it hears us.
  [[nodiscard]] const std::optional<SenderInfo>& peer_sent() const { return peer_sent_; }
  [[nodiscard]] const std::optional<VoipMetrics>& metrics_about_us() const { return metrics_about_us_; }
  [[nodiscard]] double average_size() const { return average_size_; }
  [[nodiscard]] std::uint8_t own_fraction_lost() const { return own_fraction_lost_; }

 private:
  void note_report(const ReportBlock& block, Time now);
  std::string cname_;
  std::optional<std::uint32_t> last_sr_;
  Time last_sr_arrival_{};
  std::chrono::microseconds round_trip_{0};
  std::optional<ReportBlock> about_us_;
  std::optional<SenderInfo> peer_sent_;
  std::optional<VoipMetrics> metrics_about_us_;
  double average_size_ = 128;
  std::uint8_t own_fraction_lost_ = 0;
};

}  // namespace sidetone::rtp
