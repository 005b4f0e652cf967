// What the server tells its clients, in T-Library's words. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sidetone::lab::tlib {

enum class EventName : std::uint8_t {
  dialing,
  ringing,
  off_hook,
  on_hook,
  established,
  held,
  retrieved,
  released,
  abandoned,         // the caller left while this_dn rang
  destination_busy,  // the callee refused
  party_changed,     // other_dn is now the far end of this_dn's call (transfer)
  party_added,       // to a conference
  party_deleted,     // from a conference
  dtmf_sent,
  dn_in_service,
  dn_out_of_service,
  error,  // a request failed: error_code, text
};

enum class CallType : std::uint8_t { unknown, internal, inbound, outbound, consult };

// Why a request failed. The numbers are ours; T-Library's own are not public.
enum class ErrorCode : std::uint16_t {
  none = 0,
  bad_request = 40,         // a field is missing, or no value of its kind
  unknown_dn = 41,          // not configured, not registered
  dn_out_of_service = 42,   // configured, but not there
  unknown_call = 43,        // no such conn_id, or this_dn is no party of it
  wrong_state = 44,         // the call, or the party, is not in a state for it
  ambiguous = 45,           // several calls could be meant: name the conn_id
  not_supported = 46,       // the DN's options do not allow it (sip-cti-control)
  busy = 47,                // another request for this call is under way
  destination_failed = 48,  // the destination refused: `status`
  phone_failed = 49,        // the phone refused or did not answer what the request needed: `status`
  mixer_failed = 50,        // the media server did: rolled back
};

struct Event {
  EventName name = EventName::error;
  Time time;
  std::string this_dn, other_dn;
  std::string conn_id, previous_conn_id;
  CallType call_type = CallType::unknown;
  std::uint64_t reference_id = 0;  // of the request that caused it; 0: none
  std::string call_uuid;           // X-Genesys-CallUUID
  int status = 0;                  // SIP status, where one is the reason
  std::string digits;              // dtmf_sent
  ErrorCode error_code = ErrorCode::none;
  std::string text;  // of an error: one sentence
};

// "EventDialing", "EventPartyChanged", "EventError" ...
[[nodiscard]] std::string_view name_of(EventName name);
[[nodiscard]] std::string_view name_of(CallType type);
[[nodiscard]] std::string_view name_of(ErrorCode code);

// As the seed's diagrams write it: "EventReleased (7402,7401)"; "-" for an empty DN.
[[nodiscard]] std::string brief(const Event& event);

}  // namespace sidetone::lab::tlib
