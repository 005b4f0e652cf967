#include "connector/json_names.h"

namespace sidetone::connector {

std::string_view name_of(LineState state) {
  switch (state) {
    case LineState::disabled: return "disabled";
    case LineState::registering: return "registering";
    case LineState::ready: return "ready";
    case LineState::failed: return "failed";
    case LineState::unregistering: return "unregistering";
  }
  return "";
}

std::string_view name_of(CallState state) {
  switch (state) {
    case CallState::dialing: return "dialing";
    case CallState::ringing: return "ringing";
    case CallState::early: return "early";
    case CallState::connecting: return "connecting";
    case CallState::connected: return "connected";
    case CallState::ended: return "ended";
  }
  return "";
}

std::string_view name_of(CallDirection direction) {
  return direction == CallDirection::incoming ? "incoming" : "outgoing";
}

std::string_view name_of(EndReason reason) {
  switch (reason) {
    case EndReason::none: return "none";
    case EndReason::hung_up_here: return "hung_up_here";
    case EndReason::hung_up_there: return "hung_up_there";
    case EndReason::cancelled_there: return "cancelled_there";
    case EndReason::rejected_here: return "rejected_here";
    case EndReason::refused: return "refused";
    case EndReason::no_answer: return "no_answer";
    case EndReason::network_failure: return "network_failure";
    case EndReason::shut_down: return "shut_down";
    case EndReason::transferred: return "transferred";
  }
  return "";
}

std::string_view name_of(DtmfMethod method) {
  switch (method) {
    case DtmfMethod::rfc2833: return "rfc2833";
    case DtmfMethod::info: return "info";
    case DtmfMethod::inband_rtp: return "inband_rtp";
  }
  return "";
}

std::string_view name_of(OptionApplies applies) {
  switch (applies) {
    case OptionApplies::now: return "now";
    case OptionApplies::next_call: return "next_call";
    case OptionApplies::next_registration: return "next_registration";
    case OptionApplies::restart: return "restart";
  }
  return "";
}

std::string_view name_of(TransferState state) {
  switch (state) {
    case TransferState::asked: return "asked";
    case TransferState::trying: return "trying";
    case TransferState::ringing: return "ringing";
    case TransferState::succeeded: return "succeeded";
    case TransferState::failed: return "failed";
  }
  return "";
}

std::string_view name_of(Tone tone) {
  switch (tone) {
    case Tone::none: return "none";
    case Tone::ringing: return "ringing";
    case Tone::call_waiting: return "call_waiting";
    case Tone::ringback: return "ringback";
  }
  return "";
}

std::string_view name_of(QualityReport::Kind kind) {
  switch (kind) {
    case QualityReport::Kind::session: return "session";
    case QualityReport::Kind::interval: return "interval";
    case QualityReport::Kind::alert: return "alert";
  }
  return "";
}

}  // namespace sidetone::connector
