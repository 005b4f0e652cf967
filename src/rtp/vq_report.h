// Voice quality reports (RFC 6035) as values, and as the text of application/vq-rtcpxr. What has no value is
// left out: the syntax has no "unknown" (§4.6).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"

namespace sidetone::rtp {

// LocalMetrics or RemoteMetrics (§4.6.1). Times in ms, rates and densities in percent, levels in dBm0.
struct VqMetrics {
  std::chrono::sys_seconds start{}, stop{};  // UTC
  struct Session {
    int payload_type = 0;
    std::string codec;  // the media subtype, "PCMU"
    int sample_rate_hz = 8000;
    std::optional<int> packets_per_second, frame_ms, frames_per_packet;
    std::string fmtp;
    bool leaves_out_silence = false;
  };
  std::optional<Session> session;
  int concealment = 0, buffer_adaptive = 0;  // as RFC 3611 §4.7.6 numbers them; 0: unknown
  std::optional<int> buffer_nominal, buffer_maximum, buffer_absolute_maximum;
  std::optional<double> loss_rate, discard_rate;
  struct Bursts {
    double burst_density = 0, gap_density = 0;
    int burst_length = 0, gap_length = 0, gmin = 16;
  };
  std::optional<Bursts> bursts;
  std::optional<int> round_trip, end_system, symmetric_one_way, jitter;
  std::optional<int> signal_level, noise_level, echo_return_loss;
  std::optional<double> r_listening, r_conversation, mos_listening, mos_conversation;
  std::string algorithm;  // of the estimates, "G.107"
};

struct VqReport {
  enum class Kind { session, interval, alert } kind = Kind::session;
  bool call_is_over = false;  // "CallTerm"; a session report's always is
  struct Alert {
    std::string metric = "MOSCQ";  // one of MetricType
    enum class Severity { warning, critical, clear } severity = Severity::warning;
    bool remote = false;
  } alert;
  std::string call_id, to_tag, from_tag;  // of the dialog; tags may be empty
  std::string local_uri, remote_uri, caller_uri;
  std::string local_group, remote_group;
  Address local, remote;
  std::uint32_t local_ssrc = 0, remote_ssrc = 0;
  VqMetrics local_metrics;
  std::optional<VqMetrics> remote_metrics;
};

[[nodiscard]] std::string write_vq_report(const VqReport& report);

}  // namespace sidetone::rtp
