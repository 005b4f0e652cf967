// Options of a DN, by the names that SIP Server's administrators know, and how they are read from text:
//
//   parse_dn_option("7001:refer-enabled=true")  ->  {"7001", "refer-enabled", "true"}
//   set(options, "refer-enabled", "true")
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace sidetone::lab {

// sip-cti-control: what a phone does when it is told to by NOTIFY.
struct CtiControl {
  bool talk = true, hold = true, dtmf = true, beep = false;
  friend bool operator==(const CtiControl&, const CtiControl&) = default;
};

struct DnOptions {
  CtiControl sip_cti_control;
  bool dual_dialog_enabled = true;             // a consult call has a dialog of its own
  int make_call_rfc3725_flow = 2;              // 1: the caller's 200 waits for the callee's
  bool refer_enabled = false;                  // MakeCall and SingleStepTransfer by REFER
  bool ring_tone_on_make_call = true;          // the caller hears the media server's ring-back (flow 2)
  std::string make_call_alert_info;            // Alert-Info of an INVITE that is to originate a call
  bool use_register_for_service_state = true;  // in and out of service follow REGISTER
  bool transfer_complete_by_refer = false;     // CompleteTransfer by REFER with Replaces
  bool reinvite_requires_hold = false;         // silence before a re-INVITE to another peer

  friend bool operator==(const DnOptions&, const DnOptions&) = default;
};

struct DnOptionText {
  std::string dn, name, value;
};

// "DN:name=value"; an empty DN means all DNs.
[[nodiscard]] Expected<DnOptionText> parse_dn_option(std::string_view text);
// The error names the option and what it takes.
[[nodiscard]] Expected<void> set(DnOptions& options, std::string_view name, std::string_view value);
// All names, for help texts.
[[nodiscard]] std::vector<std::string_view> dn_option_names();

}  // namespace sidetone::lab
