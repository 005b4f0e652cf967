// What this user agent can do, said in one place: Supported, the 420 check, Allow and Accept
// all come from these lists (Allow-Events from the settings) (RFC 3261 §8.2.1 to §8.2.3, §11.2, §19.2, §20.5,
// §20.37).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "sip/message/header_id.h"

namespace sidetone::sip {

struct OptionTag {
  std::string_view name;
  bool in_dialogs;        // goes into Supported of INVITE, its responses, UPDATE, OPTIONS ...
  bool in_registrations;  // ... of REGISTER
};

// A tag stands here once its extension is wholly obeyed: a peer may Require any of them.
inline constexpr OptionTag option_tags[] = {
    {"100rel", true, false},      // RFC 3262
    {"timer", true, false},       // RFC 4028
    {"replaces", true, false},    // RFC 3891
    {"norefersub", true, false},  // RFC 4488
    {"tdialog", true, false},     // RFC 4538
    {"path", false, true},        // RFC 3327 §5.1: the way back may be recorded
};

// What a request may carry in Require without a 420 (§8.2.2.3).
[[nodiscard]] constexpr bool is_supported_option(std::string_view tag) {
  for (const auto& known : option_tags)
    if (iequals(known.name, tag)) return true;
  return false;
}

enum class SupportedIn { dialogs, registrations };
// The value of a Supported header; `without`, when not empty, is left out.
[[nodiscard]] inline std::string supported_value(SupportedIn where, std::string_view without = {}) {
  std::string value;
  for (const auto& tag : option_tags) {
    if (where == SupportedIn::dialogs ? !tag.in_dialogs : !tag.in_registrations) continue;
    if (iequals(tag.name, without)) continue;
    if (!value.empty()) value += ", ";
    value += tag.name;
  }
  return value;
}

// What the stack deals with itself; Allow adds the methods that its user takes (StackSettings::user_methods).
inline constexpr std::string_view own_methods = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE";
// Bodies that mean something here.
inline constexpr std::string_view accepted_types = "application/sdp";

}  // namespace sidetone::sip
