/// @file types.h
/// Values that commands, events and snapshots share. Plain data: copy them, compare them, keep them; none
/// refers back into the engine. No SIP type is among them.
///
/// @code
/// std::unordered_map<sidetone::CallId, Row> rows;                  // ids hash and compare, and never come
/// again sidetone::LineId backup{1};                                      // the second Connectivity element
/// @endcode
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace sidetone {

/// A call as its user sees it: one leg. Never reused while the process lives; 0 is "none".
struct CallId {
  std::uint64_t value = 0;
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const CallId&) const = default;
};

/// A line: one account at one server, 0 to 5, in the order of the configuration's Connectivity elements.
struct LineId {
  std::uint8_t index = 0;
  auto operator<=>(const LineId&) const = default;
};

/// Most lines that one endpoint has (Connectivity elements).
inline constexpr std::size_t lines_max = 6;

/// Registration of a line. Names as in the vendor-compatible status display.
enum class LineState : std::uint8_t {
  disabled,       ///< no registration wanted (reg_timeout 0) or not started
  registering,    ///< REGISTER is on its way
  ready,          ///< registered: calls can come in
  failed,         ///< refused or unreachable; tried again after reg_interval
  unregistering,  ///< shutting down
};

enum class CallDirection : std::uint8_t { incoming, outgoing };

enum class CallState : std::uint8_t {
  dialing,     ///< outgoing, nothing heard yet
  ringing,     ///< incoming and not answered, or outgoing and the far end rings
  early,       ///< outgoing with early media (an announcement, ring-back from the network)
  connecting,  ///< answered by us; the caller's ACK has not come yet
  connected,   ///< speech flows, unless held
  ended,       ///< over; `end_reason` tells why
};

/// Why a call ended, in the words that a window would show.
enum class EndReason : std::uint8_t {
  none,
  hung_up_here,
  hung_up_there,
  cancelled_there,  ///< the caller gave up before we answered
  rejected_here,
  refused,          ///< 4xx-6xx: busy, not found, declined; see status
  no_answer,        ///< nothing came back in time
  network_failure,  ///< transport error, or media was silent too long
  shut_down,
  transferred,  ///< another call took its place: by Transfer, CompleteTransfer, or a REFER to us
};

/// How a transfer of ours goes.
enum class TransferState : std::uint8_t {
  asked,      ///< the far end has been asked, and has not said yes or no
  trying,     ///< it does what it was asked
  ringing,    ///< the one whom it calls rings
  succeeded,  ///< they talk; our calls end
  failed,     ///< our calls go on
};

/// What an endpoint sounds to its own user.
enum class Tone : std::uint8_t {
  none,
  ringing,       ///< an incoming call rings (ringing_enabled)
  call_waiting,  ///< ... while another call is active
  ringback,      ///< the far end of an outgoing call rings (ringback_enabled)
};

/// When a changed option acts.
enum class OptionApplies : std::uint8_t {
  now,
  next_call,          ///< calls that are alive go on as they began
  next_registration,  ///< the line registers anew at once
  restart,            ///< when the endpoint is made anew
};

/// An option of the configuration by its path, "policy.session.auto_answer" or "user:0", and its text.
struct OptionValue {
  std::string path, value;
};

/// How digits are sent (option policy.session.dtmf_method).
enum class DtmfMethod : std::uint8_t { rfc2833, info, inband_rtp };

/// Something that went wrong, as a person should read it: layer, code, text and what to do.
struct Problem {
  std::string layer;   ///< "sip", "net", "device" ...
  std::string code;    ///< "busy", "unreachable" ...
  std::string text;    ///< one sentence
  std::string remedy;  ///< one sentence, may be empty
};

}  // namespace sidetone

template <>
struct std::hash<sidetone::CallId> {
  std::size_t operator()(sidetone::CallId id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
