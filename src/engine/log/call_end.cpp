#include "engine/log/call_end.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log_format.h"

namespace sidetone::engine {
namespace {

using Ms = std::chrono::duration<double, std::milli>;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double ms(std::chrono::microseconds duration) { return Ms(duration).count(); }
double frames_s(std::uint64_t frames_of_10_ms) { return static_cast<double>(frames_of_10_ms) / 100; }

std::string_view words(EndReason reason) {
  switch (reason) {
    case EndReason::none: return "none";
    case EndReason::hung_up_here: return "hung up here";
    case EndReason::hung_up_there: return "hung up there";
    case EndReason::cancelled_there: return "cancelled by the caller";
    case EndReason::rejected_here: return "rejected here";
    case EndReason::refused: return "refused";
    case EndReason::no_answer: return "no answer";
    case EndReason::network_failure: return "network failure";
    case EndReason::shut_down: return "shut down";
    case EndReason::transferred: return "transferred";
  }
  return "?";
}

void append_durations(std::string& out, const CallTimes& times, const CallStatistics& statistics) {
  const Time answered = times.answered.value_or(times.ended);
  out += fmt::format("\n  durations: ring {:.3f} s, talk {:.3f} s, total {:.3f} s",
                     seconds(answered - times.begun), seconds(times.ended - answered),
                     seconds(times.ended - times.begun));
  if (const auto& buffer = statistics.jitter_buffer)
    out += fmt::format(", plc {:.2f} s, dead {:.2f} s", frames_s(buffer->frames_concealed),
                       frames_s(buffer->frames_silent));
}

void append(std::string& out, const LocalStatistics& local) {
  const auto expected = static_cast<double>(local.packets_received) + static_cast<double>(local.packets_lost);
  const double percent = expected > 0 ? 100 * static_cast<double>(local.packets_lost) / expected : 0;
  out += fmt::format("\n  sent: {} packets, {} bytes", local.packets_sent, local.bytes_sent);
  out += fmt::format("\n  received: {} packets, {} bytes, lost {} ({:.2f} %), jitter {:.1f} ms",
                     local.packets_received, local.bytes_received, local.packets_lost, percent,
                     ms(local.jitter));
  out += fmt::format("\n  faults: late {}, duplicate {}, repaired {}, foreign {}, SRTP refused {}",
                     local.packets_discarded, local.packets_duplicated, local.packets_repaired,
                     local.packets_foreign, local.srtp_discarded);
}

void append(std::string& out, const JitterBufferStatistics& buffer) {
  out += fmt::format(
      "\n  decoded 10 ms frames: normal {}, plc {}, cng {}, silence {}; last packet {} ms before the end",
      buffer.frames_normal, buffer.frames_concealed, buffer.frames_noise, buffer.frames_silent,
      std::max<std::int64_t>(buffer.last_packet_ago.count(), 0));
  out += fmt::format("\n  jitter buffer: delay {:.0f} ms, wanted {:.0f} ms", ms(buffer.delay),
                     ms(buffer.target));
}

void append(std::string& out, const VoiceStatistics& voice) {
  out += fmt::format("\n  voice: in {:.2f} s, microphone {:.2f} s", frames_s(voice.frames_active_in),
                     frames_s(voice.frames_active_out));
  if (voice.signal_level) out += fmt::format(", signal {} dBm0", *voice.signal_level);
  if (voice.noise_level) out += fmt::format(", noise {} dBm0", *voice.noise_level);
}

}  // namespace

std::string_view words(CallDirection direction) {
  return direction == CallDirection::incoming ? "incoming from" : "outgoing to";
}

std::string call_end_text(const CallEnded& ended, const CallTimes& times) {
  const auto& call = ended.call;
  const auto& s = ended.statistics;
  auto out = fmt::format("call ended: {} {}, {}, status {}", words(call.direction),
                         on_one_line(call.remote_uri), words(call.end_reason), call.status);
  if (call.q850_cause != 0) out += fmt::format(", Q.850 cause {}", call.q850_cause);
  if (!call.end_text.empty()) out += fmt::format(", \"{}\"", on_one_line(call.end_text));
  if (!call.call_uuid.empty()) out += fmt::format(", UUID {}", on_one_line(call.call_uuid));
  append_durations(out, times, s);
  if (s.codec) out += fmt::format("\n  codec: {} (payload type {})", s.codec->name, s.codec->payload_type);
  if (s.local)
    out += fmt::format("\n  secured by: {}", call.srtp_suite.empty() ? "nothing" : call.srtp_suite);
  if (s.local) append(out, *s.local);
  if (s.jitter_buffer) append(out, *s.jitter_buffer);
  if (const auto& heard = s.remote_receiver)
    out += fmt::format(
        "\n  the far end heard: lost {} ({:.2f} % lately), jitter {:.1f} ms, round trip {:.1f} ms",
        heard->packets_lost, 100 * heard->fraction_lost, ms(heard->jitter), ms(heard->round_trip));
  if (const auto& said = s.remote_sender)
    out += fmt::format("\n  the far end sent: {} packets, {} bytes", said->packets, said->bytes);
  if (s.local)
    out += fmt::format("\n  MOS: interval {:.2f}, total {:.2f}, listening {:.2f}, R {:.1f}", s.mos.interval,
                       s.mos.whole, s.mos.listening, s.mos.r_factor);
  if (s.voice) append(out, *s.voice);
  return out;
}

}  // namespace sidetone::engine
