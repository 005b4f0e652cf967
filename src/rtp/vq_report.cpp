#include "rtp/vq_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sidetone::rtp {
namespace {

constexpr std::string_view line_end = "\r\n";

// §4.6.1, word: what its names, tags and ids may consist of. All came from configuration or from a peer.
bool is_word(char c) {
  const bool alphanum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanum || std::string_view("-.!%*_+`'~()<>:\\\"/[]?").find(c) != std::string_view::npos;
}

bool is_word_plus(char c) {
  return (is_word(c) && c != '"') || std::string_view("{}= ").find(c) != std::string_view::npos;
}

template <typename Allowed>
std::string only(std::string_view text, Allowed allowed, char instead) {
  std::string out(text);
  for (char& c : out)
    if (!allowed(c)) c = instead;
  return out;
}

// Call-ID-Parm: word [ "@" word ].
std::string call_id_text(std::string_view id) {
  const auto at = id.find('@');
  auto out = only(id.substr(0, at), is_word, '_');
  if (at != std::string_view::npos) out += '@' + only(id.substr(at + 1), is_word, '_');
  return out.empty() ? "-" : out;
}

// addr-spec in brackets; what would end the line or the brackets is gone.
std::string uri_text(std::string_view uri) {
  return '<' + only(uri, [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>'; }, '_') + '>';
}

std::string time_text(std::chrono::sys_seconds time) {  // RFC 3339, "Z" only
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// One "Name: A=1 B=2" line; without values there is none.
class Line {
 public:
  explicit Line(std::string_view name) : name_(name) {}

  void text(std::string_view key, std::string_view value) { add(fmt::format("{}={}", key, value)); }
  // Digits as the syntax has room for them.
  void whole(std::string_view key, std::optional<int> value, int most, int least = 0) {
    if (value) add(fmt::format("{}={}", key, std::clamp(*value, least, most)));
  }
  void percent(std::string_view key, std::optional<double> value) {
    if (value) add(fmt::format("{}={:.2f}", key, std::clamp(*value, 0.0, 100.0)));
  }
  void mos(std::string_view key, std::optional<double> value) {
    if (value) add(fmt::format("{}={:.1f}", key, std::clamp(*value, 0.0, 4.9)));
  }
  void rating(std::string_view key, std::optional<double> value) {
    if (value) whole(key, static_cast<int>(std::lround(*value)), 120);
  }
  void append_to(std::string& out) const {
    if (values_.empty()) return;
    out += fmt::format("{}: {}{}", name_, values_, line_end);
  }

 private:
  void add(const std::string& value) {
    if (!values_.empty()) values_ += ' ';
    values_ += value;
  }
  std::string_view name_;
  std::string values_;
};

void append_session(std::string& out, const VqMetrics& metrics) {
  if (!metrics.session) return;
  const auto& session = *metrics.session;
  Line line("SessionDesc");
  line.whole("PT", session.payload_type, 127);
  line.text("PD", only(session.codec, is_word, '_'));
  line.whole("SR", session.sample_rate_hz, 999999);
  line.whole("PPS", session.packets_per_second, 99999);
  line.whole("FD", session.frame_ms, 9999);
  line.whole("FPP", session.frames_per_packet, 99);
  if (!session.fmtp.empty()) line.text("FMTP", '"' + only(session.fmtp, is_word_plus, ' ') + '"');
  line.whole("PLC", metrics.concealment, 3);
  line.text("SSUP", session.leaves_out_silence ? "on" : "off");
  line.append_to(out);
}

void append_buffer(std::string& out, const VqMetrics& metrics) {
  if (!metrics.buffer_nominal) return;
  Line line("JitterBuffer");
  line.whole("JBA", metrics.buffer_adaptive, 3);
  line.whole("JBN", metrics.buffer_nominal, 65535);
  line.whole("JBM", metrics.buffer_maximum, 65535);
  line.whole("JBX", metrics.buffer_absolute_maximum, 65535);
  line.append_to(out);
}

void append_loss(std::string& out, const VqMetrics& metrics) {
  Line loss("PacketLoss");
  loss.percent("NLR", metrics.loss_rate);
  loss.percent("JDR", metrics.discard_rate);
  loss.append_to(out);
  if (!metrics.bursts) return;
  constexpr int hour_ms = 3'600'000;
  Line bursts("BurstGapLoss");
  bursts.percent("BLD", metrics.bursts->burst_density);
  bursts.whole("BD", metrics.bursts->burst_length, hour_ms);
  bursts.percent("GLD", metrics.bursts->gap_density);
  bursts.whole("GD", metrics.bursts->gap_length, hour_ms);
  bursts.whole("GMIN", metrics.bursts->gmin, 255, 1);
  bursts.append_to(out);
}

void append_delay(std::string& out, const VqMetrics& metrics) {
  Line line("Delay");
  line.whole("RTD", metrics.round_trip, 65535);
  line.whole("ESD", metrics.end_system, 65535);
  line.whole("SOWD", metrics.symmetric_one_way, 65535);
  line.whole("IAJ", metrics.jitter, 65535);
  line.append_to(out);
}

void append_signal(std::string& out, const VqMetrics& metrics) {
  Line line("Signal");
  line.whole("SL", metrics.signal_level, 99, -99);
  line.whole("NL", metrics.noise_level, 99, -99);
  line.whole("RERL", metrics.echo_return_loss, 999);
  line.append_to(out);
}

void append_estimates(std::string& out, const VqMetrics& metrics) {
  Line line("QualityEst");
  line.rating("RLQ", metrics.r_listening);
  line.rating("RCQ", metrics.r_conversation);
  line.mos("MOSLQ", metrics.mos_listening);
  line.mos("MOSCQ", metrics.mos_conversation);
  if (!metrics.algorithm.empty()) line.text("QoEEstAlg", only(metrics.algorithm, is_word, '_'));
  line.append_to(out);
}

void append_metrics(std::string& out, std::string_view name, const VqMetrics& metrics) {
  out += fmt::format("{}:{}", name, line_end);
  Line times("Timestamps");
  times.text("START", time_text(metrics.start));
  times.text("STOP", time_text(metrics.stop));
  times.append_to(out);
  append_session(out, metrics);
  append_buffer(out, metrics);
  append_loss(out, metrics);
  append_delay(out, metrics);
  append_signal(out, metrics);
  append_estimates(out, metrics);
}

std::string address_text(const Address& address, std::uint32_t ssrc) {
  return fmt::format("IP={} PORT={} SSRC=0x{:08x}", address.ip.to_string(), address.port, ssrc);
}

std::string_view to_string(VqReport::Alert::Severity severity) {
  switch (severity) {
    case VqReport::Alert::Severity::warning: return "Warning";
    case VqReport::Alert::Severity::critical: return "Critical";
    case VqReport::Alert::Severity::clear: return "Clear";
  }
  return "Warning";
}

std::string first_line(const VqReport& report) {
  if (report.kind == VqReport::Kind::alert)
    return fmt::format("VQAlertReport: Type={} Severity={} Dir={}", only(report.alert.metric, is_word, '_'),
                       to_string(report.alert.severity), report.alert.remote ? "remote" : "local");
  const bool interval = report.kind == VqReport::Kind::interval;
  const bool over = !interval || report.call_is_over;
  return fmt::format("{}{}", interval ? "VQIntervalReport" : "VQSessionReport", over ? ": CallTerm" : "");
}

std::string group_text(const std::string& group) {
  return group.empty() ? "-" : only(group, is_word_plus, '_');
}

}  // namespace

// The empty lines that §4.6.1 has between its parts by two CRLF in a row are in none of the RFC's examples
// (§4.7), and not here: docs/decisions/0017.
std::string write_vq_report(const VqReport& report) {
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}{}", name, value, line_end);
  };
  out += first_line(report);
  out += line_end;
  line("CallID", call_id_text(report.call_id));
  line("LocalID", uri_text(report.local_uri));
  line("RemoteID", uri_text(report.remote_uri));
  line("OrigID", uri_text(report.caller_uri));
  line("LocalAddr", address_text(report.local, report.local_ssrc));
  line("RemoteAddr", address_text(report.remote, report.remote_ssrc));
  line("LocalGroup", group_text(report.local_group));
  line("RemoteGroup", group_text(report.remote_group));
  append_metrics(out, "LocalMetrics", report.local_metrics);
  if (report.remote_metrics) append_metrics(out, "RemoteMetrics", *report.remote_metrics);
  out += "DialogID: " + call_id_text(report.call_id);
  if (!report.to_tag.empty()) out += ";to-tag=" + only(report.to_tag, is_word, '_');
  if (!report.from_tag.empty()) out += ";from-tag=" + only(report.from_tag, is_word, '_');
  out += line_end;
  return out;
}

}  // namespace sidetone::rtp
