#include <array>
#include <utility>

#include "base/text.h"
#include "tlib/event.h"
#include "tlib/request.h"

namespace sidetone::lab::tlib {
namespace {

using namespace std::string_view_literals;

constexpr std::array request_names = {
    std::pair{RequestName::make_call, "MakeCall"sv},
    std::pair{RequestName::answer_call, "AnswerCall"sv},
    std::pair{RequestName::release_call, "ReleaseCall"sv},
    std::pair{RequestName::hold_call, "HoldCall"sv},
    std::pair{RequestName::retrieve_call, "RetrieveCall"sv},
    std::pair{RequestName::single_step_transfer, "SingleStepTransfer"sv},
    std::pair{RequestName::initiate_transfer, "InitiateTransfer"sv},
    std::pair{RequestName::complete_transfer, "CompleteTransfer"sv},
    std::pair{RequestName::initiate_conference, "InitiateConference"sv},
    std::pair{RequestName::complete_conference, "CompleteConference"sv},
    std::pair{RequestName::reconnect_call, "ReconnectCall"sv},
    std::pair{RequestName::alternate_call, "AlternateCall"sv},
    std::pair{RequestName::send_dtmf, "SendDtmf"sv},
    std::pair{RequestName::redirect_call, "RedirectCall"sv},
    std::pair{RequestName::clear_call, "ClearCall"sv},
};

constexpr std::array event_names = {
    "EventDialing"sv,         "EventRinging"sv,      "EventOffHook"sv,
    "EventOnHook"sv,          "EventEstablished"sv,  "EventHeld"sv,
    "EventRetrieved"sv,       "EventReleased"sv,     "EventAbandoned"sv,
    "EventDestinationBusy"sv, "EventPartyChanged"sv, "EventPartyAdded"sv,
    "EventPartyDeleted"sv,    "EventDtmfSent"sv,     "EventDNBackInService"sv,
    "EventDNOutOfService"sv,  "EventError"sv,
};
static_assert(event_names.size() == static_cast<std::size_t>(EventName::error) + 1);

// Letters and digits only, lower case.
std::string squeezed(std::string_view text) {
  std::string letters;
  for (const char c : text)
    if (c != '-' && c != '_' && c != ' ') letters += ascii_lower(c);
  return letters;
}

}  // namespace

std::string_view name_of(RequestName name) {
  for (const auto& [value, text] : request_names)
    if (value == name) return text;
  return {};
}

std::optional<RequestName> request_named(std::string_view text) {
  const std::string wanted = squeezed(text);
  for (const auto& [value, name] : request_names) {
    const std::string known = squeezed(name);
    if (wanted == known || wanted == "t" + known || wanted == "request" + known) return value;
  }
  return std::nullopt;
}

std::string_view name_of(EventName name) { return event_names.at(static_cast<std::size_t>(name)); }

std::string_view name_of(CallType type) {
  switch (type) {
    case CallType::unknown: return "unknown";
    case CallType::internal: return "internal";
    case CallType::inbound: return "inbound";
    case CallType::outbound: return "outbound";
    case CallType::consult: return "consult";
  }
  return {};
}

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::none: return "none";
    case ErrorCode::bad_request: return "bad_request";
    case ErrorCode::unknown_dn: return "unknown_dn";
    case ErrorCode::dn_out_of_service: return "dn_out_of_service";
    case ErrorCode::unknown_call: return "unknown_call";
    case ErrorCode::wrong_state: return "wrong_state";
    case ErrorCode::ambiguous: return "ambiguous";
    case ErrorCode::not_supported: return "not_supported";
    case ErrorCode::busy: return "busy";
    case ErrorCode::destination_failed: return "destination_failed";
    case ErrorCode::phone_failed: return "phone_failed";
    case ErrorCode::mixer_failed: return "mixer_failed";
  }
  return {};
}

std::string brief(const Event& event) {
  const auto dn = [](const std::string& text) { return text.empty() ? "-"sv : std::string_view(text); };
  std::string text(name_of(event.name));
  text.append(" (").append(dn(event.this_dn)).append(",").append(dn(event.other_dn)).append(")");
  return text;
}

}  // namespace sidetone::lab::tlib
