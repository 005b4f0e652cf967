/// @file events.h
/// What an endpoint tells. Events are values; they come in order, on the thread that polls them.
///
/// @code
/// while (auto event = endpoint.poll_event()) {
///   if (auto* added = std::get_if<sidetone::CallAdded>(&*event))
///     if (added->call.direction == sidetone::CallDirection::incoming) ring(added->call.remote_number);
///   if (auto* ended = std::get_if<sidetone::CallEnded>(&*event)) log(ended->call.quality.mos);
/// }
/// @endcode
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "sidetone/snapshot.h"
#include "sidetone/types.h"

namespace sidetone {

/// The engine runs; `engine` is its start id, part of every id outside the process ("c-<engine>-7").
struct Started {
  std::string engine;
};
struct LineChanged {
  LineSnapshot line;
};
/// A new call, in either direction.
struct CallAdded {
  CallSnapshot call;
};
/// Anything in the snapshot changed, quality apart.
struct CallChanged {
  CallSnapshot call;
};
/// The last event of a call, with final quality and figures.
struct CallEnded {
  CallSnapshot call;
  CallStatistics statistics;
};
/// A digit has come, and is over. Each key is told once, also when the far end sends it in two ways.
struct DtmfReceived {
  CallId call;
  char digit = 0;  ///< 0-9 * # A-D
  std::chrono::milliseconds duration{0};
  DtmfMethod method = DtmfMethod::rfc2833;  ///< inband_rtp: heard in the sound
};
/// All digits of a SendDtmf left, by this method: that of dtmf_method where the call can do it, else the next
/// of Rfc2833, Info and InbandRtp. Where the far end refuses a method on the way, there is one event for each
/// part.
struct DtmfSent {
  CallId call;
  std::string digits;
  DtmfMethod method = DtmfMethod::rfc2833;
};
/// A PlayFile has come to its end.
struct FilePlayed {
  CallId call;
};
/// First RTP packet of a call arrived.
struct MediaStarted {
  CallId call;
};
/// About once in five seconds per active call.
struct QualityChanged {
  CallId call;
  CallQuality quality;
  CallStatistics statistics;
};
/// The MOS of the last five seconds fell below policy.endpoint.vq_alarm_threshold (`on`), or has been clearly
/// above it for two such intervals. A call that ends with its alarm on ends it without a further event.
struct QualityAlarm {
  CallId call;
  bool on = false;
  double mos = 0;  ///< of that interval
  double threshold = 0;
};
/// A voice quality report (RFC 6035), as its collector wants it: at the end of every call that had media,
/// when a QualityAlarm goes on or off, and with policy.endpoint.vq_report_publish=1 once a minute as well.
struct QualityReport {
  enum class Kind : std::uint8_t { session, interval, alert } kind = Kind::session;
  CallId call;
  std::string body;  ///< application/vq-rtcpxr
};
/// What becomes of a Transfer or CompleteTransfer. `succeeded` and `failed` are its last, and may come when
/// the call is over already.
struct TransferChanged {
  CallId call;
  TransferState state = TransferState::asked;
  int status = 0;    ///< the SIP status that the far end told, 0: none
  std::string text;  ///< ... in words, may be empty
};
struct CommandFailed {
  std::string command;
  CallId call;
  Problem problem;
};
/// A line is at another address now: its registrar saw it there, or an interface came or went. It registers
/// anew by itself.
struct NetworkChanged {
  LineId line;
  std::string address;  ///< "192.0.2.7:5060"
};
/// A device came or went, or calls use another one now.
/// The configuration is another one now: its file was read again, or options were set. What was wrong with it
/// comes as CommandFailed{"reload"} or {"set_options"} instead, and then nothing has changed.
struct ConfigurationChanged {
  struct Change {
    std::string path;
    OptionApplies applies = OptionApplies::now;
  };
  std::vector<Change> changes;        ///< what is written differently; none: it says the same as before
  std::vector<std::string> warnings;  ///< what is odd and does not stand in the way
};
struct DevicesChanged {
  DevicesSnapshot devices;
};
/// A ringtone, call-waiting tone or ring-back begins or ends.
struct TonesChanged {
  TonesSnapshot tones;
};
/// Something that needs attention but ends nothing: a missing device, a refused message, a file.
struct Warning {
  Problem problem;
};
/// Everything is over; nothing follows.
struct Stopped {};

using Event = std::variant<Started, LineChanged, CallAdded, CallChanged, CallEnded, DtmfReceived, DtmfSent,
                           MediaStarted, QualityChanged, QualityAlarm, QualityReport, TransferChanged,
                           CommandFailed, FilePlayed, NetworkChanged, ConfigurationChanged, DevicesChanged,
                           TonesChanged, Warning, Stopped>;

}  // namespace sidetone
